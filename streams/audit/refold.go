package audit

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
)

// foldedEvery is how many records are folded between two reports of progress.
const foldedEvery = 4096

// refoldRawEvents folds the raw events of the partition from their beginning to the last that a lineage goes back to,
// and holds the match events and feature records of the log against what comes of it.
func (ls *lineages) refoldRawEvents(ctx context.Context) error {
	causes, last := ls.causesByOffset()
	if len(causes) == 0 {
		return nil
	}
	topic := ls.x.normalize.Input
	partitions, err := ls.x.partitions(ctx)
	if err != nil {
		return err
	}
	chain := streams.Chain{ls.x.normalize, ls.x.features}.OnPartitions(int32(len(partitions)))
	memory := streams.NewMemory(chain)
	begins, err := kafkalog.Scan(ctx, ls.x.cfg.Client, topic, ls.partition, 0, 0, nil)
	if err != nil {
		return err
	}
	if begins.Start > 0 {
		ls.unfoldable(causes, begins)
		return nil
	}
	var folded int64
	_, err = kafkalog.Scan(ctx, ls.x.cfg.Client, topic, ls.partition, 0, last+1, func(r *kgo.Record) error {
		if folded++; folded%foldedEvery == 0 {
			ls.x.cfg.Progress(ls.partition, r.Offset, last+1)
		}
		results, err := memory.Fold(ctx, ls.x.serde, r)
		if err != nil {
			return err
		}
		for _, l := range causes[r.Offset] {
			if err := l.compareResults(results); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// causesByOffset returns the lineages that reach a raw event, by its offset, and the greatest offset.
func (ls *lineages) causesByOffset() (causes map[int64][]*lineage, last int64) {
	causes = map[int64][]*lineage{}
	for _, l := range ls.all {
		if h := l.hopOf(factRaw); h != nil && h.Verdict == "" {
			causes[h.Offset] = append(causes[h.Offset], l)
			last = max(last, h.Offset)
		}
	}
	return causes, last
}

// unfoldable says that the state of the stages can't be made again.
func (ls *lineages) unfoldable(causes map[int64][]*lineage, begins kafkalog.Span) {
	topic := ls.x.normalize.Input
	for _, all := range causes {
		for _, l := range all {
			l.hopOf(factFeatures).setUnderivable(fmt.Sprintf("%s/%d begins at offset %d: the %d offsets before it "+
				"are gone, and with them the state that the stages had",
				topic, ls.partition, begins.Start, begins.Start))
		}
	}
}

// compareResults holds the lineage's match event and feature record against what its raw event gives.
func (l *lineage) compareResults(results []streams.Result) error {
	event, features := l.hopOf(factEvent), l.hopOf(factFeatures)
	for _, result := range results {
		var err error
		switch fact := result.Output.(type) {
		case *football.MatchEvent:
			if fact.Match == l.event.fact.Match && fact.Sequence == l.event.fact.Sequence {
				err = judgeHop(event, wire.MatchEvent, l.event.record, l.event.fact, fact)
			}
		case *football.MatchFeatures:
			if fact.Match == l.features.fact.Match && fact.Sequence == l.features.fact.Sequence {
				err = judgeHop(features, wire.MatchFeatures, l.features.record, l.features.fact, fact)
			}
		default: // refusals and drops are no hops
		}
		if err != nil {
			return err
		}
	}
	for _, h := range []*Hop{event, features} {
		if h.Verdict == "" {
			h.Verdict, h.Reason = Differs, fmt.Sprintf("the raw event gives no such %s when it is folded again", h.Fact)
		}
	}
	return nil
}
