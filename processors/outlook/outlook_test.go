package outlook_test

import (
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/touchline/touchline/processors/features/featurestest"
	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/processors/outlook"
	"github.com/touchline/touchline/schemas/football"
)

// league is a competition of a few teams, whose rules the test gives.
type league struct {
	t     testing.TB
	stage *outlook.Stage
	view  *featurestest.View
	at    football.Instant
	// of the matches that are recorded
	kickoff football.Instant
	order   int // of strength: the first team is this much stronger than the last, in log goals
}

func newLeague(t testing.TB, teams int, order string, cfg outlook.Config) *league {
	t.Helper()
	rules := fmt.Sprintf(`{
		"pools": [{"id": "p", "name": "P"}],
		"competitions": [{"id": "L", "name": "L", "country": "", "pool": "p", "level": 1, "seasons": [{
			"from": "2000-01", "teams": %d, "order": [%s],
			"places": [{"name": "title", "first": 1, "last": 1}, {"name": "last", "first": %d, "last": %d}]
		}]}]
	}`, teams, order, teams, teams)
	ref, err := football.ParseReference([]byte(rules))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Reference = ref
	return &league{t: t, stage: outlook.New(cfg), view: featurestest.NewView()}
}

// record feeds a record of a match, and returns the outlook that it causes.
func (l *league) record(home, away string, ordinal int, live football.LiveState) *football.Outlook {
	l.t.Helper()
	l.at++
	out := l.stage.Step(l.view, &football.MatchFeatures{
		Match: football.NewMatchID("p", "2015-16", football.TeamID(home), football.TeamID(away), ordinal), Pool: "p",
		Competition: "L",
		Season:      "2015-16", Kickoff: l.kickoff, Home: football.TeamID(home), Away: football.TeamID(away), At: l.at,
		Live:     live,
		HomeTeam: l.features(home), AwayTeam: l.features(away),
		League: football.CompetitionFeatures{GoalRate: 0.1, HomeAdvantage: 0.3, Rho: -0.07},
	})
	if len(out) == 0 {
		return nil
	}
	return out[0].(*football.Outlook)
}

func (l *league) features(team string) football.TeamFeatures {
	return football.TeamFeatures{Attack: float64('c'-rune(team[0])) / 10 * float64(l.order), Elo: 1500}
}

func (l *league) scheduled(home, away string) *football.Outlook {
	return l.record(home, away, 1, football.LiveState{Phase: football.PreMatch})
}

func (l *league) result(home, away string, homeGoals, awayGoals int32) *football.Outlook {
	return l.record(home, away, 1, football.LiveState{Phase: football.Settled, HomeGoals: homeGoals,
		AwayGoals: awayGoals})
}

// order returns the teams as the table has them.
func order(o *football.Outlook) string {
	names := ""
	for _, t := range o.Teams {
		names += string(t.Team)
	}
	return names
}

// ends plays out four teams in which a, b and c end level on points, and returns the final table.
func ends(t *testing.T, criteria string) *football.Outlook {
	t.Helper()
	l := newLeague(t, 4, criteria, outlook.Config{Seasons: 50})
	var last *football.Outlook
	for _, r := range []struct {
		home, away string
		h, a       int32
	}{
		{"a", "b", 2, 0}, {"b", "a", 1, 0}, {"b", "c", 1, 0}, {"c", "b", 1, 0}, {"c", "a", 1, 0}, {"a", "c", 1, 0},
		{"a", "d", 1, 0}, {"d", "a", 0, 1}, {"b", "d", 5, 0}, {"d", "b", 0, 3}, {"c", "d", 2, 0}, {"d", "c", 1, 3},
	} {
		last = l.result(r.home, r.away, r.h, r.a)
	}
	return last
}

func TestTheTableFollowsTheRules(t *testing.T) {
	for _, c := range []struct{ name, criteria, want string }{
		{"goal difference", `"goal-difference", "goals-for"`, "bcad"},
		{"head-to-head", `"head-to-head-points", "head-to-head-goal-difference", "goal-difference"`, "acbd"},
		{"away goals", `"away-goals", "goals-for"`, "bcad"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := ends(t, c.criteria)
			if o.Remaining != 0 || o.Settled != 12 || order(o) != c.want {
				t.Fatalf("got %s after %d matches, want %s", order(o), o.Settled, c.want)
			}
			for i, team := range o.Teams {
				if team.Positions[i] != 1 || team.ExpectedPoints != float64(team.Points) {
					t.Errorf("%s ends %d with probability %v and %v points", team.Team, i+1, team.Positions[i],
						team.ExpectedPoints)
				}
			}
			if o.Teams[0].Places[0] != (football.PlaceChance{Place: "title", P: 1}) || o.Teams[3].Places[1].P != 1 {
				t.Errorf("places: %+v", o.Teams)
			}
		})
	}
}

