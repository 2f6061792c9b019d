package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
)

// lineage is a prediction with the records that it came from, as far as they have been found.
type lineage struct {
	explanation *Explanation

	prediction found[football.Prediction]
	features   found[football.MatchFeatures]
	event      found[football.MatchEvent]

	cause streams.Cause // of the record that was found last
}

// found is a record of the log and what it says.
type found[T any] struct {
	record *kgo.Record
	fact   *T
}

// appendHop appends the next record back; nil where there is none to show.
func (l *lineage) appendHop(fact, topic string, partition int32, r *kgo.Record) *Hop {
	h := &Hop{Fact: fact, Topic: topic, Partition: partition, Offset: -1}
	if r != nil {
		h.Offset, h.Written = r.Offset, r.Timestamp
	}
	l.explanation.Hops = append(l.explanation.Hops, h)
	return h
}

// isOpen reports whether the lineage can be followed further back.
func (l *lineage) isOpen() bool { return l.cause != streams.Cause{} }

// hopOf returns the hop of a fact.
func (l *lineage) hopOf(fact string) *Hop {
	for _, h := range l.explanation.Hops {
		if h.Fact == fact {
			return h
		}
	}
	return nil
}

// The facts of a lineage.
const (
	factPrediction = "prediction"
	factFeatures   = "feature record"
	factEvent      = "match event"
	factRaw        = "raw event"
)

// beginLineage begins the lineage of a prediction. An error means that the registry could not be asked.
func (x *Explainer) beginLineage(ctx context.Context, r *kgo.Record) (*lineage, error) {
	l := &lineage{explanation: &Explanation{ID: kafkalog.Address(r.Topic, r.Partition, r.Offset)}}
	h := l.appendHop(factPrediction, r.Topic, r.Partition, r)
	p, err := streams.DecodeRecord(ctx, x.serde, wire.Prediction, r)
	if undecodable := (*wire.UndecodableError)(nil); errors.As(err, &undecodable) {
		h.setUnderivable("the prediction can't be read: " + undecodable.Error())
		return l, nil
	}
	if err != nil {
		return nil, err
	}
	l.prediction, l.explanation.ID = found[football.Prediction]{r, p}, p.ID()
	h.Says = fmt.Sprintf("%s v%d: home %.4f draw %.4f away %.4f, at %s after %s", p.Model.ID, p.Model.Version,
		p.Outcome.Home, p.Outcome.Draw, p.Outcome.Away, p.At, p.Trigger)
	if p.StageVersion != int32(x.predict.Version) {
		h.setUnderivable(fmt.Sprintf("it was made by version %d of predict, this program has version %d",
			p.StageVersion, x.predict.Version))
	}
	l.takeCause(h, r)
	return l, nil
}

// takeCause takes the cause of a record that was found.
func (l *lineage) takeCause(h *Hop, r *kgo.Record) {
	var ok bool
	if l.cause, ok = streams.CauseOf(r); !ok && h.Verdict == "" {
		h.setUnderivable(fmt.Sprintf("%s has no header %q that could be read: the line did not write it",
			kafkalog.Address(r.Topic, r.Partition, r.Offset), wire.HeaderCause))
	}
}

// otherModel says in what the model that made the prediction was another one than this program has as of that position
// of football.models; "" when it was not.
func (x *Explainer) otherModel(p *football.Prediction, position int64) string {
	other := fmt.Sprintf("this program has no model %q", p.Model.ID)
	for _, m := range x.cfg.Models(position) {
		switch {
		case m == p.Model:
			return ""
		case m.ID != p.Model.ID:
		case m.Version != p.Model.Version:
			other = fmt.Sprintf("it was made by version %d of the model %s, this program has version %d",
				p.Model.Version, m.ID, m.Version)
		default:
			other = fmt.Sprintf("it was made by the model %s v%d with the artefact %s, this program's has "+
				"the digest %s", m.ID, m.Version, p.Model.Digest, m.Digest)
		}
	}
	return other
}

// lineages are those of one partition's predictions.
type lineages struct {
	x         *Explainer
	partition int32
	all       []*lineage
}

