package match_test

import (
	"testing"

	"github.com/touchline/touchline/processors/features/featurestest"
	"github.com/touchline/touchline/processors/match"
	"github.com/touchline/touchline/schemas/football"
)

// played returns the state after the events of a script, in which every line is of arsenal:chelsea on one day.
func played(t *testing.T, lines ...string) match.State {
	t.Helper()
	var script featurestest.Script
	var s match.State
	for _, line := range lines {
		e, err := script.Event("2015-08-22T" + line[:5] + " arsenal:chelsea" + line[5:])
		if err != nil {
			t.Fatal(err)
		}
		s = s.Apply(e)
	}
	return s
}

func TestTheClock(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  football.Clock
	}{
		{"a postponed match has none", []string{"14:00 postponed"}, football.Clock{}},
		{"a result alone is of 90 minutes", []string{"16:00 full-time 2-1"}, football.Clock{Period: 2, Elapsed: 2700}},
		{"a result after the first half alone is of 90 minutes",
			[]string{"15:00 kick-off", "15:47 period-ended 1 1-0 47:00", "16:00 full-time 2-1"},
			football.Clock{Period: 2, Elapsed: 2700}},
		{"half-time is where the first half ended", []string{"15:00 kick-off", "15:47 period-ended 1 1-0 47:00"},
			football.Clock{Period: 1, Elapsed: 2820}},
		{"an end without a length is that of the period", []string{"15:00 kick-off", "15:47 period-ended 1 1-0"},
			football.Clock{Period: 1, Elapsed: 2700}},
		{"a later event moves an end without a length",
			[]string{"15:00 kick-off", "15:47 goal home 1 46:00", "15:47 period-ended 1 1-0"},
			football.Clock{Period: 1, Elapsed: 2760}},
		{"of two starts the earlier counts", []string{"15:01 kick-off", "15:00 kick-off", "15:10 line-up"},
			football.Clock{Period: 1, Elapsed: 600}},
		{"of two starts the earlier counts, in order", []string{"15:00 kick-off", "15:01 kick-off", "15:10 line-up"},
			football.Clock{Period: 1, Elapsed: 600}},
		{"the second half stops after the longest stoppage time", []string{"16:00 period-started 2", "18:00 line-up"},
			football.Clock{Period: 2, Elapsed: 60 * 60}},
		{"the second half of extra time likewise", []string{"17:00 period-started 4", "18:00 line-up"},
			football.Clock{Period: 4, Elapsed: 20 * 60}},
		{"a league's match stops at its end", []string{"16:00 period-started 2", "16:50 period-ended 2 1-1 49:00"},
			football.Clock{Period: 2, Elapsed: 2940}},
		{"a level knock-out without extra time goes to penalties",
			[]string{"14:00 scheduled 2015-08-22T15:00 single", "16:50 period-ended 2 1-1 49:00"},
			football.Clock{Period: 5}},
		{"a level knock-out goes to extra time",
			[]string{"14:00 scheduled 2015-08-22T15:00 single extra-time", "16:50 period-ended 2 1-1 49:00"},
			football.Clock{Period: 3}},
		{"a knock-out that is decided ends",
			[]string{"14:00 scheduled 2015-08-22T15:00 single extra-time", "16:50 period-ended 2 2-1 49:00"},
			football.Clock{Period: 2, Elapsed: 2940}},
		{"extra time has a second half even when a side leads",
			[]string{"14:00 scheduled 2015-08-22T15:00 single extra-time", "17:15 period-ended 3 2-1 15:00"},
			football.Clock{Period: 4}},
		{"after extra time penalties follow",
			[]string{"14:00 scheduled 2015-08-22T15:00 single extra-time", "17:35 period-ended 4 1-1 15:00"},
			football.Clock{Period: 5}},
		{"the end of the second half of extra time is the last one of a decided knock-out",
			[]string{"14:00 scheduled 2015-08-22T15:00 single extra-time", "17:35 period-ended 4 2-1 15:30"},
			football.Clock{Period: 4, Elapsed: 930}},
		{"a second leg may go on whatever its score",
			[]string{"14:00 scheduled 2015-08-22T15:00 second-leg first=chelsea:arsenal extra-time",
				"16:50 period-ended 2 2-1 49:00"}, football.Clock{Period: 3}},
		{"a first leg does not",
			[]string{"14:00 scheduled 2015-08-22T15:00 first-leg", "16:50 period-ended 2 1-1 49:00"},
			football.Clock{Period: 2, Elapsed: 2940}},
		{"a knock-out does not go on at half-time",
			[]string{"14:00 scheduled 2015-08-22T15:00 single extra-time", "15:47 period-ended 1 0-0 47:00"},
			football.Clock{Period: 1, Elapsed: 2820}},
		{"nor when it is settled",
			[]string{"14:00 scheduled 2015-08-22T15:00 single extra-time", "16:50 period-ended 2 1-1 49:00",
				"17:00 full-time 1-1"}, football.Clock{Period: 2, Elapsed: 2940}},
		{"nor after a shoot-out",
			[]string{"14:00 scheduled 2015-08-22T15:00 single extra-time", "18:00 period-ended 5 1-1 3:00"},
			football.Clock{Period: 5, Elapsed: 180}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := played(t, tt.lines...).Live().Clock; got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestThePhase(t *testing.T) {
	tests := []struct {
		want  football.Phase
		lines []string
	}{
		{football.Postponed, []string{"14:00 postponed"}},
		{football.PreMatch, []string{"14:00 scheduled 2015-08-22T15:00"}},
		{football.InPlay, []string{"14:00 scheduled 2015-08-22T15:00", "15:00 kick-off"}},
		{football.HalfTime, []string{"15:00 kick-off", "15:47 period-ended 1 1-0 47:00"}},
		{football.InPlay, []string{"15:47 period-ended 1 1-0 47:00", "16:00 period-started 2"}},
		{football.InPlay, []string{"16:50 period-ended 2 1-0 47:00"}},
		{football.Settled, []string{"15:00 kick-off", "17:00 full-time 1-0"}},
	}
	for _, tt := range tests {
		if got := played(t, tt.lines...).Live().Phase; got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.lines, got, tt.want)
		}
	}
}

