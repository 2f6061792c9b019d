package match_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"pgregory.net/rapid"

	"github.com/touchline/touchline/processors/features/featurestest"
	"github.com/touchline/touchline/processors/match"
	"github.com/touchline/touchline/schemas/football"
)

// TestStories plays the matches in testdata and prints the state of play after each event. Rewrite with -rewrite.
func TestStories(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		var script featurestest.Script
		var s match.State
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var out strings.Builder
			for _, line := range strings.Split(d.Input, "\n") {
				e, err := script.Event(line)
				if err != nil {
					t.Fatal(err)
				}
				s = s.Apply(e)
				fmt.Fprintf(&out, "%2d %-18s %s\n", e.Sequence, e.Body.Kind(), describe(s.Live()))
			}
			return out.String()
		})
	})
}

func describe(l football.LiveState) string {
	beyond := ""
	if l.Clock.Period > 2 {
		home, away := l.Regular()
		beyond = fmt.Sprintf("  after 90' %d-%d, penalties %d of %d, %d of %d %s", home, away, l.HomePenalties,
			l.HomeKicks, l.AwayPenalties, l.AwayKicks, l.ShootoutWinner)
	}
	return fmt.Sprintf("%-9s %-6s %d-%d (%d-%d)  reds %d-%d  shots %d-%d  on target %d-%d  xG %.2f-%.2f", l.Phase,
		l.Clock, l.HomeGoals, l.AwayGoals, l.HomeHalfTime, l.AwayHalfTime,
		l.HomeReds, l.AwayReds, l.HomeShots, l.AwayShots, l.HomeOnTarget, l.AwayOnTarget, l.HomeXG, l.AwayXG) + beyond
}

const kickoff = football.Instant(1_440_252_000_000)

// events draws the events of a match in the order in which they happened, each at its own second of the pool's clock.
func events(t *rapid.T) []*football.MatchEvent {
	out := []*football.MatchEvent{event(football.FixtureScheduled{Kickoff: kickoff}, kickoff-1000),
		event(football.KickOff{}, kickoff)}
	periods := rapid.Int32Range(1, 2).Draw(t, "periods")
	start := kickoff
	for period := int32(1); period <= periods; period++ {
		if period > 1 {
			start += 3600 * 1000
			out = append(out, event(football.PeriodStarted{Period: period}, start))
		}
		elapsed := int32(0)
		for range rapid.IntRange(0, 6).Draw(t, "events") {
			elapsed += rapid.Int32Range(1, 400).Draw(t, "gap")
			clock := football.Clock{Period: period, Elapsed: elapsed}
			out = append(out, event(drawBody(t, clock), start+football.Instant(elapsed)*1000))
		}
		if rapid.Bool().Draw(t, "ended") || period < periods {
			out = append(out, event(football.PeriodEnded{Period: period, HomeGoals: period, AwayGoals: 1},
				start+2820*1000))
		}
	}
	return out
}

func drawBody(t *rapid.T, clock football.Clock) football.EventBody {
	side := rapid.SampledFrom([]football.Side{football.Home, football.Away}).Draw(t, "side")
	switch rapid.IntRange(0, 3).Draw(t, "body") {
	case 0:
		return football.Goal{Side: side, Clock: clock, OwnGoal: rapid.Bool().Draw(t, "own")}
	case 1:
		return football.Card{Side: side, Clock: clock,
			Colour: rapid.SampledFrom([]football.Colour{football.Yellow, football.Red}).Draw(t, "colour")}
	case 2:
		return football.Shot{Side: side, Clock: clock, OnTarget: rapid.Bool().Draw(t, "on target"),
			XG: float64(rapid.IntRange(-1, 7).Draw(t, "xg")) / 8}
	default:
		return football.Substitution{Side: side, Clock: clock}
	}
}

func event(body football.EventBody, at football.Instant) *football.MatchEvent {
	return &football.MatchEvent{At: at, Body: body}
}

// fold applies the events in the order given, numbering them as normalize does.
func fold(events []*football.MatchEvent) match.State {
	var s match.State
	for i, e := range events {
		numbered := *e
		numbered.Sequence = int64(i + 1)
		s = s.Apply(&numbered)
	}
	return s
}