// TestWhatIsLevelAfterAllIsDrawn gives four teams that are equal in everything a quarter of each position.
func TestWhatIsLevelAfterAllIsDrawn(t *testing.T) {
	l := newLeague(t, 4, `"goal-difference", "head-to-head-points", "head-to-head-away-goals"`,
		outlook.Config{Seasons: 4000})
	var last *football.Outlook
	for _, home := range []string{"a", "b", "c", "d"} {
		for _, away := range []string{"a", "b", "c", "d"} {
			if home != away {
				last = l.result(home, away, 1, 1)
			}
		}
	}
	for _, team := range last.Teams {
		for i, p := range team.Positions {
			if math.Abs(float64(p)-0.25) > 0.03 {
				t.Errorf("%s ends %d with %.3f, want a quarter", team.Team, i+1, p)
			}
		}
	}
}

// TestOneMatchLeftAgreesWithTheGrid is where the simulation can be worked out: two teams level, one match to go.
func TestOneMatchLeftAgreesWithTheGrid(t *testing.T) {
	l := newLeague(t, 2, `"goal-difference"`, outlook.Config{Seasons: 200_000, Uncertainty: 1e-9})
	l.scheduled("a", "b")
	o := l.result("b", "a", 1, 1)
	g := grid.New(math.Exp(0.4), math.Exp(0.1), -0.07, 0, 0)
	want := g.Outcome()
	for _, team := range o.Teams {
		win := want.Home
		if team.Team == "b" {
			win = want.Away
		}
		if got := team.Places[0].P; math.Abs(got-win-want.Draw/2) > 0.006 {
			t.Errorf("%s wins the title with %.4f, want %.4f", team.Team, got, win+want.Draw/2)
		}
		if got := team.ExpectedPoints; math.Abs(got-1-3*win-want.Draw) > 0.02 {
			t.Errorf("%s: %.3f points, want %.3f", team.Team, got, 1+3*win+want.Draw)
		}
	}
}

func TestAnOutlookIsADistribution(t *testing.T) {
	l := newLeague(t, 4, `"goal-difference"`, outlook.Config{Seasons: 500})
	l.order = 1
	l.scheduled("c", "d")
	o := l.result("a", "b", 3, 0)
	if o.Settled != 1 || o.Remaining != 11 || o.Sequence != 1 {
		t.Fatalf("got %+v", o)
	}
	columns := make([]float64, 4)
	for _, team := range o.Teams {
		sum := 0.0
		for i, p := range team.Positions {
			sum += float64(p)
			columns[i] += float64(p)
		}
		if math.Abs(sum-1) > 1e-6 {
			t.Errorf("%s: the positions sum to %v", team.Team, sum)
		}
	}
	for i, sum := range columns {
		if math.Abs(sum-1) > 1e-6 {
			t.Errorf("position %d is taken with %v", i+1, sum)
		}
	}
}

func TestNoOutlookBeforeAllTeamsAreSeen(t *testing.T) {
	l := newLeague(t, 4, `"goal-difference"`, outlook.Config{Seasons: 10})
	if o := l.result("a", "b", 1, 0); o != nil {
		t.Errorf("two of four teams: %+v", o)
	}
	if o := l.scheduled("c", "d"); o == nil || o.Settled != 1 || o.Sequence != 1 {
		t.Errorf("all teams: %+v", o)
	}
	if o := l.scheduled("a", "c"); o != nil {
		t.Errorf("another fixture: %+v", o)
	}
	if o := l.scheduled("e", "a"); o != nil {
		t.Errorf("a fifth team: %+v", o)
	}
	if o := l.result("a", "c", 1, 0); o != nil {
		t.Errorf("a season of five teams is none of four: %+v", o)
	}
}

