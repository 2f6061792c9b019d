package source_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
)

// ticks is a feed of n daily ticks.
func ticks(pool football.PoolID, n int) source.Feed {
	day, at := 24*time.Hour, football.Instant(0)
	return source.Feed{Pool: pool, Until: at.Add(time.Duration(n) * day),
		Next: func(context.Context) (*football.RawEvent, error) {
			if n == 0 {
				return nil, io.EOF
			}
			n--
			at = at.Add(day)
			return source.Tick(pool, at), nil
		}}
}

func TestEachFeedIsReadInItsOrder(t *testing.T) {
	feeds := []source.Feed{ticks("a", 1000), ticks("b", 3), ticks("c", 0)}
	var read [3][]football.Instant
	var told [3]int
	var at [3]football.Instant
	err := source.Each(t.Context(), feeds, func(feed int, now football.Instant, events int) {
		told[feed],
			at[feed] = told[feed]+events, now
	},
		func(feed int, raw *football.RawEvent) error {
			if raw.Pool != feeds[feed].Pool {
				t.Errorf("an event of %s is told of feed %d", raw.Pool, feed)
			}
			if last := len(read[feed]); last > 0 && raw.At <= read[feed][last-1] {
				t.Errorf("%s comes after %s", raw.At, read[feed][last-1])
			}
			if read[feed] = append(read[feed], raw.At); len(read[feed]) == 500 {
				return io.EOF
			}
			return nil
		})
	if err != nil || len(read[0]) != 500 || len(read[1]) != 3 || told[0] < 499 || told[1] != 3 {
		t.Errorf("read %d and %d, told %v, %v: want the first feed to end at 500", len(read[0]), len(read[1]), told,
			err)
	}
	for i, feed := range feeds {
		if at[i] != feed.Until {
			t.Errorf("feed %d ends at %s, want %s", i, at[i], feed.Until)
		}
	}
}

func TestAnErrorStopsAllFeeds(t *testing.T) {
	endless := ticks("a", -1)
	broken := errors.New("broken")
	fails := source.Feed{Pool: "b", Next: func(context.Context) (*football.RawEvent, error) { return nil, broken }}
	pass := func(int, *football.RawEvent) error { return nil }
	if err := source.Each(t.Context(), []source.Feed{endless, fails}, nil, pass); !errors.Is(err, broken) ||
		!strings.Contains(err.Error(), "read the feed") {
		t.Errorf("got %v, want what was wrong with the feed", err)
	}
	var steps atomic.Int32
	refuse := func(int, *football.RawEvent) error { steps.Add(1); return broken }
	if err := source.Each(t.Context(), []source.Feed{endless, ticks("b", 3)}, nil, refuse); !errors.Is(err, broken) ||
		steps.Load() > 2 {
		t.Errorf("got %v after %d steps", err, steps.Load())
	}
	ctx, cancel := context.WithCancel(t.Context())
	stop := func(int, *football.RawEvent) error { cancel(); return nil }
	if err := source.Each(ctx, []source.Feed{endless}, nil, stop); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it to stop when told to", err)
	}
}

func TestAMergedFeedEndsWithItsLast(t *testing.T) {
	endless := ticks("a", -1)
	endless.Until = 0
	if got := source.Merge(ticks("a", 3), ticks("a", 5)).Until; got != ticks("a", 5).Until {
		t.Errorf("got %s", got)
	}
	if got := source.Merge(endless, ticks("a", 5)).Until; got != 0 {
		t.Errorf("with one that has no end: got %s", got)
	}
}
