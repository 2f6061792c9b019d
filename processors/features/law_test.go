package features_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/touchline/touchline/processors/features"
	"github.com/touchline/touchline/processors/features/featurestest"
	"github.com/touchline/touchline/schemas/football"
)

const (
	minute = football.Instant(60_000)
	hour   = 60 * minute
	daily  = 24 * hour
	start  = football.Instant(1_438_387_200_000) // 2015-08-01
)

// game is a match of a drawn season.
type game struct {
	home, away football.TeamID
	kickoff    football.Instant
	result     [2]int32
	cup        bool
	wrong      bool // the first result said is another one
	correctAt  football.Instant
}

// season draws a season of a small league of at most so many matches: every few days two of six teams meet, and some
// results are told wrongly first and corrected within the window.
func season(t *rapid.T, most int) []game {
	teams := []football.TeamID{"a", "b", "c", "d", "e", "f"}
	var games []game
	at := start + 20*daily + 14*hour
	for i := range rapid.IntRange(1, most).Draw(t, "games") {
		at += football.Instant(rapid.IntRange(0, 4).Draw(t, "days")) * daily
		h := rapid.IntRange(0, 5).Draw(t, "home")
		a := (h + rapid.IntRange(1, 5).Draw(t, "away")) % 6
		g := game{home: teams[h], away: teams[a], kickoff: at + football.Instant(i)*minute,
			result: [2]int32{rapid.Int32Range(0, 5).Draw(t, "hg"), rapid.Int32Range(0, 5).Draw(t, "ag")},
			cup:    rapid.IntRange(0, 2).Draw(t, "cup") == 0,
			wrong:  rapid.IntRange(0, 3).Draw(t, "wrong") == 0}
		g.correctAt = g.kickoff + 3*hour + football.Instant(rapid.IntRange(0, 28).Draw(t, "after"))*daily
		games = append(games, g)
	}
	return games
}

// told returns the events of the season: as it was told, corrections included, or as it should have been told.
func told(games []game, corrected bool) []*football.MatchEvent {
	var events []*football.MatchEvent
	last := start
	for i, g := range games {
		n := int64(0)
		competition := football.CompetitionID("E0")
		if g.cup {
			competition = "SIMC1"
		}
		add := func(at football.Instant, body football.EventBody) {
			n++
			last = max(last, at)
			events = append(events, &football.MatchEvent{
				Match: football.NewMatchID("england", "2015-16", g.home, g.away, i+1), Pool: "england",
				Competition: competition,
				Season:      "2015-16", Home: g.home, Away: g.away, Sequence: n, At: at, Body: body,
			})
		}
		right := football.FullTime{HomeGoals: g.result[0], AwayGoals: g.result[1], Home: football.NoCounts(),
			Away: football.NoCounts()}
		add(start+football.Instant(i), football.FixtureScheduled{Kickoff: g.kickoff})
		add(g.kickoff, football.KickOff{})
		switch {
		case g.wrong && corrected:
			add(g.kickoff+2*hour, football.FullTime{HomeGoals: 7, Home: football.NoCounts(), Away: football.NoCounts()})
			add(g.correctAt, football.Correction{Corrects: 3, Reason: "drawn"})
			add(g.correctAt, right)
		default:
			add(g.kickoff+2*hour, right)
		}
	}
	for at := start; at <= last+40*daily; at += daily {
		events = append(events, &football.MatchEvent{Pool: "england", At: at, Body: football.Tick{}})
	}
	slices.SortStableFunc(events, func(a, b *football.MatchEvent) int { return int(a.At - b.At) })
	return events
}

// fold returns the state after the events up to an instant.
func fold(events []*football.MatchEvent, until football.Instant) *featurestest.View {
	stage, view := features.New(features.Config{}), featurestest.NewView()
	for _, e := range events {
		if e.At <= until {
			stage.Step(view, e)
		}
	}
	return view
}

