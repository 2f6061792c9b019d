package simulator_test

import (
	"math"
	"strings"
	"testing"

	"github.com/touchline/touchline/processors/match"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
	"github.com/touchline/touchline/streams/source/simulator"
	"github.com/touchline/touchline/streams/source/sourcetest"
)

// tie is a match of a cup as its events tell it.
type tie struct {
	fixture football.FixtureScheduled
	events  []*football.MatchEvent
	end     football.LiveState
}

// cups plays the cups of some seasons and returns their matches in the order of the events that end them.
func cups(t *testing.T, s *simulator.Simulator) []tie {
	t.Helper()
	var over []tie
	for _, feed := range sourcetest.Open(t, s) {
		open := map[football.MatchID]*tie{}
		states := map[football.MatchID]match.State{}
		counts := fold(awake(t, feed), func(e *football.MatchEvent) {
			if !strings.HasPrefix(string(e.Competition), "SIMC") {
				return
			}
			of := open[e.Match]
			if of == nil {
				of = &tie{}
				open[e.Match] = of
			}
			states[e.Match] = states[e.Match].Apply(e)
			of.events = append(of.events, e)
			switch body := e.Body.(type) {
			case football.FixtureScheduled:
				of.fixture = body
			case football.FullTime:
				of.end = states[e.Match].Live()
				over = append(over, *of)
			default:
			}
		})
		for reason := range counts {
			if strings.HasPrefix(reason, "refused") && reason != "refused late at" {
				t.Errorf("%d %s", counts[reason], reason)
			}
		}
	}
	return over
}

// awake returns the events of a feed with a tick in a thousand, so that decades are folded in seconds.
func awake(t *testing.T, feed source.Feed) (raws []*football.RawEvent) {
	ticks := 0
	sourcetest.Drain(t, feed, func(raw *football.RawEvent) {
		if raw.Moment == football.MomentTick {
			if ticks++; ticks%1000 > 0 {
				return
			}
		}
		raws = append(raws, raw)
	})
	return raws
}

// through returns the side that goes on, as the rules have it: "" after a first leg and before a replay.
func (c tie) through(first football.LiveState) football.Side {
	home, away := c.end.HomeGoals, c.end.AwayGoals
	switch c.fixture.Tie.Kind {
	case football.TieFirstLeg:
		return ""
	case football.TieSecondLeg:
		home, away = home+first.AwayGoals, away+first.HomeGoals
	case football.TieReplay:
		if home == away {
			return ""
		}
	default:
	}
	switch {
	case home > away:
		return football.Home
	case home < away:
		return football.Away
	default:
		return c.end.ShootoutWinner
	}
}

func TestACupIsPlayedByItsRules(t *testing.T) {
	played := cups(t, simulate(t, simulator.Config{History: -1, Seasons: 2, Cups: true}))
	ends := map[football.MatchID]football.LiveState{}
	through := map[string]int{} // by season and pool
	kinds, longer, shootouts, neutral := map[football.TieKind]int{}, 0, 0, 0
	for _, c := range played {
		last := c.events[len(c.events)-1]
		kinds[c.fixture.Tie.Kind]++
		if c.fixture.Neutral {
			neutral++
		}
		first := ends[c.fixture.Tie.FirstLeg]
		if second := c.fixture.Tie.Kind == football.TieSecondLeg; second != (first.Phase == football.Settled) {
			t.Errorf("%s, a %s match, has the first leg %q", last.Match, c.fixture.Tie.Kind, c.fixture.Tie.FirstLeg)
		}
		ends[last.Match] = c.end
		side := c.through(first)
		if side != "" {
			through[string(last.Pool)+string(last.Season)]++
		}
		regularHome, regularAway := c.end.Regular()
		switch level := regularHome+first.AwayGoals == regularAway+first.HomeGoals; {
		case c.fixture.Tie.Kind == football.TieFirstLeg || c.fixture.Tie.Kind == football.TieReplay || !level:
			if c.end.Clock.Period > 2 {
				t.Errorf("%s, a %s match that was %d-%d, went to period %d", last.Match, c.fixture.Tie.Kind,
					regularHome, regularAway, c.end.Clock.Period)
			}
		default:
			longer++
			if c.end.Clock.Period < 4 || side == "" {
				t.Errorf("%s was level and ended in period %d with %q through", last.Match, c.end.Clock.Period, side)
			}
		}
		if c.end.ShootoutWinner != "" {
			shootouts++
			home, away := c.end.HomePenalties, c.end.AwayPenalties
			if (home > away) != (side == football.Home) || home == away || c.end.HomeKicks < 3 ||
				c.end.HomeKicks-c.end.AwayKicks > 1 || c.end.AwayKicks-c.end.HomeKicks > 1 {
				t.Errorf("%s: %d of %d and %d of %d penalties, %s goes on", last.Match, home, c.end.HomeKicks, away,
					c.end.AwayKicks, side)
			}
		}
	}
	if len(through) != 4 || kinds[football.TieFirstLeg] != 4*6 || kinds[football.TieSecondLeg] != 4*6 ||
		kinds[football.TieReplay] != 4*8 || neutral != 4 {
		t.Errorf("got matches %v, %d on neutral ground, of cups %v", kinds, neutral, through)
	}
	for cup, n := range through {
		if n != 8+4+2+1 {
			t.Errorf("%s: %d ties were decided, want 15", cup, n)
		}
	}
	if replays := kinds[football.TieSingle] - 4; replays < 3 || longer < 5 || shootouts < 2 {
		t.Errorf("%d replays, %d matches went on, %d to penalties", replays, longer, shootouts)
	}
}