// followBack follows the lineages back to the raw events and compares on the way.
func (ls *lineages) followBack(ctx context.Context) error {
	steps := []func(context.Context) error{ls.findFeatures}
	if !ls.x.cfg.Shallow {
		steps = append(steps, ls.findEvents, ls.findRaws, ls.refoldRawEvents)
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// wantedRecords are records that lineages look for in one topic: by offset, or, where a chain wrote several topics at
// once, by the input that caused them.
type wantedRecords struct {
	all      []*lineage
	byOffset map[int64][]*lineage
	byCause  map[streams.Cause][]*lineage // without the index
	from, to int64
}

// groupWanted sorts the open lineages by the topic in which their next record back stands. That is the one that the
// cause names, in whatever version; but a chain's outputs all name the input of the chain, and what is looked for then
// stands in the topic that the chain wrote beside the predictions, in their version.
func (ls *lineages) groupWanted(topic string) map[string]*wantedRecords {
	all := map[string]*wantedRecords{}
	in := func(topic string) *wantedRecords {
		if all[topic] == nil {
			all[topic] = &wantedRecords{byOffset: map[int64][]*lineage{}, byCause: map[streams.Cause][]*lineage{},
				from: kafkalog.ToEnd}
		}
		return all[topic]
	}
	for _, l := range ls.all {
		if !l.isOpen() {
			continue
		}
		if input := l.cause; wire.Versionless(input.Topic) != wire.Versionless(topic) {
			w := in(fmt.Sprintf("%s.v%d", wire.Versionless(topic), ls.x.predict.Topics))
			w.all = append(w.all, l)
			input.Index = 0
			w.byCause[input] = append(w.byCause[input], l)
			w.from, w.to = 0, kafkalog.ToEnd
			continue
		}
		w := in(l.cause.Topic)
		w.all = append(w.all, l)
		w.byOffset[l.cause.Offset] = append(w.byOffset[l.cause.Offset], l)
		w.from, w.to = min(w.from, l.cause.Offset), max(w.to, l.cause.Offset+1)
	}
	return all
}

// seekers returns the lineages that may look for this record.
func (w *wantedRecords) seekers(r *kgo.Record) []*lineage {
	seekers := w.byOffset[r.Offset]
	if len(w.byCause) == 0 {
		return seekers
	}
	cause, ok := streams.CauseOf(r)
	if !ok {
		return seekers
	}
	cause.Index = 0
	return append(seekers[:len(seekers):len(seekers)], w.byCause[cause]...)
}

// findCauses looks in the log for the next record back of each open lineage. accept decodes a record for a lineage, and
// reports whether it is the one.
func (ls *lineages) findCauses(
	ctx context.Context, fact, topic string, accept func(*lineage, *kgo.Record) (bool, error),
) error {
	for topic, w := range ls.groupWanted(topic) {
		met := map[*lineage]bool{}
		held, err := kafkalog.Scan(ctx, ls.x.cfg.Client, topic, ls.partition, w.from, w.to, func(r *kgo.Record) error {
			seekers := w.seekers(r)
			if len(seekers) == 0 {
				return nil
			}
			r = kafkalog.Clone(r)
			for _, l := range seekers {
				ok, err := accept(l, r)
				if undecodable := (*wire.UndecodableError)(nil); errors.As(err, &undecodable) {
					l.appendHop(fact, topic, ls.partition,
						r).setUnderivable(fmt.Sprintf("the %s can't be read: %v", fact, err))
					l.cause, ok = streams.Cause{}, true
				} else if err != nil {
					return err
				}
				met[l] = met[l] || ok
			}
			return nil
		})
		if err != nil && !errors.Is(err, kerr.UnknownTopicOrPartition) {
			return err
		}
		for _, l := range w.all {
			if !met[l] {
				l.endAtMissing(fact, topic, held, err)
			}
		}
	}
	return nil
}

// endAtMissing ends the lineage at a record that the topic does not have.
func (l *lineage) endAtMissing(fact, topic string, held kafkalog.Span, err error) {
	h := l.appendHop(fact, topic, l.cause.Partition, nil)
	switch {
	case err != nil:
		h.setUnderivable(fmt.Sprintf("the topic %s is gone", topic))
	case wire.Versionless(l.cause.Topic) == wire.Versionless(topic):
		h.Offset = l.cause.Offset
		h.setUnderivable(held.Missing(topic, l.cause.Partition, l.cause.Offset))
	default:
		h.setUnderivable(fmt.Sprintf("%s/%d has no %s that %s caused; the partition begins at offset %d", topic,
			l.cause.Partition, fact, l.cause, held.Start))
	}
	l.cause = streams.Cause{}
}

// findFeatures finds the feature records and runs predict on them.
func (ls *lineages) findFeatures(ctx context.Context) error {
	err := ls.findCauses(ctx, factFeatures, ls.x.features.Outputs()[0], func(l *lineage, r *kgo.Record) (bool, error) {
		f, err := streams.DecodeRecord(ctx, ls.x.serde, wire.MatchFeatures, r)
		if err != nil {
			return false, err
		}
		p := l.prediction.fact
		if f.Match != p.Match || f.Sequence != p.Feature.Sequence {
			return false, nil
		}
		l.features = found[football.MatchFeatures]{r, f}
		return true, nil
	})
	if err != nil {
		return err
	}
	for _, l := range ls.all {
		if f := l.features.fact; f != nil {
			h := l.appendHop(factFeatures, l.features.record.Topic, ls.partition, l.features.record)
			h.Says = fmt.Sprintf("%s, record %d at %s after %s, hash %s", f.Match, f.Sequence, f.At, f.Trigger, f.Hash)
			l.takeCause(h, l.features.record)
			if err := ls.x.forecastAgain(ctx, l); err != nil {
				return err
			}
		}
	}
	return nil
}

// forecastAgain runs predict on the feature record of the log.
func (x *Explainer) forecastAgain(ctx context.Context, l *lineage) error {
	h := l.hopOf(factPrediction)
	if h.Verdict != "" {
		return nil
	}
	recorded := l.prediction.fact
	results, err := streams.NewMemory(streams.Chain{x.predict}).StepAwaiting(ctx, l.features.fact)
	if err != nil {
		return err
	}
	if reason := x.otherModel(recorded, l.features.fact.ModelsPosition); reason != "" {
		h.setUnderivable(reason)
		return nil
	}
	for _, result := range results {
		p, ok := result.Output.(*football.Prediction)
		if ok && p.Model.ID == recorded.Model.ID {
			return judgeHop(h, wire.Prediction, l.prediction.record, recorded, p)
		}
	}
	h.Verdict, h.Reason = Differs, fmt.Sprintf("the model %s forecasts nothing from the feature record",
		recorded.Model.ID)
	return nil
}

// judgeHop compares a fact of the log with the one that was folded again, and sets the hop's verdict.
func judgeHop[T any](h *Hop, schema *wire.Schema[T], r *kgo.Record, log, fold *T) error {
	identical, found, err := compareWithFold(schema, r, log, fold)
	switch {
	case err != nil:
		return err
	case identical:
		h.Verdict = Identical
	default:
		h.Verdict, h.Differences = Differs, found
		h.Reason = fmt.Sprintf("the %s in the log and the one that is made of its cause differ in %s", h.Fact,
			listFields(found))
	}
	return nil
}

func listFields(found []Difference) string {
	names := make([]string, 0, 3)
	for _, d := range found[:min(3, len(found))] {
		names = append(names, d.Field)
	}
	if len(found) > len(names) {
		return strings.Join(names, ", ") + " and more"
	}
	return strings.Join(names, ", ")
}

// findEvents finds the match events that caused the feature records.
func (ls *lineages) findEvents(ctx context.Context) error {
	err := ls.findCauses(ctx, factEvent, ls.x.normalize.Outputs()[0], func(l *lineage, r *kgo.Record) (bool, error) {
		if cause, _ := streams.CauseOf(r); l.cause.Topic == cause.Topic && cause.Index > l.cause.Index {
			return false, nil // a chain: the event is the last output of normalize before the feature record
		}
		e, err := streams.DecodeRecord(ctx, ls.x.serde, wire.MatchEvent, r)
		if err != nil {
			return false, err
		}
		l.event = found[football.MatchEvent]{r, e}
		return true, nil
	})
	if err != nil {
		return err
	}
	for _, l := range ls.all {
		if e := l.event.fact; e != nil {
			h := l.appendHop(factEvent, l.event.record.Topic, ls.partition, l.event.record)
			h.Says = fmt.Sprintf("%s of %s, event %d at %s", e.Body.Kind(), eventSubject(e), e.Sequence, e.At)
			l.takeCause(h, l.event.record)
		}
	}
	return nil
}

// eventSubject says what an event belongs to.
func eventSubject(e *football.MatchEvent) string {
	if e.Match == "" {
		return "the pool " + string(e.Pool)
	}
	return string(e.Match)
}

// findRaws finds the raw events that caused the match events.
func (ls *lineages) findRaws(ctx context.Context) error {
	topic := ls.x.normalize.Input
	return ls.findCauses(ctx, factRaw, topic, func(l *lineage, r *kgo.Record) (bool, error) {
		raw, err := streams.DecodeRecord(ctx, ls.x.serde, wire.RawEvent, r)
		if err != nil {
			return false, err
		}
		h := l.appendHop(factRaw, topic, ls.partition, r)
		h.Says = fmt.Sprintf("%s %s, %s at %s, fetched %s", raw.Source, raw.SourceEventID, raw.Moment, raw.At,
			raw.FetchedAt)
		h.Payload = excerptPayload(raw.Payload)
		return true, nil
	})
}

// excerptPayload is what can be printed of a payload: its beginning and its end, for of a table with a header the row
// comes last.
func excerptPayload(payload []byte) string {
	const head, tail = 100, 160
	if !utf8.Valid(payload) {
		return fmt.Sprintf("%d bytes that are no text", len(payload))
	}
	text := []rune(strings.TrimSpace(string(payload)))
	if len(text) > head+tail {
		return string(text[:head]) + " ... " + string(text[len(text)-tail:])
	}
	return string(text)
}
