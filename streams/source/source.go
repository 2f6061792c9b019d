package source

import (
	"context"

	"github.com/touchline/touchline/schemas/football"
)

// Source is where raw events come from.
type Source interface {
	// Name is the source's name in raw events, such as "football-data".
	Name() string
	// Open reads what must be known before the first event, and returns a feed for each pool, ordered by pool. A file
	// that can't be opened is an error that names it.
	Open(ctx context.Context) ([]Feed, error)
}

// Feed is the raw events of one pool in order. It is used by one goroutine.
type Feed struct {
	Pool football.PoolID

	// LiveFrom is the instant at which the present of this feed begins: what lies before it is history and is not
	// paced. 0 where all of it is.
	LiveFrom football.Instant

	// Until is the instant of the last event. 0 where it is not known, or there is no last one.
	Until football.Instant

	// Resume, if set, moves the feed to just after an event that it published in an earlier run: Next then goes on
	// there. It returns false where the feed no longer knows that event. A feed without Resume is read from its first
	// event again, which a live source can't be. It is called before Next, at most once.
	Resume func(ctx context.Context, after *football.RawEvent) (bool, error)

	// Next returns the next event, or io.EOF at the end. Its FetchedAt is 0: the collector sets it.
	Next func(ctx context.Context) (*football.RawEvent, error)
}

// ClockSource is the source of ticks.
const ClockSource = football.SourceClock

// Item is a raw event on its way into a feed.
type Item struct {
	Raw      *football.RawEvent
	Position football.Instant // not before that of the item before it

	// Kicks is set where a match begins whose source knows minutes: the pool ticks by the minute from here on. Ends is
	// set where it is over.
	Kicks, Ends bool
}

// Rank orders moments at one instant: what precedes a match goes before what concerns its result.
func Rank(m football.Moment) int {
	for i, moment := range [...]football.Moment{
		football.MomentTick, football.MomentModels, football.MomentUnreadable, football.MomentScheduled,
		football.MomentClosing,
		football.MomentKickOff, football.MomentEvent, football.MomentHalfTime, football.MomentFullTime,
	} {
		if m == moment {
			return i
		}
	}
	return -1
}
