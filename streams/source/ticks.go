package source

import (
	"context"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

const (
	minute = time.Minute
	day    = 24 * time.Hour

	// longestMatch bounds the minute ticks of a match whose end is never published.
	longestMatch = 4 * time.Hour
)

// Ticked returns the items as a feed with the pool's clock among them: a tick each midnight (UTC) and, while a match is
// in play whose source knows minutes, each whole minute. It ticks between the first and the last item only.
func Ticked(pool football.PoolID, next func(ctx context.Context) (Item, error)) Feed {
	t := &ticker{pool: pool, next: next, until: map[string]football.Instant{}}
	return Feed{Pool: pool, Next: t.Next}
}

type ticker struct {
	pool    football.PoolID
	next    func(ctx context.Context) (Item, error)
	pending *Item
	last    football.Instant            // up to here all ticks are out; 0 before the first dated item
	until   map[string]football.Instant // matches in play: up to when they are taken for it
}

// Next returns the tick that is due before the next item, or the item.
func (t *ticker) Next(ctx context.Context) (*football.RawEvent, error) {
	if t.pending == nil {
		item, err := t.next(ctx)
		if err != nil {
			return nil, err
		}
		t.pending = &item
	}
	item := t.pending
	if t.last != 0 {
		if at := t.following(t.last); at <= item.Position {
			t.last = at
			return Tick(t.pool, at), nil
		}
	}
	t.last = max(t.last, item.Position)
	t.pending = nil
	switch match := item.Raw.SourceMatchID; {
	case item.Kicks:
		t.until[match] = item.Position.Add(longestMatch)
	case item.Ends:
		delete(t.until, match)
	}
	return item.Raw, nil
}

// following returns the instant of the first tick after at.
func (t *ticker) following(at football.Instant) football.Instant {
	step := day
	if next := floorTo(at, minute).Add(minute); t.matchInPlay(next) {
		step = minute
	}
	return floorTo(at, step).Add(step)
}

func (t *ticker) matchInPlay(at football.Instant) bool {
	playing := false
	for match, until := range t.until { // order does not matter: it ends in a yes or no
		if at > until {
			delete(t.until, match)
			continue
		}
		playing = true
	}
	return playing
}

// Tick returns the tick of a pool's clock at an instant.
func Tick(pool football.PoolID, at football.Instant) *football.RawEvent {
	return &football.RawEvent{
		Pool: pool, Source: ClockSource, SourceEventID: string(pool) + "@" + at.String(), Moment: football.MomentTick,
		At: at,
	}
}

func floorTo(at football.Instant, step time.Duration) football.Instant {
	ms := football.Instant(step.Milliseconds())
	return at - (at%ms+ms)%ms
}
