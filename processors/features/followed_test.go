package features_test

import (
	"slices"
	"testing"

	"github.com/touchline/touchline/processors/features"
	"github.com/touchline/touchline/processors/features/featurestest"
	"github.com/touchline/touchline/processors/rating"
	"github.com/touchline/touchline/schemas/football"
)

// triggers returns the matches of the records among the outputs, each with what caused its record.
func triggers(outputs []football.Output) []string {
	var all []string
	for _, o := range outputs {
		f := o.(*football.MatchFeatures)
		all = append(all, string(f.Home)+":"+string(f.Away)+" "+f.Trigger)
	}
	return all
}

// TestTheSecondLegFollowsTheFirst: the result of a first leg makes a record of the second, though both teams play
// others before; not when the second leg is too far away to have records.
func TestTheSecondLegFollowsTheFirst(t *testing.T) {
	for kickoff, want := range map[string][]string{
		"2015-08-09T14:00": {"chelsea:arsenal full-time", "leeds:chelsea team-result", "arsenal:everton team-result",
			"arsenal:chelsea team-result"},
		"2015-08-30T14:00": {"chelsea:arsenal full-time", "leeds:chelsea team-result", "arsenal:everton team-result"},
	} {
		_, out := run(t, features.Config{},
			"2015-08-01T10:00 chelsea:arsenal scheduled 2015-08-02T14:00 first-leg",
			"2015-08-01T10:00 arsenal:everton scheduled 2015-08-05T14:00",
			"2015-08-01T10:00 leeds:chelsea scheduled 2015-08-05T15:00",
			"2015-08-01T10:00 arsenal:chelsea scheduled "+kickoff+" second-leg first=chelsea:arsenal",
			"2015-08-02T14:00 chelsea:arsenal kick-off", "2015-08-02T15:55 chelsea:arsenal full-time 3-1")
		if got := triggers(out); !slices.Equal(got, want) {
			t.Errorf("second leg on %s: got %q, want %q", kickoff, got, want)
		}
	}
}

// TestAFixtureIsRecordedAgainOnceADay: a result moves the forecast of a fixture, which is news at midnight and not at
// every tick of the evening.
func TestAFixtureIsRecordedAgainOnceADay(t *testing.T) {
	lines := []string{
		"2015-08-01T10:00 arsenal:chelsea scheduled 2015-08-08T14:00",
		"2015-08-01T10:00 arsenal:everton scheduled 2015-08-10T14:00",
		"2015-08-01T10:00 leeds:arsenal scheduled 2015-08-12T14:00",
		"2015-08-08T00:00 tick",
		"2015-08-08T14:00 arsenal:chelsea kick-off", "2015-08-08T15:55 arsenal:chelsea full-time 4-0",
	}
	for _, step := range []struct {
		tick string
		want []string
	}{{"2015-08-08T16:00 tick", nil}, {"2015-08-09T00:00 tick", []string{"leeds:arsenal daily"}},
		{"2015-08-09T00:01 tick", nil}} {
		lines = append(lines, step.tick)
		_, out := run(t, features.Config{Move: 1e-9}, lines...)
		if got := triggers(out); !slices.Equal(got, step.want) {
			t.Errorf("%s: got %q, want %q", step.tick, got, step.want)
		}
	}
}