func TestWithinTheWindowACorrectedFoldIsTheFoldOfTheCorrectedHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		games := season(t, 15)
		allCorrected := games[0].kickoff
		for _, g := range games {
			allCorrected = max(allCorrected, g.kickoff+2*hour)
			if g.wrong {
				allCorrected = max(allCorrected, g.correctAt)
			}
		}
		for _, until := range []football.Instant{allCorrected, allCorrected + 15*daily, allCorrected + 40*daily} {
			ratings := []string{"team/", "competition/", "table/", "base-", "results/"}
			got := fold(told(games, true), until).Dump(ratings...)
			want := fold(told(games, false), until).Dump(ratings...)
			if got != want {
				t.Fatalf("at %s\ngot\n%s\nwant\n%s", until, got, want)
			}
		}
	})
}

// TestATakenBackResultLeavesNoTraceInTheRatings: without a new result, the ratings are those of a history without it.
func TestATakenBackResultLeavesNoTraceInTheRatings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		games := season(t, 15)
		last := &games[len(games)-1]
		last.wrong = false
		events := told(games, true)
		until := last.kickoff + 3*hour
		view := fold(events, until)
		taken := &football.MatchEvent{Match: football.NewMatchID("england", "2015-16", last.home, last.away,
			len(games)), Pool: "england", At: until,
			Sequence: 4, Body: football.Correction{Corrects: 3}}
		features.New(features.Config{}).Step(view, taken)
		without := slices.DeleteFunc(events, func(e *football.MatchEvent) bool {
			return e.Match == taken.Match && e.Body.Kind() == "full-time"
		})
		got, want := view.Dump("team/", "competition/", "table/"),
			fold(without, until).Dump("team/", "competition/", "table/")
		if got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
	})
}

func TestAStepNeverChangesValuesThatItGot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stage, view := features.New(features.Config{}), featurestest.NewView()
		for _, e := range told(season(t, 4), true) {
			before := view.Dump()
			overlay := featurestest.NewOverlay(view)
			first := dump(stage.Step(overlay, e))
			if after := view.Dump(); after != before {
				t.Fatalf("%s changed the base\ngot\n%s\nwant\n%s", e.Body.Kind(), after, before)
			}
			if again := dump(stage.Step(view, e)); again != first { // the overlay was dropped, as after an abort
				t.Fatalf("%s again\ngot\n%s\nwant\n%s", e.Body.Kind(), again, first)
			}
		}
	})
}

func dump(outputs []football.Output) string {
	var b strings.Builder
	for _, o := range outputs {
		fmt.Fprintf(&b, "%+v\n", o)
	}
	return b.String()
}

// TestTheFutureDoesNotLeak folds two seasons of England, and again without what came after an instant and with other
// results from then on: every record made before that instant must be the same.
func TestTheFutureDoesNotLeak(t *testing.T) {
	rows := featurestest.Load(t, []string{"E0", "E1"}, 2014, 2015)
	cut := football.At(time.Date(2015, 11, 7, 15, 0, 0, 0, time.UTC))
	want := before(rows, cut)
	altered := slices.Clone(rows)
	n := 0
	for i := range altered {
		if altered[i].Kickoff >= cut {
			altered[i].Full = football.FullTime{HomeGoals: 9, Home: football.NoCounts(), Away: football.NoCounts()}
			altered[i].HalfHome, altered[i].HalfAway = 9, 0
			n++
		}
	}
	got := before(altered, cut)
	if len(got) != len(want) || len(want) < 5_000 || n < 500 {
		t.Fatalf("%d records, want %d; %d results altered", len(got), len(want), n)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("record %d: got %s, want %s", i, got[i], want[i])
		}
	}
}

// before returns the names and hashes of the records made up to an instant.
func before(rows []featurestest.Row, cut football.Instant) []string {
	stage, view := features.New(features.Config{}), featurestest.NewView()
	var out []string
	for _, e := range featurestest.History(rows) {
		for _, o := range stage.Step(view, e) {
			if f := o.(*football.MatchFeatures); f.At <= cut {
				out = append(out, fmt.Sprint(f.Match, f.Sequence, f.Trigger, f.Hash))
			}
		}
	}
	return out
}

func BenchmarkFoldOfASeason(b *testing.B) {
	events := featurestest.History(featurestest.Load(b, []string{"E0", "E1"}, 2015, 2015))
	b.ReportAllocs()
	for b.Loop() {
		stage, view := features.New(features.Config{}), featurestest.NewView()
		for _, e := range events {
			stage.Step(view, e)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(events)), "ns/event")
}
