package simulator_test

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source/simulator"
	"github.com/touchline/touchline/streams/source/sourcetest"
)

func simulate(t testing.TB, cfg simulator.Config) *simulator.Simulator {
	t.Helper()
	s, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fold counts what events become, and hands match events on.
func fold(raws []*football.RawEvent, each func(*football.MatchEvent)) map[string]int {
	f := sourcetest.NewFold()
	for _, raw := range raws {
		for _, out := range f.Step(raw) {
			if e, ok := out.(*football.MatchEvent); ok {
				each(e)
			}
		}
	}
	return f.Became
}

func TestAFeedIsTheSameEachTimeItIsOpened(t *testing.T) {
	s := simulate(t, simulator.Config{Seed: 3, History: 1, Malformed: 0.02})
	first, second := sourcetest.Open(t, s), sourcetest.Open(t, s)
	if len(first) != 2 || first[0].Pool != "simulation" || first[1].Pool != "simulation-b" {
		t.Fatalf("got %d feeds", len(first))
	}
	for i := range first {
		a, b := sourcetest.Take(t, first[i], 6_000), sourcetest.Take(t, second[i], 6_000)
		if !reflect.DeepEqual(a, b) {
			t.Errorf("pool %s: two openings differ", first[i].Pool)
		}
	}
	other := sourcetest.Open(t, simulate(t, simulator.Config{Seed: 4, History: 1}))
	if reflect.DeepEqual(sourcetest.Take(t, sourcetest.Open(t, s)[0], 2000), sourcetest.Take(t, other[0], 2000)) {
		t.Error("another seed made the same world")
	}
}

func TestEverythingThatFeedsAreKnownForHappens(t *testing.T) {
	s := simulate(t, simulator.Config{History: 1, Seasons: 1, Malformed: 0.01, Postponed: 0.05, Overturned: 0.02,
		Late: 0.03})
	feed := sourcetest.Open(t, s)[0]
	raws := sourcetest.All(t, feed)
	goals, results := map[football.MatchID][2]int32{}, map[football.MatchID][2]int32{}
	counts := fold(raws, func(e *football.MatchEvent) {
		switch body := e.Body.(type) {
		case football.Goal:
			g := goals[e.Match]
			if body.Side == football.Home {
				g[0]++
			} else {
				g[1]++
			}
			goals[e.Match] = g
		case football.FullTime:
			if _, ok := results[e.Match]; !ok && e.Season == "2026-27" {
				results[e.Match] = [2]int32{body.HomeGoals, body.AwayGoals}
			}
		}
	})
	for _, kind := range []string{
		"fixture-scheduled", "odds-quoted", "line-up", "kick-off", "goal", "card", "shot", "substitution",
		"period-ended", "period-started",
		"full-time", "correction", "tick", "refused malformed payload", "refused late at", "dropped duplicate",
	} {
		if counts[kind] == 0 {
			t.Errorf("no %s in %v", kind, counts)
		}
	}
	for reason := range counts {
		if strings.HasPrefix(reason, "refused") && reason != "refused malformed payload" &&
			reason != "refused late at" {
			t.Errorf("%d %s", counts[reason], reason)
		}
	}
	if len(results) != 380 {
		t.Errorf("got %d live results", len(results))
	}
	more := 0
	for match, result := range results {
		g := goals[match]
		if g[0] < result[0] || g[1] < result[1] {
			t.Errorf("%s: %v goals were told of the result %v", match, g, result)
		}
		if g != result {
			more++ // VAR took one back
		}
	}
	if more == 0 || more > 60 {
		t.Errorf("VAR took goals back in %d matches of 380", more)
	}
}

func TestAQuietWorldHasNoFaults(t *testing.T) {
	s := simulate(t, simulator.Config{History: -1, Seasons: 1, Late: -1, Duplicate: -1, Postponed: -1, Overturned: -1,
		Disallowed: -1})
	feed := sourcetest.Open(t, s)[1]
	raws := sourcetest.All(t, feed)
	counts := fold(raws, func(*football.MatchEvent) {})
	for kind, n := range counts {
		if strings.HasPrefix(kind, "refused") || strings.HasPrefix(kind, "dropped") || kind == "correction" {
			t.Errorf("%d %s", n, kind)
		}
	}
	last := football.Instant(0)
	for _, raw := range raws {
		if raw.At < last {
			t.Fatalf("%s at %s is out of order", raw.SourceEventID, raw.At)
		}
		last = raw.At
	}
}

func TestLivePlayBeginsAtOnceAndTicksByTheMinute(t *testing.T) {
	start := football.At(time.Date(2027, time.March, 5, 18, 0, 0, 0, time.UTC))
	s := simulate(t, simulator.Config{History: 1, Start: start})
	feed := sourcetest.Open(t, s)[0]
	if feed.LiveFrom != start {
		t.Errorf("live from %s, want %s", feed.LiveFrom, start)
	}
	kickoffs, ticks := 0, 0
	for _, raw := range sourcetest.Take(t, feed, 6000) {
		if raw.At < start || raw.At > start.Add(24*time.Hour) {
			continue
		}
		switch raw.Moment {
		case football.MomentKickOff:
			if raw.Season != "2026-27" {
				t.Errorf("live season %s", raw.Season)
			}
			if kickoffs++; kickoffs == 1 && raw.At.Sub(start) > 20*time.Minute {
				t.Errorf("the first match kicks off at %s", raw.At)
			}
		case football.MomentTick:
			ticks++
		}
	}
	if kickoffs < 4 || ticks < 300 {
		t.Errorf("got %d kick-offs and %d ticks on the first day", kickoffs, ticks)
	}
}

func TestEveryPairMeetsTwiceASeason(t *testing.T) {
	s := simulate(t, simulator.Config{History: -1, Seasons: 2})
	meetings := map[football.MatchID]int{}
	fold(sourcetest.All(t, sourcetest.Open(t, s)[0]), func(e *football.MatchEvent) {
		if e.Body.Kind() == "kick-off" {
			meetings[e.Match]++
		}
	})
	if len(meetings) != 2*380 {
		t.Errorf("got %d matches of two seasons", len(meetings))
	}
	for match, n := range meetings {
		if n != 1 || match[len(match)-2:] != ".1" {
			t.Errorf("%s kicked off %d times", match, n)
		}
	}
}

// TestTheTruthIsTrue holds the truth against what happened: results come as often as it says.
func TestTheTruthIsTrue(t *testing.T) {
	s := simulate(t, simulator.Config{History: 2, Seasons: 1, Overturned: -1})
	var want, got, spread football.Outcome
	n := 0
	for _, feed := range sourcetest.Open(t, s) {
		fold(sourcetest.All(t, feed), func(e *football.MatchEvent) {
			full, ok := e.Body.(football.FullTime)
			if !ok {
				return
			}
			p, ok := s.Truth(e.Match)
			if !ok || math.Abs(p.Home+p.Draw+p.Away-1) > 1e-9 {
				t.Fatalf("%s: truth %+v, %v", e.Match, p, ok)
			}
			n++
			want.Home, want.Draw, want.Away = want.Home+p.Home, want.Draw+p.Draw, want.Away+p.Away
			spread.Home, spread.Draw, spread.Away = spread.Home+p.Home*(1-p.Home), spread.Draw+p.Draw*(1-p.Draw),
				spread.Away+p.Away*(1-p.Away)
			switch {
			case full.HomeGoals > full.AwayGoals:
				got.Home++
			case full.HomeGoals < full.AwayGoals:
				got.Away++
			default:
				got.Draw++
			}
		})
	}
	for _, r := range []struct {
		name                 string
		got, want, variances float64
	}{{"home", got.Home, want.Home, spread.Home}, {"draw", got.Draw, want.Draw, spread.Draw},
		{"away", got.Away, want.Away, spread.Away}} {
		z := (r.got - r.want) / math.Sqrt(r.variances)
		t.Logf("%s: %v of %d, %.1f were to be expected (z %.2f)", r.name, r.got, n, r.want, z)
		if math.Abs(z) > 3.5 {
			t.Errorf("%s: %v of %d matches, %.1f were to be expected", r.name, r.got, n, r.want)
		}
	}
	for _, id := range []football.MatchID{
		"simulation.1066-67.glenharrow.ravensholt.1", "simulation.2026-27.glenharrow.arsenal.1",
		"simulation.2026-27.glenharrow.ravensholt.2",
		"england.2026-27.glenharrow.ravensholt.1", "simulation.2027-28.glenharrow.ravensholt.1",
		"simulation.soon.glenharrow.ravensholt.1", "glenharrow",
	} {
		if _, ok := s.Truth(id); ok {
			t.Errorf("there is a truth about %s", id)
		}
	}
}

// TestTheTruthFollowsTheMatch asks for the truth of one match as it might stand.
func TestTheTruthFollowsTheMatch(t *testing.T) {
	s := simulate(t, simulator.Config{})
	at := func(live football.LiveState) football.Outcome {
		p, ok := s.TruthAt("simulation.2026-27.glenharrow.ravensholt.1", live)
		if !ok {
			t.Fatalf("no truth of %+v", live)
		}
		return p
	}
	late := func(home, away, reds int32) football.LiveState {
		return football.LiveState{Phase: football.InPlay, Clock: football.Clock{Period: 2, Elapsed: 40 * 60},
			HomeGoals: home, AwayGoals: away, HomeReds: reds}
	}
	before, ok := s.Truth("simulation.2026-27.glenharrow.ravensholt.1")
	if kickOff := at(football.LiveState{Phase: football.InPlay, Clock: football.Clock{Period: 1}}); !ok ||
		kickOff != before {
		t.Errorf("kick-off changes the truth from %+v to %+v", before, kickOff)
	}
	ahead, level, short := at(late(1, 0, 0)), at(late(1, 1, 0)), at(late(1, 1, 2))
	if ahead.Home < 0.85 || level.Draw < 0.6 || short.Home >= level.Home || short.Away <= level.Away {
		t.Errorf("ahead %+v, level %+v, level with two sent off %+v", ahead, level, short)
	}
	over := football.LiveState{Phase: football.InPlay, Clock: football.Clock{Period: 2, Elapsed: 50 * 60}, AwayGoals: 1}
	if p := at(over); p.Away != 1 {
		t.Errorf("at the end it is %+v", p)
	}
	if p, ok := s.TruthAt("simulation.2026-27.glenharrow.ravensholt.1",
		football.LiveState{Phase: football.Settled}); ok {
		t.Errorf("of a settled match: %+v", p)
	}
}

func TestALeagueNeedsPairs(t *testing.T) {
	_, err := simulator.New(simulator.Config{Leagues: []simulator.League{{Competition: "SIM1",
		Clubs: []string{"a", "b", "c"}}}})
	if err == nil || !strings.Contains(err.Error(), "SIM1") {
		t.Errorf("got error %v", err)
	}
	if name := simulate(t, simulator.Config{}).Name(); name != "simulator" {
		t.Errorf("got name %s", name)
	}
}

func TestTheReferenceKnowsEveryClub(t *testing.T) {
	ref := football.DefaultReference()
	for _, l := range simulator.Worlds() {
		if c, ok := ref.Competition(l.Competition); !ok || c.Pool != l.Pool || len(l.Clubs) != 20 {
			t.Errorf("league %s: got pool %s, %d clubs", l.Competition, c.Pool, len(l.Clubs))
		}
		for _, club := range l.Clubs {
			if team, ok := ref.Team(l.Pool, club); !ok || string(team.ID) != football.Slug(club) {
				t.Errorf("%s: got %q", club, team.ID)
			}
		}
	}
}

func BenchmarkLiveFeed(b *testing.B) {
	feed := sourcetest.Open(b, simulate(b, simulator.Config{History: -1}))[0]
	for b.Loop() {
		sourcetest.Take(b, feed, 1000)
	}
	b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "events/s")
}
