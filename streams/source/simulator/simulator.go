// Package simulator is a source that plays football by itself: leagues of invented clubs whose true strengths are
// known, so that forecasts can be held against the truth.
//
// Clubs have attack and defence strengths that drift from season to season. A season is a double round-robin of 38
// weekly rounds. A league begins with seasons of history, delivered as result rows; from Config.Start on matches are
// played live, with line-ups, goals, shots, cards and substitutions by the second, and with what real feeds are known
// for: messages that are late or come twice, goals that VAR takes back, postponements, results that a tribunal changes
// and, when asked for, broken payloads.
//
// The goals of a match are drawn minute by minute, with an intensity that rises towards the end and changes with red
// cards; Truth is the exact distribution of that process for a match of usual length.
//
// Everything is drawn from generators that are seeded by league, season and match, so a feed is the same each time it
// is opened, and any match can be asked for by itself.
//
//	sim := simulator.New(simulator.Config{Seed: 7, History: 3})
//	outcome, ok := sim.Truth("simulation.2026-27.glenharrow.ravensholt.1")
package simulator

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
)

// Name is the source's name.
const Name = football.SourceSimulator

// Config describes what is simulated. Zero values mean the default; a negative share means never.
type Config struct {
	// Seed makes another world. Default 1.
	Seed uint64

	// Leagues that are played. Default Worlds(): two leagues of twenty clubs, each in a pool of its own.
	Leagues []League

	// History is the number of seasons before Start, delivered as result rows. Ratings need two or three to settle.
	// Default 3; negative: none.
	History int

	// Start is when live play begins: the first match kicks off a quarter of an hour later. It must be the same for a
	// collector that resumes. Default Friday, 7 August 2026, 18:00 UTC.
	Start football.Instant

	// Seasons is the number of live seasons. Default 0: without end.
	Seasons int

	// Cups lets sixteen clubs of each league that has a cup play for it beside each live season: a round with replays,
	// two of two legs, and a final on neutral ground, with extra time and penalties. Default false.
	Cups bool

	// Shares of messages that come late (minutes, of shots sometimes too late) and that come twice. Default 0.01 each.
	Late, Duplicate float64

	// Shares of matches that are postponed, whose result a tribunal changes two days later, and in which VAR takes a
	// goal back. Defaults 0.015, 0.003 and 0.06.
	Postponed, Overturned, Disallowed float64

	// Malformed is the share of messages after which a broken one comes. Default 0.
	Malformed float64
}

// League is a league that is simulated.
type League struct {
	Competition football.CompetitionID
	Pool        football.PoolID
	Clubs       []string // as the reference spells them; an even number
	Cup         football.CompetitionID
}

func (c Config) withDefaults() Config {
	if c.Seed == 0 {
		c.Seed = 1
	}
	if len(c.Leagues) == 0 {
		c.Leagues = Worlds()
	}
	if c.History == 0 {
		c.History = 3
	}
	c.History = max(c.History, 0)
	if c.Start == 0 {
		c.Start = football.At(time.Date(2026, time.August, 7, 18, 0, 0, 0, time.UTC))
	}
	share := func(s *float64, value float64) {
		if *s == 0 {
			*s = value
		}
	}
	share(&c.Late, 0.01)
	share(&c.Duplicate, 0.01)
	share(&c.Postponed, 0.015)
	share(&c.Overturned, 0.003)
	share(&c.Disallowed, 0.06)
	return c
}

// Simulator is the source.
type Simulator struct {
	cfg     Config
	mu      sync.Mutex // of the leagues' strengths, which are drawn when they are asked for
	leagues []*league
}

// New returns the simulator of a world, or what is wrong with its leagues.
func New(cfg Config) (*Simulator, error) {
	cfg = cfg.withDefaults()
	s := &Simulator{cfg: cfg}
	for _, l := range cfg.Leagues {
		if n := len(l.Clubs); n < 2 || n%2 != 0 {
			return nil, fmt.Errorf("simulated league %s: %d clubs, want an even number", l.Competition, n)
		}
		s.leagues = append(s.leagues, newLeague(cfg, l))
	}
	return s, nil
}

// Name returns "simulator".
func (*Simulator) Name() string { return Name }

// Open returns a feed for each pool. Nothing is played before it is asked for.
func (s *Simulator) Open(context.Context) ([]source.Feed, error) {
	byPool := map[football.PoolID][]source.Feed{}
	for _, l := range s.leagues {
		play := newPlay(s.cfg, newLeague(s.cfg, l.League)) // with strengths of its own: feeds run in parallel
		feed := source.Ticked(l.Pool, play.Next)
		feed.LiveFrom = s.cfg.Start
		byPool[l.Pool] = append(byPool[l.Pool], feed)
	}
	feeds := make([]source.Feed, 0, len(byPool))
	for _, of := range byPool {
		feeds = append(feeds, source.Merge(of...))
	}
	slices.SortFunc(feeds, func(a, b source.Feed) int { return cmp.Compare(a.Pool, b.Pool) })
	return feeds, nil
}
