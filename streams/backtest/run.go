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

// Config says what is scored.
type Config struct {
	// From scores only matches that kick off at or after it; earlier ones still teach. Zero scores all.
	From football.Instant
	// Checkpoint is the forecast that is scored. Default: the last one before kick-off.
	Checkpoint football.Checkpoint
	// Refits are models that are fitted anew as a feed's time passes, and scored with the chain's.
	Refits []Refit
	// Resume goes on from the feeds that were finished before. Optional.
	Resume *Resume
	// Progress is told how far each feed is. Optional.
	Progress source.Progress
}

// Chain makes the chain that a feed is folded with in memory. It ends in the evaluate stage and forecasts with the given
// models besides its own.
type Chain func(models ...predict.Model) streams.Chain

// Run folds the feeds, each with a chain of its own and in parallel, and scores what was forecast.
func Run(ctx context.Context, feeds []source.Feed, chain Chain, cfg Config) (*Report, error) {
	if cfg.Checkpoint == "" {
		cfg.Checkpoint = football.CheckpointKickOff
	}
	folds := make([]*fold, len(feeds))
	feeds = slices.Clone(feeds)
	for i := range feeds {
		folds[i] = newFold(cfg, chain)
		if cfg.Resume == nil {
			continue
		}
		var err error
		if feeds[i], err = cfg.Resume.feed(cfg, i, feeds[i], folds[i]); err != nil {
			return nil, err
		}
	}
	err := source.Each(ctx, feeds, cfg.Progress, func(feed int, raw *football.RawEvent) error { return folds[feed].step(raw) })
	if err != nil {
		return nil, err
	}
	return merge(cfg.Checkpoint, folds), nil
}

// listen folds the feeds, each with a chain of its own and in parallel, and hands on what is forecast of matches from cfg.From on,
// with the feed's place.
func listen(ctx context.Context, feeds []source.Feed, chain Chain, cfg Config, take func(feed int, p *football.Prediction)) error {
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

// fold is one feed's walk.
type fold struct {
	cfg         Config
	memory      *streams.Memory
	refits      *refits
	evaluations map[evaluationKey]*football.Evaluation // a corrected result is scored again: the last revision counts
	refused     map[string]int
	example     map[string]string
	events      int
}

type evaluationKey struct {
	match football.MatchID
	model string
}

func newFold(cfg Config, chain Chain) *fold {
	r := newRefits(cfg.Refits, cfg.From)
	return &fold{
		cfg: cfg, memory: streams.NewMemory(chain(r.models()...)), refits: r, evaluations: map[evaluationKey]*football.Evaluation{},
		refused: map[string]int{}, example: map[string]string{},
	}
}

// step folds one event. What is due is fitted before it, to what was settled before it.
func (f *fold) step(raw *football.RawEvent) error {
	if err := f.refits.until(raw.At); err != nil {
		return err
	}
	for _, result := range f.memory.Step(raw) {
		f.take(result)
	}
	f.events++
	return nil
}

// take keeps what is scored and counts what was refused.
func (f *fold) take(result streams.Result) {
	switch out := result.Output.(type) {
	case *football.MatchFeatures:
		f.refits.learn(out)
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

// merge puts the folds together in one fixed order, so that the sums do not depend on which fold ended first.
func merge(checkpoint football.Checkpoint, folds []*fold) *Report {
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