func TestCorrectionsAndPlayOffs(t *testing.T) {
	l := newLeague(t, 2, `"goal-difference"`, outlook.Config{Seasons: 10})
	first := l.result("a", "b", 1, 0)
	if again := l.result("a", "b", 1, 0); again != nil {
		t.Errorf("the same result again: %+v", again)
	}
	corrected := l.result("a", "b", 0, 3)
	if corrected == nil || order(corrected) != "ba" || corrected.Results == first.Results {
		t.Errorf("corrected: %+v", corrected)
	}
	taken := l.scheduled("a", "b")
	if taken == nil || taken.Settled != 0 || taken.Remaining != 2 {
		t.Errorf("taken back: %+v", taken)
	}
	l.result("a", "b", 0, 3)
	if o := l.record("a", "b", 2, football.LiveState{Phase: football.Settled, HomeGoals: 9}); o != nil {
		t.Errorf("a play-off counted: %+v", o)
	}
}

// TestEqualHistoriesGiveEqualOutlooks is what makes a replay the same; the stage itself remembers nothing.
func TestEqualHistoriesGiveEqualOutlooks(t *testing.T) {
	play := func() *football.Outlook {
		l := newLeague(t, 4, `"goal-difference"`, outlook.Config{Seasons: 300})
		l.scheduled("c", "d")
		return l.result("a", "b", 2, 1)
	}
	if a, b := play(), play(); !reflect.DeepEqual(a, b) {
		t.Errorf("got %+v and %+v", a, b)
	}
}

// TestTheStateOfOldSeasonsIsDropped keeps the last two.
func TestTheStateOfOldSeasonsIsDropped(t *testing.T) {
	l := newLeague(t, 2, `"goal-difference"`, outlook.Config{Seasons: 1})
	for year := 2010; year < 2020; year++ {
		season := football.Season(fmt.Sprintf("%d-%02d", year, year%100+1))
		l.stage.Step(l.view, &football.MatchFeatures{Competition: "L", Season: season, Home: "a", Away: "b",
			Match: "p.s.a.b.1", Live: football.LiveState{Phase: football.InPlay}})
	}
	if n := l.view.Len(); n != 1+2*4 {
		t.Errorf("%d values, want those of two seasons", n)
	}
}

func TestTheStageNamesItself(t *testing.T) {
	s := outlook.New(outlook.Config{})
	if s.Name() != "outlook" || s.Version() != 3 || len(s.State()) != 4 {
		t.Errorf("got %s %d %v", s.Name(), s.Version(), s.State())
	}
}

// kickOff begins a match.
func (l *league) kickOff(home, away string) *football.Outlook {
	return l.record(home, away, 1, football.LiveState{Phase: football.InPlay})
}

// TestASlotHasOneOutlook when the last match that kicked off with the others has its result.
func TestASlotHasOneOutlook(t *testing.T) {
	l := newLeague(t, 4, `"goal-difference"`, outlook.Config{Seasons: 64})
	l.scheduled("a", "b")
	l.scheduled("c", "d")
	l.kickOff("a", "b")
	l.kickOff("c", "d")
	if o := l.result("a", "b", 1, 0); o != nil {
		t.Errorf("an outlook while a match of the slot is in play: %+v", o)
	}
	if o := l.result("c", "d", 2, 0); o == nil || o.Settled != 2 || o.Sequence != 2 {
		t.Errorf("the slot is over: %+v", o)
	}
	l.kickOff("b", "a")
	l.kickoff = football.Instant(31 * time.Minute.Milliseconds())
	l.kickOff("d", "c")
	if o := l.result("d", "c", 1, 1); o == nil || o.Settled != 3 {
		t.Errorf("a match of another slot is no reason to wait: %+v", o)
	}
	l.kickoff = 0
	if o := l.result("b", "a", 1, 1); o == nil || o.Settled != 4 {
		t.Errorf("the last of its slot: %+v", o)
	}
}

// TestAMatchWithoutAnEndIsNotWaitedFor: one that is postponed after its kick-off, and one of which nothing more is
// heard.
func TestAMatchWithoutAnEndIsNotWaitedFor(t *testing.T) {
	l := newLeague(t, 4, `"goal-difference"`, outlook.Config{Seasons: 64})
	l.scheduled("a", "b")
	l.scheduled("c", "d")
	l.kickOff("a", "b")
	l.kickOff("c", "d")
	l.result("a", "b", 1, 0)
	if o := l.record("c", "d", 1, football.LiveState{Phase: football.Postponed}); o == nil || o.Settled != 1 {
		t.Errorf("the rest of the slot is postponed: %+v", o)
	}
	l.kickOff("b", "a")
	l.kickOff("d", "c")
	l.result("b", "a", 1, 0)
	l.at += football.Instant(4 * time.Hour.Milliseconds())
	if o := l.scheduled("a", "c"); o == nil || o.Settled != 2 {
		t.Errorf("four hours after the kick-off: %+v", o)
	}
}

