package featurestest_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/touchline/touchline/processors/features/featurestest"
	"github.com/touchline/touchline/schemas/football"
)

func TestAScriptReadsEveryKindOfEvent(t *testing.T) {
	clock := football.Clock{Period: 2, Elapsed: 61}
	none := football.NoCounts()
	shots := football.FullTime{HomeGoals: 2, AwayGoals: 1, Home: none, Away: none}
	shots.Home.Shots, shots.Away.Shots, shots.Home.ShotsOnTarget, shots.Away.ShotsOnTarget = 12, 7, 5, 2
	shots.Home.Reds, shots.Away.Reds = 0, 1
	kickoff := football.At(time.Date(2015, 8, 22, 14, 0, 0, 0, time.UTC))
	tests := map[string]football.EventBody{
		"scheduled 2015-08-22T14:00": football.FixtureScheduled{Kickoff: kickoff},
		"scheduled 2015-08-22T14:00 second-leg first=chelsea:arsenal away-goals extra-time": football.FixtureScheduled{
			Kickoff: kickoff, Tie: football.Tie{Kind: football.TieSecondLeg, AwayGoals: true, ExtraTime: true,
				FirstLeg: football.NewMatchID("england", "2015-16", "chelsea", "arsenal", 1)}},
		"postponed": football.FixtureScheduled{},
		"odds early average 2.1 3.4 3.6 1.95 1.9": football.OddsQuoted{Stage: football.OddsEarly,
			Quotes: []football.Quote{
				{Bookmaker: "average", Home: 2.1, Draw: 3.4, Away: 3.6, Over25: 1.95, Under25: 1.9}}},
		"line-up home":         football.LineUp{Side: football.Home},
		"kick-off":             football.KickOff{},
		"goal away 2 1:01":     football.Goal{Side: football.Away, Clock: clock},
		"goal away 2 1:01 own": football.Goal{Side: football.Away, Clock: clock, OwnGoal: true},
		"card home 2 1:01 red": football.Card{Side: football.Home, Clock: clock,
			Colour: football.Red},
		"shot home 2 1:01 on 0.25": football.Shot{Side: football.Home, Clock: clock, OnTarget: true,
			XG: 0.25},
		"sub home 2 1:01":          football.Substitution{Side: football.Home, Clock: clock},
		"period-started 2":         football.PeriodStarted{Period: 2},
		"period-ended 1 1-0 47:00": football.PeriodEnded{Period: 1, HomeGoals: 1, Elapsed: 2820},
		"period-ended 5 1-1 0:00 home": football.PeriodEnded{Period: 5, HomeGoals: 1, AwayGoals: 1,
			Winner: football.Home},
		"full-time 2-1 shots 12-7 on 5-2 reds 0-1": shots,
		"counts shots 12-7 on 5-2 reds 0-1":        football.MatchCounts{Home: shots.Home, Away: shots.Away},
		"correction 9 ineligible player":           football.Correction{Corrects: 9, Reason: "ineligible player"},
	}
	for line, want := range tests {
		var script featurestest.Script
		e, err := script.Event("2015-08-01T10:30 arsenal:chelsea " + line)
		if err != nil || !reflect.DeepEqual(e.Body, want) {
			t.Errorf("%s: got %+v, %v, want %+v", line, e.Body, err, want)
		}
		if e.Home != "arsenal" || e.Away != "chelsea" || e.Sequence != 1 || e.Competition != "E0" ||
			e.Season != "2015-16" ||
			e.At != football.At(time.Date(2015, 8, 1, 10, 30, 0, 0, time.UTC)) {
			t.Errorf("%s: got %+v", line, e)
		}
	}
}

func TestAScriptNumbersTheEventsOfAMatchAndReadsThoseOfAPool(t *testing.T) {
	script := featurestest.Script{Season: "2016-17", Competition: "FAC"}
	var got []int64
	for _, line := range []string{"a:b kick-off", "c:d kick-off", "a:b line-up home", "tick", "models 3"} {
		e, err := script.Event("2015-08-01T10:30 " + line)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e.Sequence)
		if m, ok := e.Body.(football.ModelsChanged); ok && m.Position != 3 {
			t.Errorf("got position %d, want 3", m.Position)
		}
		if e.Match != "" && (e.Season != "2016-17" || e.Competition != "FAC") {
			t.Errorf("got %+v, want the script's season and competition", e)
		}
	}
	if want := []int64{1, 1, 2, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("got sequences %v, want %v", got, want)
	}
	for _, line := range []string{"", "2015-08-01T10:30", "yesterday a:b kick-off", "2015-08-01T10:30 a:b applause",
		"2015-08-01T10:30 a:b scheduled tomorrow"} {
		if e, err := script.Event(line); err == nil {
			t.Errorf("%q: got %+v, want an error", line, e)
		}
	}
}

// TestAHistoryIsInOrder: forecasts of an instant before its results, a tick at the beginning of each day.
func TestAHistoryIsInOrder(t *testing.T) {
	kickoff := football.At(time.Date(2015, 8, 8, 14, 0, 0, 0, time.UTC))
	row := featurestest.Row{Pool: "england", Competition: "E0", Season: "2015-16", HomeID: "a", AwayID: "b", Match: "m",
		Kickoff: kickoff, HalfHome: 1, Full: football.FullTime{HomeGoals: 2},
		Early: []football.Quote{{Home: 2}}, Closing: []football.Quote{{Home: 3}}}
	events := featurestest.History([]featurestest.Row{row})
	var kinds []string
	ticks := 0
	for i, e := range events {
		if i > 0 && e.At < events[i-1].At {
			t.Errorf("event %d is earlier than the one before", i)
		}
		if _, tick := e.Body.(football.Tick); tick {
			ticks++
			continue
		}
		kinds = append(kinds, e.Body.Kind())
	}
	want := []string{"fixture-scheduled", "odds-quoted", "odds-quoted", "kick-off", "period-ended", "full-time"}
	if !slices.Equal(kinds, want) || ticks != 14 {
		t.Errorf("got %v and %d ticks, want %v and 14", kinds, ticks, want)
	}
}

func TestViews(t *testing.T) {
	view := featurestest.NewView()
	one, two := 1, 2
	view.Put("a/1", &one)
	view.Put("b/1", &two)
	overlay := featurestest.NewOverlay(view)
	overlay.Put("a/1", &two)
	overlay.Delete("b/1")
	if overlay.Get("a/1") != any(&two) || overlay.Get("b/1") != nil || view.Get("a/1") != any(&one) {
		t.Errorf("got %v, %v over %v", overlay.Get("a/1"), overlay.Get("b/1"), view.Get("a/1"))
	}
	view.Delete("b/1")
	if view.Len() != 1 || view.Writes != 3 || !slices.Equal(view.Keys(), []string{"a/1"}) || len(view.Keys("b/")) != 0 {
		t.Errorf("got %v after %d writes", view.Keys(), view.Writes)
	}
}
