package features_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/touchline/touchline/processors/features"
	"github.com/touchline/touchline/schemas/football"
)

// leagueSeason is a season of two clubs, each at home once: nothing is left to play in the league.
var leagueSeason = []string{
	"2015-08-01T10:00 arsenal:chelsea scheduled 2015-08-08T14:00",
	"2015-08-08T14:00 arsenal:chelsea kick-off",
	"2015-08-08T15:55 arsenal:chelsea full-time 2-0 shots 12-7 on 5-2 reds 0-0",
	"2015-08-08T16:00 chelsea:arsenal scheduled 2015-08-15T14:00",
	"2015-08-15T14:00 chelsea:arsenal kick-off",
	"2015-08-15T15:55 chelsea:arsenal full-time 1-1 shots 9-9 on 3-3 reds 0-0",
}

// playOff is a play-off of the league between one of its clubs and one that it has not seen.
var playOff = []string{
	"2015-08-16T10:00 leeds:arsenal scheduled 2015-08-22T14:00 single extra-time",
	"2015-08-22T14:00 leeds:arsenal kick-off",
	"2015-08-22T15:55 leeds:arsenal full-time 3-1 shots 10-5 on 6-1 reds 0-0",
}

// TestAPlayOffIsNoMatchOfTheLeague: it teaches the strengths of both sides, and changes neither the table nor the rates
// of the league, for tables, outlook and features have one rule.
func TestAPlayOffIsNoMatchOfTheLeague(t *testing.T) {
	before, _ := run(t, features.Config{}, leagueSeason...)
	after, out := run(t, features.Config{}, slices.Concat(leagueSeason, playOff)...)
	for _, key := range []string{"table/E0", "competition/E0"} {
		if got, want := after.Get(key), before.Get(key); !reflect.DeepEqual(got, want) {
			t.Errorf("%s after the play-off: got %+v, want %+v", key, got, want)
		}
	}
	if got, want := after.Get("team/arsenal"), before.Get("team/arsenal"); reflect.DeepEqual(got, want) {
		t.Errorf("arsenal: got %+v, want other strengths after the play-off", got)
	}
	if after.Get("team/leeds") == nil {
		t.Error("leeds: got no ratings, want those that the play-off taught")
	}
	settled := out[0].(*football.MatchFeatures)
	if settled.League.Played != 2 || settled.AwayTeam.Decided != 0 {
		t.Errorf("got %d matches of the league and %v decided, want 2 and nothing", settled.League.Played,
			settled.AwayTeam.Decided)
	}
}

// TestACorrectedPlayOffFoldsAgain to what it would have been, and leaves the league alone.
func TestACorrectedPlayOffFoldsAgain(t *testing.T) {
	right, _ := run(t, features.Config{}, slices.Concat(leagueSeason, playOff[:2],
		[]string{"2015-08-22T15:55 leeds:arsenal full-time 0-1 shots 10-5 on 6-1 reds 0-0"})...)
	corrected, _ := run(t, features.Config{}, slices.Concat(leagueSeason, playOff, []string{
		"2015-08-23T10:00 leeds:arsenal correction 3 ineligible player",
		"2015-08-23T10:00 leeds:arsenal full-time 0-1 shots 10-5 on 6-1 reds 0-0",
	})...)
	for _, key := range []string{"team/arsenal", "team/leeds", "team/chelsea", "table/E0", "competition/E0"} {
		if got, want := corrected.Get(key), right.Get(key); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", key, got, want)
		}
	}
}