// TestOfThePastFewerSeasonsAreSimulated: what was published long after it came about.
func TestOfThePastFewerSeasonsAreSimulated(t *testing.T) {
	l := newLeague(t, 2, `"goal-difference"`, outlook.Config{Seasons: 640, HistorySeasons: 128})
	for i, tt := range []struct {
		later time.Duration
		want  int32
	}{{outlook.HistoryAge, 640}, {outlook.HistoryAge + time.Millisecond, 128}} {
		l.view.Now = (l.at + 1).Add(tt.later)
		if o := l.result("a", "b", int32(i), 0); o == nil || o.Seasons != tt.want {
			t.Errorf("published %v later: %+v", tt.later, o)
		}
	}
}

// TestWhatMovesIsWhatHappened: two outlooks of one season draw the same matches alike, so that a result that nobody
// could be surprised by moves the rest less than the error of a probability.
func TestWhatMovesIsWhatHappened(t *testing.T) {
	l := newLeague(t, 4, `"goal-difference"`, outlook.Config{Seasons: 6400})
	l.scheduled("c", "d")
	first := l.result("a", "b", 1, 0)
	second := l.result("a", "b", 2, 1) // one goal more, and the same points
	for _, team := range first.Teams {
		for _, again := range second.Teams {
			if team.Team != again.Team || team.Team == "a" || team.Team == "b" {
				continue
			}
			if got, want := again.ExpectedPoints, team.ExpectedPoints; got != want {
				t.Errorf("%s: %v points after %v, with the same matches to play", team.Team, got, want)
			}
		}
	}
}

// BenchmarkOutlook simulates 10,000 seasons of a league of 20 teams after half of its matches.
func BenchmarkOutlook(b *testing.B) {
	for name, criteria := range map[string]string{
		"goal-difference": `"goal-difference", "goals-for"`,
		"head-to-head":    `"head-to-head-points", "head-to-head-goal-difference", "goal-difference", "goals-for"`,
	} {
		b.Run(name, func(b *testing.B) {
			l := newLeague(b, 20, criteria, outlook.Config{})
			quick := newLeague(b, 20, criteria, outlook.Config{Seasons: 1})
			quick.view = l.view
			for home := range 20 {
				for away := range 20 {
					if home < away {
						quick.result(string(rune('a'+home)), string(rune('a'+away)), int32(home%3), int32(away%3))
					}
				}
			}
			l.at = quick.at
			goals := int32(0)
			for b.Loop() {
				goals++ // another result each time, or nothing would be simulated
				if o := l.result("a", "c", 1+goals%2, 0); o == nil || o.Remaining != 190 {
					b.Fatalf("got %+v", o)
				}
			}
		})
	}
}

// TestTheNewestFeaturesCount: those of a postponed match too, and of two records of one instant the later one; those of
// a match that has begun are older than what is known.
func TestTheNewestFeaturesCount(t *testing.T) {
	at := func(phase football.Phase, instant football.Instant, elo float64) *football.MatchFeatures {
		return &football.MatchFeatures{Match: "m", Pool: "p", Competition: "L", Season: "2015-16", Home: "a", Away: "b",
			At:   instant,
			Live: football.LiveState{Phase: phase}, HomeTeam: football.TeamFeatures{Elo: elo}}
	}
	l := newLeague(t, 4, `"goal-difference"`, outlook.Config{Seasons: 1})
	for i, tt := range []struct {
		record *football.MatchFeatures
		want   float64
	}{
		{at(football.InPlay, 5, 1500), 1500}, {at(football.InPlay, 6, 1501), 1500},
		{at(football.PreMatch, 7, 1502), 1502},
		{at(football.Postponed, 8, 1503), 1503}, {at(football.PreMatch, 8, 1504), 1504},
		{at(football.PreMatch, 7, 1505), 1504},
	} {
		l.stage.Step(l.view, tt.record)
		if got := l.view.Get("team/L/2015-16/a").(*outlook.Team).Features.Elo; got != tt.want {
			t.Errorf("record %d: got Elo %v, want %v", i, got, tt.want)
		}
	}
}
