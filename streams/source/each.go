package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/touchline/touchline/schemas/football"
)

// Progress reports, from several goroutines, that a feed (by its place among the feeds) has come to an instant, and how
// many events it has read since the last report.
type Progress func(feed int, at football.Instant, events int)

// Each hands every event of the feeds to step, with the feed's place: as many feeds in parallel as there are
// processors, each in its order. An error of step stops all of them; io.EOF ends its feed there. progress may be nil.
func Each(ctx context.Context, feeds []Feed, progress Progress,
	step func(feed int, raw *football.RawEvent) error) error {
	if progress == nil {
		progress = func(int, football.Instant, int) {}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, feed := range feeds {
		group.Go(func() error {
			return readFeed(ctx, feed, func(at football.Instant, events int) { progress(i, at, events) },
				func(raw *football.RawEvent) error { return step(i, raw) })
		})
	}
	return group.Wait()
}

func readFeed(ctx context.Context, feed Feed, progress func(football.Instant, int),
	step func(*football.RawEvent) error) error {
	const report = 250
	var at football.Instant
	events := 0
	for ctx.Err() == nil { // not every source looks
		raw, err := feed.Next(ctx)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read the feed: %w", err)
		}
		if err == nil {
			err = step(raw)
		}
		if errors.Is(err, io.EOF) {
			progress(max(at, feed.Until), events)
			return nil
		}
		if err != nil {
			return err
		}
		at = max(at, raw.At)
		if events++; events == report {
			progress(at, events)
			events = 0
		}
	}
	return ctx.Err()
}