// TestTheScore has want as home and away goals, then those at half-time.
func TestTheScore(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  [4]int32
	}{
		{"goals add up", []string{"15:10 goal home 1 10:00", "15:20 goal away 1 20:00", "15:30 goal away 1 30:00"},
			[4]int32{1, 2, 0, 0}},
		{"a statement replaces the goals up to then",
			[]string{"15:10 goal home 1 10:00", "15:47 period-ended 1 2-1 47:00", "16:10 goal home 2 10:00"},
			[4]int32{3, 1, 2, 1}},
		{"of two statements of a period the later counts",
			[]string{"15:45 period-ended 1 1-0 45:00", "15:47 period-ended 1 1-1 47:00"}, [4]int32{1, 1, 1, 0}},
		{"of two periods the later statement counts",
			[]string{"16:47 period-ended 2 3-1 47:00", "15:47 period-ended 1 1-1 47:00"}, [4]int32{3, 1, 1, 1}},
		{"half-time follows from the goals once the second half has begun",
			[]string{"15:10 goal home 1 10:00", "15:20 goal away 1 20:00", "15:30 goal away 1 30:00",
				"16:00 period-started 2", "16:10 goal home 2 10:00"}, [4]int32{2, 2, 1, 2}},
		{"half-time of a result alone is not known", []string{"17:00 full-time 2-1"}, [4]int32{2, 1, -1, -1}},
		{"a result replaces the goals", []string{"15:10 goal away 1 10:00", "17:00 full-time 2-0"},
			[4]int32{2, 0, -1, -1}},
		{"the last of two results counts", []string{"17:00 full-time 2-0", "18:00 full-time 0-3"},
			[4]int32{0, 3, -1, -1}},
		{"extra time alone tells that half-time is over", []string{"15:10 goal home 1 10:00", "17:10 goal away 3 5:00"},
			[4]int32{1, 1, 1, 0}},
		{"its second half too", []string{"15:10 goal home 1 10:00", "17:30 goal away 4 5:00"}, [4]int32{1, 1, 1, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := played(t, tt.lines...).Live()
			if got := [4]int32{l.HomeGoals, l.AwayGoals, l.HomeHalfTime, l.AwayHalfTime}; got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestCountsOfTheSource: those of a result replace what was counted, also when they are 0; unknown ones do not.
func TestCountsOfTheSource(t *testing.T) {
	events := []string{"15:10 card home 1 10:00 red", "15:20 card away 1 20:00 red", "15:30 shot home 1 30:00 on 0.2"}
	l := played(t, append(events, "17:00 full-time 1-0 reds 0-2")...).Live()
	if l.HomeReds != 0 || l.AwayReds != 2 || l.HomeShots != 1 || l.HomeOnTarget != 1 {
		t.Errorf("got %+v, want 0 and 2 reds, a shot on target", l)
	}
	l = played(t, append(events, "17:00 full-time 1-0 shots 0-7 on 0-3")...).Live()
	if l.HomeReds != 1 || l.AwayReds != 1 || l.HomeShots != 0 || l.AwayShots != 7 || l.AwayOnTarget != 3 {
		t.Errorf("got %+v, want a red each, 0 and 7 shots, 3 on target", l)
	}
}

// TestExtraTimeAndPenalties: goals of extra time are part of the score, those of the shoot-out decide it only.
func TestExtraTimeAndPenalties(t *testing.T) {
	played90 := []string{"14:00 scheduled 2015-08-22T15:00 single extra-time", "16:50 period-ended 2 1-1 49:00"}
	extra := append(played90, "17:10 goal home 3 5:00", "17:12 goal home 3 7:00", "17:30 goal away 4 5:00")
	if l := played(t, extra...).Live(); l.HomeGoals != 3 || l.AwayGoals != 2 || l.HomeExtra != 2 || l.AwayExtra != 1 {
		t.Errorf("got %+v, want 3-2, of it 2-1 in extra time", l)
	}
	second := append(played90, "17:30 goal away 4 5:00")
	if l := played(t, second...).Live(); l.HomeExtra != 0 || l.AwayExtra != 1 {
		t.Errorf("a goal in the second half of extra time: got %+v", l)
	}
	for _, awarded := range []string{"19:00 full-time 3-3", "19:00 full-time 0-2"} {
		if l := played(t, append(extra, awarded)...).Live(); l.HomeExtra != 0 || l.AwayExtra != 0 {
			t.Errorf("%s, awarded: got %d-%d in extra time", awarded, l.HomeExtra, l.AwayExtra)
		}
	}
	kicks := append(played90, "18:00 goal home 5 0:10", "18:01 shot away 5 1:00", "18:02 goal home 5 2:00",
		"18:03 goal away 5 3:00")
	l := played(t, kicks...).Live()
	if l.HomeKicks != 2 || l.HomePenalties != 2 || l.AwayKicks != 2 || l.AwayPenalties != 1 || l.ShootoutWinner != "" {
		t.Errorf("got %+v, want 2 of 2 and 1 of 2 without a winner yet", l)
	}
	if l = played(t, append(kicks, "19:00 full-time 1-1")...).Live(); l.ShootoutWinner != football.Home {
		t.Errorf("settled: got winner %q, want home by the kicks", l.ShootoutWinner)
	}
	reversed := append(played90, "18:00 goal away 5 0:10", "19:00 full-time 1-1")
	if l = played(t, reversed...).Live(); l.ShootoutWinner != football.Away {
		t.Errorf("settled: got winner %q, want away by the kicks", l.ShootoutWinner)
	}
	level := append(played90, "18:00 goal away 5 0:10", "18:00 goal home 5 0:40", "19:00 full-time 1-1")
	if l = played(t, level...).Live(); l.ShootoutWinner != "" {
		t.Errorf("level kicks: got winner %q, want none", l.ShootoutWinner)
	}
	stated := append(kicks, "18:05 period-ended 5 1-1 5:00 away", "19:00 full-time 1-1")
	if l = played(t, stated...).Live(); l.ShootoutWinner != football.Away {
		t.Errorf("stated: got winner %q, want away", l.ShootoutWinner)
	}
}

// TestACorrectionTakesBackWhatItNames and nothing else, the first event and the first result included.
func TestACorrectionTakesBackWhatItNames(t *testing.T) {
	lines := []string{"15:00 kick-off", "15:10 goal home 1 10:00", "17:00 full-time 1-0", "17:30 full-time 2-0"}
	tests := []struct {
		correction     string
		events         int
		results, goals int32
	}{
		{"18:00 correction 1 test", 1, 2, 2},
		{"18:00 correction 2 test", 1, 2, 2},
		{"18:00 correction 3 test", 2, 1, 2},
		{"18:00 correction 4 test", 2, 1, 1},
		{"18:00 correction 9 test", 2, 2, 2},
	}
	for _, tt := range tests {
		s := played(t, append(lines, tt.correction)...)
		if got := s.Live().HomeGoals; len(s.Events) != tt.events || int32(len(s.Results)) != tt.results ||
			got != tt.goals {
			t.Errorf("%s: got %d events, %d results, %d goals, want %d, %d, %d", tt.correction, len(s.Events),
				len(s.Results), got, tt.events, tt.results, tt.goals)
		}
	}
}
