package features_test

import (
	"reflect"
	"testing"

	"github.com/touchline/touchline/processors/features"
	"github.com/touchline/touchline/processors/features/featurestest"
	"github.com/touchline/touchline/schemas/football"
)

// compareTeams compares the ratings of Leeds and Arsenal in two states.
func compareTeams(t *testing.T, got, want *featurestest.View) {
	t.Helper()
	for _, key := range []string{"team/arsenal", "team/leeds"} {
		if got, want := got.Get(key), want.Get(key); got == nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", key, got, want)
		}
	}
}

// TestAScoreAfter90MinutesSettlesAgain: a result after extra time is taken as it is until a source gives the score
// after 90 minutes, be it after the result; then the ratings are those of 90 minutes.
func TestAScoreAfter90MinutesSettlesAgain(t *testing.T) {
	const scheduled = "2015-08-16T10:00 leeds:arsenal scheduled 2015-08-22T14:00 single extra-time"
	const regular = "2015-08-22T16:35 leeds:arsenal period-ended 2 1-1 0:00"
	const extra = "2015-08-22T16:35 leeds:arsenal period-ended 4 3-1 0:00"
	const result = "2015-08-22T16:40 leeds:arsenal full-time 3-1"
	right, _ := run(t, features.Config{}, scheduled, regular, extra, result)
	late, out := run(t, features.Config{}, scheduled, result, regular, extra)
	compareTeams(t, late, right)
	if home, away := out[0].(*football.MatchFeatures).Live.Regular(); home != 1 || away != 1 {
		t.Errorf("got %d-%d after 90 minutes, want 1-1", home, away)
	}
}

// TestCountsFromAnotherSourceSettleAgain: a result without counts and the counts of another source teach what a result
// with counts does, also when the result is corrected in between.
func TestCountsFromAnotherSourceSettleAgain(t *testing.T) {
	const scheduled = "2015-08-16T10:00 leeds:arsenal scheduled 2015-08-22T14:00"
	const counts = " shots 12-7 on 5-2 reds 0-1"
	right, _ := run(t, features.Config{}, scheduled, "2015-08-22T15:55 leeds:arsenal full-time 2-1"+counts)
	late, out := run(t, features.Config{}, scheduled, "2015-08-22T15:55 leeds:arsenal full-time 2-1",
		"2015-08-22T16:05 leeds:arsenal counts"+counts)
	compareTeams(t, late, right)
	if live := out[0].(*football.MatchFeatures).Live; live.HomeShots != 12 || live.AwayReds != 1 {
		t.Errorf("got %d shots and %d sent off, want 12 and 1", live.HomeShots, live.AwayReds)
	}
	corrected, _ := run(t, features.Config{}, scheduled, "2015-08-22T15:55 leeds:arsenal full-time 3-1",
		"2015-08-22T16:05 leeds:arsenal counts"+counts, "2015-08-22T17:00 leeds:arsenal correction 2 offside",
		"2015-08-22T17:00 leeds:arsenal full-time 2-1")
	compareTeams(t, corrected, right)
}

// TestShotsThatWereReportedTeach: a feed of events gives no counts with its result; its shots, goals among them, and
// their expected goals are those of the live state, and teach what counts with the result do.
func TestShotsThatWereReportedTeach(t *testing.T) {
	lines := []string{
		"2015-08-16T10:00 leeds:arsenal scheduled 2015-08-22T14:00",
		"2015-08-22T14:00 leeds:arsenal kick-off",
		"2015-08-22T14:10 leeds:arsenal goal home 1 10:00 shot 0.25",
		"2015-08-22T14:20 leeds:arsenal shot home 1 20:00 off 0.125",
		"2015-08-22T14:30 leeds:arsenal shot away 1 30:00 on 0.5",
	}
	reported, out := run(t, features.Config{}, append(lines, "2015-08-22T15:55 leeds:arsenal full-time 1-0")...)
	stated, _ := run(t, features.Config{}, lines[0], lines[1],
		"2015-08-22T15:55 leeds:arsenal full-time 1-0 shots 2-1 on 1-1")
	compareTeams(t, reported, stated)
	live := out[0].(*football.MatchFeatures).Live
	if live.HomeXG != 0.375 || live.AwayXG != 0.5 || live.HomeShots != 2 {
		t.Errorf("got xG %v and %v of %d shots at home, want 0.375 and 0.5 of 2", live.HomeXG, live.AwayXG,
			live.HomeShots)
	}
	// A source of goals alone tells nothing of shots.
	goals, _ := run(t, features.Config{}, lines[0], lines[1], lines[2], "2015-08-22T15:55 leeds:arsenal full-time 1-0")
	none, _ := run(t, features.Config{}, lines[0], lines[1], "2015-08-22T15:55 leeds:arsenal full-time 1-0")
	compareTeams(t, goals, none)
}
