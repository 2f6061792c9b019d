package audit

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
)

// Verdict says how a record of the log compares with what the stages make of its causes today.
type Verdict string

// The verdicts.
const (
	Identical      Verdict = "identical"        // the same Avro body
	Differs        Verdict = "differs"          // another body
	NotRederivable Verdict = "not re-derivable" // something that is needed is gone, or is of another version
)

// Explanation is how one prediction came about, and whether it would again.
type Explanation struct {
	ID      string  `json:"id"` // of the prediction; its position where it can't be read
	Verdict Verdict `json:"verdict"`
	Reason  string  `json:"reason,omitempty"` // the first sentence that a hop has to say
	Hops    []*Hop  `json:"hops"`             // from the prediction back to the raw event
}

// Hop is one record on the way from the raw event to the prediction.
type Hop struct {
	Fact        string       `json:"fact"` // "prediction", "feature record", "match event", "raw event"
	Topic       string       `json:"topic"`
	Partition   int32        `json:"partition"`
	Offset      int64        `json:"offset"` // -1: not found
	Written     time.Time    `json:"written"`
	Says        string       `json:"says"`              // what the record says, in a line
	Payload     string       `json:"payload,omitempty"` // beginning and end of a raw event's payload
	Verdict     Verdict      `json:"verdict,omitempty"` // of a raw event, which is the truth, none
	Reason      string       `json:"reason,omitempty"`
	Differences []Difference `json:"differences,omitempty"`
}

func (h *Hop) setUnderivable(reason string) { h.Verdict, h.Reason = NotRederivable, reason }

// setVerdict sets the verdict of the whole: a difference anywhere is one; else what is missing anywhere is.
func (e *Explanation) setVerdict() {
	e.Verdict = Identical
	for _, verdict := range []Verdict{Differs, NotRederivable} {
		i := slices.IndexFunc(e.Hops, func(h *Hop) bool { return h.Verdict == verdict })
		if i >= 0 {
			e.Verdict, e.Reason = verdict, e.Hops[i].Reason
			return
		}
	}
}

// ExplainConfig says what predictions are explained with.
type ExplainConfig struct {
	Client []kgo.Opt
	Line   streams.Chain // normalize, features, predict, at the versions whose predictions are explained

	// Models returns those that the predict stage of Line has as of a position of football.models. A prediction of
	// another one can't be made again.
	Models func(position int64) []football.ModelRef

	// Shallow runs only predict again, on the feature record that the log has. Otherwise the raw events of the
	// partition are folded from their beginning too, and feature record and match event are compared with what comes of
	// it.
	Shallow bool

	// Progress hears how far the folding of a partition is, now and then. It may be called by several goroutines at
	// once.
	Progress func(partition int32, folded, total int64)
}

// Explainer re-derives predictions from the log.
type Explainer struct {
	cfg                          ExplainConfig
	serde                        *wire.Serde
	normalize, features, predict *streams.Stage
}

// NewExplainer returns an explainer. The line must be normalize, features and predict.
func NewExplainer(cfg ExplainConfig, serde *wire.Serde) (*Explainer, error) {
	if len(cfg.Line) != 3 {
		return nil, fmt.Errorf("explain folds normalize, features and predict, not %q", cfg.Line.Name())
	}
	if cfg.Progress == nil {
		cfg.Progress = func(int32, int64, int64) {}
	}
	return &Explainer{cfg: cfg, serde: serde, normalize: cfg.Line[0], features: cfg.Line[1], predict: cfg.Line[2]}, nil
}

// Topic returns the topic of the predictions that are explained.
func (x *Explainer) Topic() string { return x.predict.Outputs()[0] }

// ByPosition explains the prediction at a position of its topic.
func (x *Explainer) ByPosition(ctx context.Context, partition int32, offset int64) (*Explanation, error) {
	var found []*kgo.Record
	held, err := kafkalog.Scan(ctx, x.cfg.Client, x.Topic(), partition, offset, offset+1, func(r *kgo.Record) error {
		found = append(found, kafkalog.Clone(r))
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		l := &lineage{explanation: &Explanation{ID: kafkalog.Address(x.Topic(), partition, offset)},
			cause: streams.Cause{Topic: x.Topic(), Partition: partition, Offset: offset}}
		l.endAtMissing(factPrediction, x.Topic(), held, nil)
		l.explanation.setVerdict()
		return l.explanation, nil
	}
	explained, err := x.explain(ctx, found)
	if err != nil {
		return nil, err
	}
	return explained[0], nil
}

// ByID explains every prediction of that id in a partition: one, unless somebody wrote into the topic by hand.
func (x *Explainer) ByID(
	ctx context.Context, match football.MatchID, id string, partition int32,
) ([]*Explanation, error) {
	var found []*kgo.Record
	held, err := kafkalog.Scan(ctx, x.cfg.Client, x.Topic(), partition, 0, kafkalog.ToEnd, func(r *kgo.Record) error {
		if string(r.Key) != string(match) {
			return nil
		}
		p, err := streams.DecodeRecord(ctx, x.serde, wire.Prediction, r)
		if err == nil && p.ID() == id {
			found = append(found, kafkalog.Clone(r))
		}
		if undecodable := (*wire.UndecodableError)(nil); errors.As(err, &undecodable) {
			return nil // it has no id that could be asked for
		}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0 && held.Start > 0:
		return nil, fmt.Errorf("no prediction %s in %s/%d, which begins at offset %d: it may have been deleted", id,
			x.Topic(), partition, held.Start)
	case len(found) == 0:
		return nil, fmt.Errorf("no prediction %s in %s/%d", id, x.Topic(), partition)
	}
	return x.explain(ctx, found)
}

// Sample explains n predictions of the topic drawn at random; one seed draws the same ones of one log.
func (x *Explainer) Sample(ctx context.Context, n int, seed uint64) ([]*Explanation, error) {
	partitions, err := x.partitions(ctx)
	if err != nil {
		return nil, err
	}
	draws := make([]*drawing, len(partitions))
	group, groupCtx := partitionGroup(ctx)
	for i, partition := range partitions {
		draws[i] = &drawing{n: n, seed: seed}
		group.Go(func() error {
			_, err := kafkalog.Scan(groupCtx, x.cfg.Client, x.Topic(), partition, 0, kafkalog.ToEnd,
				draws[i].considerRecord)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return x.explain(ctx, mergeDraws(n, draws))
}

// partitions returns the partitions of the predictions topic.
func (x *Explainer) partitions(ctx context.Context) ([]int32, error) {
	reader, err := kafkalog.Open(x.cfg.Client)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return reader.Partitions(ctx, x.Topic())
}

// partitionGroup is a group that works on a few partitions at once.
func partitionGroup(ctx context.Context) (*errgroup.Group, context.Context) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	return group, ctx
}

// explain explains records of the predictions topic, in their order: each partition's records are read and its raw
// events folded once.
func (x *Explainer) explain(ctx context.Context, records []*kgo.Record) ([]*Explanation, error) {
	explained := make([]*Explanation, len(records))
	partitions := map[int32]*lineages{}
	for i, r := range records {
		if partitions[r.Partition] == nil {
			partitions[r.Partition] = &lineages{x: x, partition: r.Partition}
		}
		l, err := x.beginLineage(ctx, r)
		if err != nil {
			return nil, err
		}
		partitions[r.Partition].all = append(partitions[r.Partition].all, l)
		explained[i] = l.explanation
	}
	group, groupCtx := partitionGroup(ctx)
	for _, p := range partitions {
		group.Go(func() error { return p.followBack(groupCtx) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, e := range explained {
		e.setVerdict()
	}
	return explained, nil
}
