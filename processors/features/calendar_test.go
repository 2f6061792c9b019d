package features_test

import (
	"slices"
	"testing"
	"time"

	"github.com/touchline/touchline/processors/features"
	"github.com/touchline/touchline/processors/features/featurestest"
	"github.com/touchline/touchline/schemas/football"
)

// run folds the lines of a script and returns the view and the outputs of the last line.
func run(t *testing.T, cfg features.Config, lines ...string) (*featurestest.View, []football.Output) {
	t.Helper()
	return runScript(t, featurestest.Script{}, cfg, lines...)
}

// runScript folds the lines of a script and returns the state, and the outputs of the last line.
func runScript(t *testing.T, script featurestest.Script, cfg features.Config, lines ...string) (*featurestest.View,
	[]football.Output) {
	t.Helper()
	var out []football.Output
	stage, view := features.New(cfg), featurestest.NewView()
	for _, line := range lines {
		e, err := script.Event(line)
		if err != nil {
			t.Fatal(err)
		}
		out = stage.Step(view, e)
	}
	return view, out
}

// TestDaysBefore1970: internationals were played since 1872, and midnight belongs to the day that it begins.
func TestDaysBefore1970(t *testing.T) {
	view, _ := run(t, features.Config{},
		"1966-07-16T14:00 england:germany scheduled 1966-07-30T14:00",
		"1966-07-16T14:00 italy:france scheduled 1966-07-30T00:00",
		"1966-07-16T14:00 spain:portugal scheduled 1966-07-29T23:59",
		"1966-07-16T14:00 wales:scotland scheduled 1970-01-01T00:01",
	)
	want := []string{"fixtures/england/1966-07-29", "fixtures/england/1966-07-30", "fixtures/england/1970-01-01"}
	if got := view.Keys("fixtures/"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestTheCorrectionWindowIsWholeDays: 25 hours are two days, so a result can be corrected the day after tomorrow.
func TestTheCorrectionWindowIsWholeDays(t *testing.T) {
	lines := []string{
		"2015-08-01T10:00 arsenal:chelsea scheduled 2015-08-08T14:00", "2015-08-08T14:00 arsenal:chelsea kick-off",
		"2015-08-08T15:55 arsenal:chelsea full-time 4-0", "2015-08-09T00:00 tick", "2015-08-10T00:00 tick",
	}
	corrected := "2015-08-11T10:00 arsenal:chelsea full-time 0-3"
	for window, kept := range map[time.Duration]bool{24 * time.Hour: false, 25 * time.Hour: true,
		48 * time.Hour: true} {
		view, _ := run(t, features.Config{Window: window}, lines...)
		if got := len(view.Keys("match/")) == 1; got != kept {
			t.Errorf("window %s: kept two days later: got %v, want %v", window, got, kept)
		}
	}
	_, out := run(t, features.Config{Window: 24 * time.Hour}, append(lines, corrected)...)
	if dropped, ok := out[0].(*football.Dropped); !ok || dropped.Reason != "needs-rebuild" {
		t.Errorf("after the window: got %+v, want it dropped as needs-rebuild", out[0])
	}
	view, _ := run(t, features.Config{Window: 25 * time.Hour}, append(lines, "2015-08-11T00:00 tick")...)
	if got := view.Keys("match/", "results/", "kickoff/"); len(got) != 0 {
		t.Errorf("three days later: got %v, want nothing left", got)
	}
	if got := view.Keys("base-team/"); len(got) != 2 {
		t.Errorf("got %v in the base, want both teams", got)
	}
}

// TestTheHorizonIncludesItsEnd: a kick-off in exactly 14 days gets a record, one a minute later does not.
func TestTheHorizonIncludesItsEnd(t *testing.T) {
	for kickoff, want := range map[string]int{"2015-08-15T10:00": 1, "2015-08-15T10:01": 0} {
		_, out := run(t, features.Config{}, "2015-08-01T10:00 arsenal:chelsea scheduled "+kickoff)
		if len(out) != want {
			t.Errorf("kick-off %s: got %d records, want %d", kickoff, len(out), want)
		}
	}
}

// TestAFixtureIsRecordedAgainWhenItsForecastMoves by Move or more, at the next day.
func TestAFixtureIsRecordedAgainWhenItsForecastMoves(t *testing.T) {
	lines := []string{
		"2015-08-01T10:00 arsenal:chelsea scheduled 2015-08-08T14:00",
		"2015-08-01T10:00 arsenal:everton scheduled 2015-08-10T14:00",
		"2015-08-01T10:00 leeds:arsenal scheduled 2015-08-12T14:00",
		"2015-08-08T14:00 arsenal:chelsea kick-off", "2015-08-08T15:55 arsenal:chelsea full-time 4-0",
		"2015-08-09T00:00 tick",
	}
	for move, want := range map[float64]int{1e-9: 1, 0.9: 0} {
		_, out := run(t, features.Config{Move: move}, lines...)
		if len(out) != want {
			t.Errorf("from a move of %v on: got %d records, want %d", move, len(out), want)
		}
	}
	_, out := run(t, features.Config{Move: 1e-9}, append(lines, "2015-08-10T00:00 tick")...)
	if len(out) != 0 {
		t.Errorf("a day on which no rating moved: got %d records, want none", len(out))
	}
}

// TestAMatchIsFollowedForSixHours after its kick-off, if no result comes.
func TestAMatchIsFollowedForSixHours(t *testing.T) {
	lines := []string{"2015-08-01T10:00 arsenal:chelsea scheduled 2015-08-08T19:00",
		"2015-08-08T19:00 arsenal:chelsea kick-off"}
	for day, want := range map[string]int{"2015-08-09T01:00": 1, "2015-08-09T01:01": 0} {
		view, _ := run(t, features.Config{}, append(lines, day+" tick")...)
		if got := len(view.Get("pool/england").(*features.Pool).InPlay); got != want {
			t.Errorf("at %s: got %d matches in play, want %d", day, got, want)
		}
	}
}

// TestOddsAreKeptByStage: early before closing whatever came first, each stage once.
func TestOddsAreKeptByStage(t *testing.T) {
	_, out := run(t, features.Config{},
		"2015-08-01T10:00 arsenal:chelsea scheduled 2015-08-08T14:00",
		"2015-08-02T10:00 arsenal:chelsea odds live average 9 9 9",
		"2015-08-02T10:00 arsenal:chelsea odds closing average 2 3 4",
		"2015-08-02T10:00 arsenal:chelsea odds early average 2.1 3 4",
		"2015-08-02T10:00 arsenal:chelsea odds in-play average 8 8 8",
		"2015-08-02T10:00 arsenal:chelsea odds early average 2.2 3 4",
	)
	var got []string
	odds := out[0].(*football.MatchFeatures).Odds
	for _, o := range odds {
		got = append(got, string(o.Stage))
	}
	if want := []string{"early", "closing", "in-play", "live"}; !slices.Equal(got, want) ||
		odds[0].Quotes[0].Home != 2.2 {
		t.Errorf("got %v, %+v, want %v with the latest early odds", got, odds[0], want)
	}
}

func TestTheBoundOfATick(t *testing.T) {
	if got := features.MaxPerTick(3, 4); got != 7 {
		t.Errorf("got %d, want a record of each", got)
	}
}

// TestHashesNeverChange: predictions name their feature record by its hash, so those of published records must stay.
// The match is of a cup: version 3 of the stage changed what knock-outs of leagues teach, and nothing of cups.
func TestHashesNeverChange(t *testing.T) {
	lines := []string{
		"2015-08-01T10:00 chelsea:arsenal scheduled 2015-08-02T14:00 first-leg",
		"2015-08-02T15:55 chelsea:arsenal full-time 0-1 shots 12-7 on 5-2 reds 0-1",
		"2015-08-03T10:00 arsenal:chelsea scheduled 2015-08-08T14:00 second-leg first=chelsea:arsenal away-goals " +
			"extra-time",
		"2015-08-03T11:00 arsenal:chelsea odds early average 2.1 3.4 3.6 1.95 1.9",
		"2015-08-08T14:00 arsenal:chelsea kick-off",
		"2015-08-08T15:50 arsenal:chelsea period-ended 2 0-1 48:00",
		"2015-08-08T16:10 arsenal:chelsea shot home 3 5:00 on 0.25",
	}
	for n, want := range map[int]string{1: "254d5fcd0181c92a", 4: "66dbff2f0e32535c", 7: "7dbc9101a5a125ca"} {
		_, out := runScript(t, featurestest.Script{Competition: "FAC"}, features.Config{}, lines[:n]...)
		if got := out[0].(*football.MatchFeatures).Hash; got != want {
			t.Errorf("record of %q: got %s, want %s", lines[n-1], got, want)
		}
	}
}

// TestTheHashOfALeaguesSecondHalf has no part of what follows 90 minutes: it is that of records from before there were
// ties.
func TestTheHashOfALeaguesSecondHalf(t *testing.T) {
	_, out := run(t, features.Config{}, "2015-08-01T10:00 arsenal:chelsea scheduled 2015-08-08T14:00",
		"2015-08-08T14:00 arsenal:chelsea kick-off", "2015-08-08T15:02 arsenal:chelsea period-started 2")
	if got := out[0].(*football.MatchFeatures).Hash; got != "15022ec0853bde64" {
		t.Errorf("got %s, want 15022ec0853bde64", got)
	}
}

// TestANextFixtureOnTheLastDayOfTheHorizon is recorded when a result moves its team; one a day later is not.
func TestANextFixtureOnTheLastDayOfTheHorizon(t *testing.T) {
	for kickoff, want := range map[string]int{"2015-08-22T12:00": 2, "2015-08-23T12:00": 1} {
		_, out := run(t, features.Config{}, "2015-08-01T10:00 arsenal:chelsea scheduled 2015-08-08T14:00",
			"2015-08-01T10:00 leeds:arsenal scheduled "+kickoff, "2015-08-08T14:00 arsenal:chelsea kick-off",
			"2015-08-08T15:55 arsenal:chelsea full-time 4-0")
		if len(out) != want {
			t.Errorf("kick-off %s: got %d records, want %d", kickoff, len(out), want)
		}
	}
}

// TestAFixtureThatKicksOffNowIsNoLongerNext: the result of another match of that instant makes no record of it.
func TestAFixtureThatKicksOffNowIsNoLongerNext(t *testing.T) {
	for kickoff, want := range map[string]int{"2015-08-08T15:55": 1, "2015-08-08T15:56": 2} {
		_, out := run(t, features.Config{}, "2015-08-01T10:00 arsenal:chelsea scheduled 2015-08-08T14:00",
			"2015-08-01T10:00 leeds:arsenal scheduled "+kickoff, "2015-08-08T14:00 arsenal:chelsea kick-off",
			"2015-08-08T15:55 arsenal:chelsea full-time 4-0")
		if len(out) != want {
			t.Errorf("kick-off %s: got %d records, want %d", kickoff, len(out), want)
		}
	}
}

// TestWhatDoesNotChangeIsNotWritten: a second substitution of an instant leaves match and pool as they are, each field
// of which is compared before it would be appended to the changelog.
func TestWhatDoesNotChangeIsNotWritten(t *testing.T) {
	lines := []string{"2015-08-01T00:00 tick", "2015-08-01T09:00 models 4",
		"2015-08-01T10:00 arsenal:chelsea scheduled 2015-08-08T14:00", "2015-08-08T14:00 arsenal:chelsea kick-off",
		"2015-08-08T14:10 arsenal:chelsea sub home 1 10:00"}
	before, _ := run(t, features.Config{}, lines...)
	after, _ := run(t, features.Config{}, append(lines, "2015-08-08T14:10 arsenal:chelsea sub home 1 10:00")...)
	if after.Writes != before.Writes {
		t.Errorf("got %d writes more, want none", after.Writes-before.Writes)
	}
	for what, line := range map[string]string{"stream time": "2015-08-08T14:11 arsenal:chelsea sub home 1 11:00",
		"the position of models": "2015-08-08T14:10 models 5"} {
		changed, _ := run(t, features.Config{}, append(lines, line)...)
		if changed.Writes != before.Writes+1 {
			t.Errorf("%s: got %d writes more, want one", what, changed.Writes-before.Writes)
		}
	}
}

// TestAFirstLegWithoutAResultIsNotKnown until it is settled; its goals then change sides with the ground.
func TestAFirstLegWithoutAResultIsNotKnown(t *testing.T) {
	lines := []string{"2015-08-01T10:00 chelsea:arsenal scheduled 2015-08-02T14:00 first-leg",
		"2015-08-01T10:00 arsenal:chelsea scheduled 2015-08-08T14:00 second-leg first=chelsea:arsenal"}
	_, out := run(t, features.Config{}, lines...)
	if tie := out[0].(*football.MatchFeatures).Tie; tie.FirstHome != -1 || tie.FirstAway != -1 {
		t.Errorf("before the first leg: got %+v, want -1 and -1", tie)
	}
	_, out = run(t, features.Config{}, append(lines, "2015-08-02T15:55 chelsea:arsenal full-time 3-1",
		"2015-08-08T13:00 arsenal:chelsea line-up home")...)
	if tie := out[0].(*football.MatchFeatures).Tie; tie.FirstHome != 1 || tie.FirstAway != 3 {
		t.Errorf("after it: got %+v, want 1 and 3", tie)
	}
}
