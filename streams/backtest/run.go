package backtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

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
	// Progress is told, from several goroutines, how many more raw events were folded. Optional.
	Progress func(events int)
}

// Run folds the feeds, each with a chain of its own in memory and in parallel, and scores what was forecast. The chain
// must end in the evaluate stage.
func Run(ctx context.Context, feeds []source.Feed, chain func() streams.Chain, cfg Config) (*Report, error) {
	if cfg.Checkpoint == "" {
		cfg.Checkpoint = football.CheckpointKickOff
	}
	folds := make([]*fold, len(feeds))
	group, ctx := errgroup.WithContext(ctx)
	for i, feed := range feeds {
		folds[i] = newFold(cfg, chain())
		group.Go(func() error { return folds[i].run(ctx, feed) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return merge(cfg.Checkpoint, folds), nil
}

// fold is one feed's walk.
type fold struct {
	cfg         Config
	memory      *streams.Memory
	evaluations map[evaluationKey]*football.Evaluation // a corrected result is scored again: the last revision counts
	refused     map[string]int
	example     map[string]string
	events      int
}

type evaluationKey struct {
	match football.MatchID
	model string
}

func newFold(cfg Config, chain streams.Chain) *fold {
	return &fold{
		cfg: cfg, memory: streams.NewMemory(chain), evaluations: map[evaluationKey]*football.Evaluation{},
		refused: map[string]int{}, example: map[string]string{},
	}
}

func (f *fold) run(ctx context.Context, feed source.Feed) error {
	const report = 1000
	for ctx.Err() == nil { // not every source looks
		raw, err := feed.Next(ctx)
		if errors.Is(err, io.EOF) {
			f.progress(f.events % report)
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the feed: %w", err)
		}
		for _, result := range f.memory.Step(raw) {
			f.take(result)
		}
		if f.events++; f.events%report == 0 {
			f.progress(report)
		}
	}
	return ctx.Err()
}

func (f *fold) progress(events int) {
	if f.cfg.Progress != nil {
		f.cfg.Progress(events)
	}
}

// take keeps what is scored and counts what was refused.
func (f *fold) take(result streams.Result) {
	switch out := result.Output.(type) {
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

// Counter is a Progress that adds up and tells.
type Counter struct {
	mu    sync.Mutex
	total int
	tell  func(total int)
}

// NewCounter returns a counter that tells the running total each time it grew.
func NewCounter(tell func(total int)) *Counter { return &Counter{tell: tell} }

// Add adds events.
func (c *Counter) Add(events int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total += events
	c.tell(c.total)
}