// TestAMatchIsInPlayOnce from its kick-off to its result, also when it is the only one.
func TestAMatchIsInPlayOnce(t *testing.T) {
	lines := []string{"2015-08-01T10:00 arsenal:chelsea scheduled 2015-08-08T14:00",
		"2015-08-01T10:00 leeds:everton scheduled 2015-08-08T14:00"}
	for _, step := range []struct {
		line string
		want int
	}{
		{"2015-08-08T14:00 arsenal:chelsea kick-off", 1}, {"2015-08-08T14:23 arsenal:chelsea goal home 1 23:10", 1},
		{"2015-08-08T14:24 leeds:everton kick-off", 2}, {"2015-08-08T14:30 leeds:everton card away 1 6:00 red", 2},
		{"2015-08-08T14:31 arsenal:chelsea goal home 1 31:00", 2},
		{"2015-08-08T15:55 arsenal:chelsea full-time 2-0", 1}, {"2015-08-08T16:15 leeds:everton full-time 0-0", 0},
	} {
		lines = append(lines, step.line)
		view, _ := run(t, features.Config{}, lines...)
		if got := view.Get("pool/england").(*features.Pool).InPlay; len(got) != step.want {
			t.Errorf("%s: got %v in play, want %d", step.line, got, step.want)
		}
	}
}

// TestACupHasTheRatesOfTheHomeSidesLeague: goals of the league count in the cup as soon as the home side has played in
// the league.
func TestACupHasTheRatesOfTheHomeSidesLeague(t *testing.T) {
	var script featurestest.Script
	stage, view := features.New(features.Config{}), featurestest.NewView()
	step := func(competition football.CompetitionID, line string) football.CompetitionFeatures {
		t.Helper()
		script.Competition = competition
		e, err := script.Event(line)
		if err != nil {
			t.Fatal(err)
		}
		out := stage.Step(view, e)
		if len(out) == 0 {
			t.Fatalf("%s: got no record", line)
		}
		return out[0].(*football.MatchFeatures).League
	}
	before := step("SIMC1", "2015-08-01T09:00 arsenal:leeds scheduled 2015-08-12T19:00")
	step("E0", "2015-08-01T10:00 arsenal:chelsea scheduled 2015-08-02T14:00")
	step("E0", "2015-08-02T14:00 arsenal:chelsea kick-off")
	step("E0", "2015-08-02T15:55 arsenal:chelsea full-time 6-3")
	league := step("E0", "2015-08-03T10:00 arsenal:everton scheduled 2015-08-09T14:00")
	cup := step("SIMC1", "2015-08-03T11:00 arsenal:fulham scheduled 2015-08-13T19:00")
	unknown := step("SIMC1", "2015-08-03T12:00 stoke:arsenal scheduled 2015-08-13T20:00")
	if cup != league {
		t.Errorf("a home side of the league: got %+v, want %+v", cup, league)
	}
	if unknown != before || unknown == league {
		t.Errorf("a home side that never played: got %+v, want the cup's own, %+v", unknown, before)
	}
}

// TestNationalTeamsHaveParametersOfTheirOwn: those of Config.National, which are rating.National by default.
func TestNationalTeamsHaveParametersOfTheirOwn(t *testing.T) {
	hash := func(cfg features.Config) string {
		stage, view := features.New(cfg), featurestest.NewView()
		var script featurestest.Script
		var last string
		for _, line := range []string{"2018-07-01T10:00 france:croatia scheduled 2018-07-15T15:00",
			"2018-07-15T15:00 france:croatia kick-off", "2018-07-15T16:55 france:croatia full-time 4-2",
			"2018-09-01T10:00 france:germany scheduled 2018-09-09T18:00"} {
			e, err := script.Event(line)
			if err != nil {
				t.Fatal(err)
			}
			e.Pool, e.Competition = "international", "FRIENDLY"
			for _, o := range stage.Step(view, e) {
				last = o.(*football.MatchFeatures).Hash
			}
		}
		return last
	}
	byDefault := hash(features.Config{})
	if got := hash(features.Config{National: rating.National()}); got != byDefault {
		t.Errorf("National as it is by default: got %s, want %s", got, byDefault)
	}
	if got := hash(features.Config{National: rating.Defaults()}); got == byDefault {
		t.Error("National as for clubs: got the same record, want another")
	}
	clubs := rating.National()
	if got := hash(features.Config{Params: clubs}); got != byDefault {
		t.Errorf("other parameters for clubs: got %s, want %s", got, byDefault)
	}
}