func TestAGoalAndItsReversalLeaveNoTrace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := events(t)
		s := fold(events)
		extra := event(drawBody(t, football.Clock{Period: 1, Elapsed: rapid.Int32Range(0, 3000).Draw(t, "elapsed")}),
			s.Now)
		extra.Sequence = int64(len(events) + 1)
		correction := event(football.Correction{Corrects: extra.Sequence}, s.Now)
		correction.Sequence = extra.Sequence + 1
		if got := s.Apply(extra).Apply(correction); fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", s) {
			t.Fatalf("got  %+v\nwant %+v", got, s)
		}
	})
}

func TestTheOrderOfArrivalDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := events(t)
		shuffled := slices.Clone(events)
		for i := range shuffled {
			j := rapid.IntRange(0, i).Draw(t, "j")
			shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
		}
		if got, want := fold(shuffled).Live(), fold(events).Live(); got != want {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
	})
}

func TestApplyLeavesTheOldStateAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s match.State
		for i, e := range events(t) {
			before := fmt.Sprintf("%+v", s)
			e.Sequence = int64(i + 1)
			next := s.Apply(e)
			s.Apply(&football.MatchEvent{Sequence: 99,
				Body: football.Goal{Side: football.Home, Clock: football.Clock{Period: 1}}})
			s.Apply(&football.MatchEvent{Sequence: 99, Body: football.Correction{Corrects: 1}})
			if after := fmt.Sprintf("%+v", s); after != before {
				t.Fatalf("got  %s\nwant %s", after, before)
			}
			s = next
		}
	})
}

func TestTheClockStopsAfterTheLongestStoppageTime(t *testing.T) {
	tests := []struct {
		name  string
		after []*football.MatchEvent
		want  football.Clock
	}{
		{"first half, nobody says it ended", []*football.MatchEvent{event(football.Tick{}, kickoff.Add(9e12))},
			football.Clock{Period: 1, Elapsed: 60 * 60}},
		{"extra time", []*football.MatchEvent{event(football.PeriodStarted{Period: 3}, kickoff),
			event(football.Tick{}, kickoff.Add(9e12))},
			football.Clock{Period: 3, Elapsed: 20 * 60}},
		{"a shoot-out", []*football.MatchEvent{event(football.PeriodStarted{Period: 5}, kickoff)},
			football.Clock{Period: 5}},
		{"an event beyond it", []*football.MatchEvent{event(football.Goal{Side: football.Home,
			Clock: football.Clock{Period: 1, Elapsed: 4000}}, kickoff)},
			football.Clock{Period: 1, Elapsed: 4000}},
		{"a second half whose start nobody said", []*football.MatchEvent{
			event(football.Goal{Side: football.Home, Clock: football.Clock{Period: 2, Elapsed: 600}},
				kickoff.Add(70*60e9)),
			event(football.Tick{}, kickoff.Add(75*60e9)),
		}, football.Clock{Period: 2, Elapsed: 900}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := fold(append([]*football.MatchEvent{event(football.KickOff{}, kickoff)}, tt.after...))
			if got := s.Live().Clock; got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestAGoalInAShootOutIsNotPartOfTheScore(t *testing.T) {
	goal := event(football.Goal{Side: football.Away, Clock: football.Clock{Period: 5}}, kickoff)
	if got := fold([]*football.MatchEvent{goal}).Live(); got.AwayGoals != 0 || got.AwayShots != 0 {
		t.Errorf("got %+v, want no goal", got)
	}
}

func TestEveryFieldOfTheStateIsWrittenToTheChangelog(t *testing.T) {
	for _, blank := range []any{match.State{}, match.Event{}, match.Result{}} {
		typ := reflect.TypeOf(blank)
		for i := range typ.NumField() {
			if typ.Field(i).Tag.Get("avro") == "" {
				t.Errorf("%s.%s has no avro tag", typ, typ.Field(i).Name)
			}
		}
	}
}

func BenchmarkApplyGoalAndDerive(b *testing.B) {
	s := match.State{Kickoff: kickoff}
	for i := range 40 {
		s = s.Apply(&football.MatchEvent{Sequence: int64(i), At: kickoff,
			Body: football.Shot{Side: football.Home, Clock: football.Clock{Period: 1, Elapsed: int32(i) * 60}}})
	}
	goal := &football.MatchEvent{Sequence: 99, At: kickoff,
		Body: football.Goal{Side: football.Home, Clock: football.Clock{Period: 1, Elapsed: 700}}}
	b.ReportAllocs()
	for b.Loop() {
		_ = s.Apply(goal).Live()
	}
}