func TestACupChangesNothingInTheLeague(t *testing.T) {
	quiet := simulator.Config{History: -1, Seasons: 1}
	withCups := quiet
	withCups.Cups = true
	var league []string
	fold(sourcetest.All(t, sourcetest.Open(t, simulate(t, quiet))[0]), func(e *football.MatchEvent) {
		if full, ok := e.Body.(football.FullTime); ok {
			league = append(league, string(e.Home)+string(e.Away)+e.At.String(), string(rune(full.HomeGoals)),
				string(rune(full.AwayGoals)))
		}
	})
	var beside []string
	fold(sourcetest.All(t, sourcetest.Open(t, simulate(t, withCups))[0]), func(e *football.MatchEvent) {
		if full, ok := e.Body.(football.FullTime); ok && e.Competition == "SIM1" {
			beside = append(beside, string(e.Home)+string(e.Away)+e.At.String(), string(rune(full.HomeGoals)),
				string(rune(full.AwayGoals)))
		}
	})
	if strings.Join(league, " ") != strings.Join(beside, " ") {
		t.Error("the league's results are others beside a cup")
	}
}

// TestNobodyPlaysTwiceAtATime holds for postponed matches too.
func TestNobodyPlaysTwiceAtATime(t *testing.T) {
	playing, postponed := map[football.TeamID]football.MatchID{}, 0
	fold(awake(t, sourcetest.Open(t, simulate(t, simulator.Config{History: -1, Seasons: 1, Cups: true,
		Postponed: 0.2}))[0]), func(e *football.MatchEvent) {
		switch body := e.Body.(type) {
		case football.FixtureScheduled:
			if body.Kickoff == 0 {
				postponed++
			}
		case football.KickOff:
			for _, team := range []football.TeamID{e.Home, e.Away} {
				if playing[team] != "" {
					t.Errorf("%s begins while %s goes on", e.Match, playing[team])
				}
				playing[team] = e.Match
			}
		case football.FullTime:
			for _, team := range []football.TeamID{e.Home, e.Away} {
				if playing[team] == e.Match {
					delete(playing, team)
				}
			}
		default:
		}
	})
	if postponed < 40 {
		t.Errorf("%d matches were postponed", postponed)
	}
}

// TestTheTruthAboutWhoGoesOnIsTrue holds it against what happened, before kick-off and at half-time.
func TestTheTruthAboutWhoGoesOnIsTrue(t *testing.T) {
	s := simulate(t, simulator.Config{History: -1, Seasons: 8, Cups: true, Late: -1, Duplicate: -1, Disallowed: -1})
	type tally struct{ got, want, variance, n float64 }
	tallies := map[string]*tally{}
	firsts := map[football.MatchID]tie{}
	for _, c := range cups(t, s) {
		id := c.events[0].Match
		first := firsts[c.fixture.Tie.FirstLeg]
		firsts[id] = c
		side := c.through(first.end)
		if side == "" {
			continue
		}
		add := func(name string, live football.LiveState, of tie, won bool) {
			p, ok := s.AdvanceAt(of.events[0].Match, live)
			if !ok || p <= 0 || p >= 1 {
				t.Fatalf("%s: %v, %v at %+v", of.events[0].Match, p, ok, live)
			}
			if tallies[name] == nil {
				tallies[name] = &tally{}
			}
			on := tallies[name]
			on.n++
			on.want += p
			on.variance += p * (1 - p)
			if won {
				on.got++
			}
		}
		add("before "+string(c.fixture.Tie.Kind), football.LiveState{Phase: football.PreMatch}, c,
			side == football.Home)
		if c.fixture.Tie.Kind == football.TieSecondLeg {
			add("before the first leg", football.LiveState{Phase: football.PreMatch}, first, side == football.Away)
		}
		state := match.State{}
		for _, e := range c.events {
			state = state.Apply(e)
			end, ok := e.Body.(football.PeriodEnded)
			if live := state.Live(); ok && end.Period < 4 {
				add([]string{"", "at half-time", "before extra time", "in extra time"}[end.Period], live, c,
					side == football.Home)
			}
		}
	}
	for name, on := range tallies {
		z := (on.got - on.want) / math.Sqrt(on.variance)
		t.Logf("%s: %v of %v, %.1f were to be expected (z %.2f)", name, on.got, on.n, on.want, z)
		if math.Abs(z) > 3.5 {
			t.Errorf("%s: home went on %v times of %v, %.1f were to be expected", name, on.got, on.n, on.want)
		}
	}
	if len(tallies) != 7 {
		t.Errorf("got %d kinds", len(tallies))
	}
	if _, ok := s.AdvanceAt("simulation.2026-27.glenharrow.ravensholt.9",
		football.LiveState{Phase: football.PreMatch}); ok {
		t.Error("there is a truth about a match that is not played")
	}
	if _, ok := s.AdvanceAt("simulation.2026-27.glenharrow.ravensholt.1",
		football.LiveState{Phase: football.Settled}); ok {
		t.Error("there is a truth about a match that is over")
	}
}
