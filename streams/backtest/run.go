package backtest

import (
	"cmp"
	"context"
	"slices"

	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/source"
)

// Config is what is scored, and how.
type Config struct {
	// From is the first kick-off that is scored; ratings learn from earlier matches too. Zero scores all.
	From football.Instant
	// Checkpoint is the forecast that is scored. Default: the last one before kick-off.
	Checkpoint football.Checkpoint
	// Refits are models that are fitted anew as a feed's time passes, and scored with the chain's.
	Refits []Refit
	// Resume goes on from the feeds that were finished before. Optional.
	Resume *Resume
	// Progress is called with how far each feed is. Optional.
	Progress source.Progress
}

// Chain makes the chain that a feed is folded with in memory. It ends in the evaluate stage and forecasts with the
// given models besides its own.
type Chain func(models ...predict.Model) streams.Chain

// Run folds the feeds, each with a chain of its own and in parallel, and scores what was forecast. The same feeds give
// the same report on any number of processors. An error of a feed or a fit ends the run.
func Run(ctx context.Context, feeds []source.Feed, chain Chain, cfg Config) (*Report, error) {
	if cfg.Checkpoint == "" {
		cfg.Checkpoint = football.CheckpointKickOff
	}
	folds := make([]*feedFold, len(feeds))
	feeds = slices.Clone(feeds)
	for i := range feeds {
		folds[i] = newFold(cfg, chain)
		if cfg.Resume == nil {
			continue
		}
		var err error
		if feeds[i], err = cfg.Resume.resumeFeed(cfg, i, feeds[i], folds[i]); err != nil {
			return nil, err
		}
	}
	err := source.Each(ctx, feeds, cfg.Progress,
		func(feed int, raw *football.RawEvent) error { return folds[feed].stepRawEvent(raw) })
	if err != nil {
		return nil, err
	}
	return mergeFolds(cfg.Checkpoint, folds), nil
}

// eachPrediction folds the feeds, each with a chain of its own and in parallel, and calls take with each prediction of
// a match from cfg.From on, and with the feed's place. Calls of one feed come from one goroutine, in order.
func eachPrediction(
	ctx context.Context, feeds []source.Feed, chain Chain, cfg Config, take func(feed int, p *football.Prediction),
) error {
	memories := make([]*streams.Memory, len(feeds))
	for i := range feeds {
		memories[i] = streams.NewMemory(chain())
	}
	return source.Each(ctx, feeds, cfg.Progress, func(feed int, raw *football.RawEvent) error {
		for _, result := range memories[feed].Step(raw) {
			if p, ok := result.Output.(*football.Prediction); ok && p.Kickoff >= cfg.From {
				take(feed, p)
			}
		}
		return nil
	})
}

// feedFold is the walk through one feed. It is used by the goroutine that folds the feed.
type feedFold struct {
	cfg         Config
	memory      *streams.Memory
	refits      *refits
	evaluations map[evaluationKey]*football.Evaluation // a corrected result is scored again: the last revision counts
	refused     map[string]int
	example     map[string]string
	events      int
}

// evaluationKey is what is scored once: a match and a model.
type evaluationKey struct {
	match football.MatchID
	model string
}

// newFold returns the walk through a feed before its first event.
func newFold(cfg Config, chain Chain) *feedFold {
	r := newRefits(cfg.Refits, cfg.From)
	return &feedFold{
		cfg: cfg, memory: streams.NewMemory(chain(r.chainModels()...)), refits: r,
		evaluations: map[evaluationKey]*football.Evaluation{},
		refused:     map[string]int{}, example: map[string]string{},
	}
}

// stepRawEvent folds one event. Models that are due are fitted before it, to what was settled before it.
func (f *feedFold) stepRawEvent(raw *football.RawEvent) error {
	if err := f.refits.fitDueModels(raw.At); err != nil {
		return err
	}
	for _, result := range f.memory.Step(raw) {
		f.keepOutput(result)
	}
	f.events++
	return nil
}

// keepOutput keeps what is scored and counts what was refused.
func (f *feedFold) keepOutput(result streams.Result) {
	switch out := result.Output.(type) {
	case *football.MatchFeatures:
		f.refits.learnResult(out)
	case *football.Evaluation:
		if out.Checkpoint == f.cfg.Checkpoint && out.Kickoff >= f.cfg.From {
			f.evaluations[evaluationKey{out.Match, out.Model.ID}] = out
		}
	case *football.Refusal:
		reason := string(out.Reason)
		f.refused[reason]++
		if _, ok := f.example[reason]; !ok {
			f.example[reason] = out.Detail
		}
	default: // scored through their evaluations
	}
}

// mergeFolds merges the folds in one fixed order, so that the sums do not depend on which fold ended first.
func mergeFolds(checkpoint football.Checkpoint, folds []*feedFold) *Report {
	var all []*football.Evaluation
	refused, example, events := map[string]int{}, map[string]string{}, 0
	for _, f := range folds {
		events += f.events
		for _, e := range f.evaluations {
			all = append(all, e)
		}
		for reason, n := range f.refused {
			refused[reason] += n
			if _, ok := example[reason]; !ok {
				example[reason] = f.example[reason]
			}
		}
	}
	slices.SortFunc(all, func(a, b *football.Evaluation) int {
		return cmp.Or(cmp.Compare(a.Match, b.Match), cmp.Compare(a.Model.ID, b.Model.ID))
	})
	r := summarize(checkpoint, all)
	r.Events, r.Refused, r.Example = events, refused, example
	return r
}
