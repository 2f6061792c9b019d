package predict_test

import (
	"math"
	"testing"

	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
)

// TestAdvanceBeforeAndAfterNinetyMinutes compares forecasts with what the grid package gives for the same tie. Two
// goals and one are expected of 90 minutes, and a third of that of extra time, or what is left of it.
func TestAdvanceBeforeAndAfterNinetyMinutes(t *testing.T) {
	single := football.TieFeatures{Kind: football.TieSingle, ExtraTime: true}
	noExtra := football.TieFeatures{Kind: football.TieSingle}
	state := func(period, elapsed, home, away int32) football.LiveState {
		l := inPlay(period, elapsed)
		l.HomeGoals, l.AwayGoals = home, away
		return l
	}
	reds := state(2, 0, 0, 0)
	reds.AwayReds = 1
	extra := state(3, 300, 2, 1)
	extra.HomeExtra = 1
	kicks := state(5, 0, 1, 1)
	kicks.HomeKicks, kicks.HomePenalties, kicks.AwayKicks = 1, 1, 1
	won, lost := kicks, kicks
	won.ShootoutWinner, lost.ShootoutWinner = football.Home, football.Away
	before, half := grid.New(2, 1, 0, 0, 0), grid.New(1, 0.5, 0, 0, 0)
	short := grid.New(2, 0.25, 0, 0, 0)
	over := func(home, away int32) *grid.Grid { g := grid.Settled(home, away); return &g }
	decidedInExtra := func(g grid.Grid, shootout float64) grid.Advance {
		a := g.Advance(grid.Tie{Shootout: shootout})
		a.Regular, a.Extra = 0, a.Regular
		return a
	}
	extraTime := func(share float64) grid.Tie {
		return grid.Tie{ExtraHome: 2 * share, ExtraAway: share, Shootout: 0.5}
	}
	tests := []struct {
		name string
		tie  football.TieFeatures
		live football.LiveState
		want grid.Advance
	}{
		{"before the match", single, football.LiveState{Phase: football.PreMatch}, before.Advance(extraTime(1. / 3))},
		{"at half-time", single, inPlay(2, 0), half.Advance(extraTime(1. / 3))},
		{"without extra time", noExtra, inPlay(2, 0), half.Advance(grid.Tie{Shootout: 0.5})},
		{"with a player more, in extra time too", single, reds,
			short.Advance(grid.Tie{ExtraHome: 4. / 3, ExtraAway: 1. / 6, Shootout: 0.5})},
		{"at the beginning of extra time", single, state(3, 0, 1, 1),
			decidedInExtra(grid.New(2./3, 1./3, 0, 1, 1), 0.5)},
		{"in extra time, a goal ahead", single, extra,
			decidedInExtra(grid.New(2*1500./5400, 1500./5400, 0, 2, 1), 0.5)},
		{"in the second half of extra time", single, state(4, 300, 1, 1),
			decidedInExtra(grid.New(2*600./5400, 600./5400, 0, 1, 1), 0.5)},
		{"in its stoppage time a minute is left", single, state(4, 1200, 1, 1),
			decidedInExtra(grid.New(2*60./5400, 60./5400, 0, 1, 1), 0.5)},
		{"between its halves", single, state(3, 1200, 1, 1),
			decidedInExtra(grid.New(2*900./5400, 900./5400, 0, 1, 1), 0.5)},
		{"a match that 90 minutes have decided is over", single, state(3, 0, 2, 1), over(2, 1).Advance(grid.Tie{})},
		{"in the shoot-out", single, kicks,
			decidedInExtra(*over(1, 1), grid.Kicks{Home: 1, Away: 1, HomeScored: 1}.Shootout())},
		{"the shoot-out is won", single, won, decidedInExtra(*over(1, 1), 1)},
		{"and lost", single, lost, decidedInExtra(*over(1, 1), 0)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := forecastWith(t, plainPlay(), football.MatchFeatures{Live: tt.live, Tie: tt.tie}).Advance
			compareAdvance(t, got, tt.want)
			if got.Kind != tt.tie.Kind {
				t.Errorf("got kind %q, want %q", got.Kind, tt.tie.Kind)
			}
		})
	}
}

func compareAdvance(t *testing.T, got football.Advance, want grid.Advance) {
	t.Helper()
	near(t, "home", got.Home, want.Home)
	near(t, "away", got.Away, want.Away)
	near(t, "regular", got.Regular, want.Regular)
	near(t, "extra time", got.Extra, want.Extra)
	near(t, "penalties", got.Penalties, want.Penalties)
}

// TestTiesOfTwoMatches: the second match is at the other ground, where the home advantage of a factor 2 changes sides.
func TestTiesOfTwoMatches(t *testing.T) {
	league := football.CompetitionFeatures{HomeAdvantage: math.Ln2}
	first, second := grid.New(2, 1, 0, 0, 0), grid.New(2, 1, 0, 0, 0) // one goal times 2 at home, two goals by 2 away
	extra := grid.Tie{ExtraHome: 2. / 3, ExtraAway: 1. / 3, Shootout: 0.5}
	compareAdvance(t, forecastWith(t, plainPlay(), football.MatchFeatures{League: league,
		Tie: football.TieFeatures{Kind: football.TieFirstLeg, ExtraTime: true}}).Advance,
		first.OverTwoLegs(&second, extra))
	compareAdvance(t, forecastWith(t, plainPlay(), football.MatchFeatures{League: league,
		Tie: football.TieFeatures{Kind: football.TieReplay, ExtraTime: true}}).Advance,
		first.WithReplay(&second, extra))
	compareAdvance(t, forecastWith(t, plainPlay(), football.MatchFeatures{League: league,
		Tie: football.TieFeatures{Kind: football.TieReplay}}).Advance,
		first.WithReplay(&second, grid.Tie{Shootout: 0.5}))
	leg := football.TieFeatures{Kind: football.TieSecondLeg, ExtraTime: true, AwayGoals: true, FirstHome: 0,
		FirstAway: 1}
	got := forecastWith(t, plainPlay(), football.MatchFeatures{League: league, Tie: leg}).Advance
	extra.First, extra.AwayGoals = grid.Goals{Home: 0, Away: 1}, true
	compareAdvance(t, got, first.Advance(extra))
	if got.FirstHome != 0 || got.FirstAway != 1 {
		t.Errorf("got the first leg %d-%d, want 0-1", got.FirstHome, got.FirstAway)
	}
	leg.FirstHome, leg.FirstAway = -1, -1
	if got := forecastWith(t, plainPlay(), football.MatchFeatures{Tie: leg}).Advance; got != (football.Advance{}) {
		t.Errorf("a first leg without a result: got %+v, want nothing", got)
	}
	if got := forecastWith(t, plainPlay(), football.MatchFeatures{}).Advance; got != (football.Advance{}) {
		t.Errorf("no knock-out: got %+v, want nothing", got)
	}
}

// TestWhoHasGoneOn of settled matches.
func TestWhoHasGoneOn(t *testing.T) {
	home, away := football.Advance{Home: 1, Regular: 1}, football.Advance{Away: 1, Regular: 1}
	tests := []struct {
		name string
		tie  football.TieFeatures
		live football.LiveState
		want football.Advance
	}{
		{"a win", football.TieFeatures{Kind: football.TieSingle}, football.LiveState{HomeGoals: 1}, home},
		{"a defeat", football.TieFeatures{Kind: football.TieSingle}, football.LiveState{AwayGoals: 1}, away},
		{"a first leg decides nothing", football.TieFeatures{Kind: football.TieFirstLeg},
			football.LiveState{HomeGoals: 1},
			football.Advance{}},
		{"nor does a draw that is played again", football.TieFeatures{Kind: football.TieReplay}, football.LiveState{},
			football.Advance{}},
		{"a win in a match with a replay does", football.TieFeatures{Kind: football.TieReplay},
			football.LiveState{HomeGoals: 1}, home},
		{"a second leg", football.TieFeatures{Kind: football.TieSecondLeg, FirstAway: 2},
			football.LiveState{HomeGoals: 1}, away},
		{"a second leg with away goals", football.TieFeatures{Kind: football.TieSecondLeg, AwayGoals: true,
			FirstHome: 1, FirstAway: 2},
			football.LiveState{HomeGoals: 1}, home},
		{"a second leg whose first is not known",
			football.TieFeatures{Kind: football.TieSecondLeg, FirstHome: -1, FirstAway: -1},
			football.LiveState{HomeGoals: 1}, football.Advance{}},
		{"in extra time", football.TieFeatures{Kind: football.TieSingle},
			football.LiveState{HomeGoals: 2, AwayGoals: 1, HomeExtra: 1, Clock: football.Clock{Period: 4}},
			football.Advance{Home: 1, Extra: 1}},
		{"on penalties", football.TieFeatures{Kind: football.TieSingle},
			football.LiveState{ShootoutWinner: football.Home, Clock: football.Clock{Period: 5}},
			football.Advance{Home: 1, Penalties: 1}},
		{"on penalties, away", football.TieFeatures{Kind: football.TieSingle},
			football.LiveState{ShootoutWinner: football.Away, Clock: football.Clock{Period: 5}},
			football.Advance{Away: 1, Penalties: 1}},
		{"on penalties that nobody reported", football.TieFeatures{Kind: football.TieSingle},
			football.LiveState{Clock: football.Clock{Period: 5}}, football.Advance{}},
		{"no knock-out", football.TieFeatures{}, football.LiveState{HomeGoals: 1}, football.Advance{}},
	}
	stage := predict.New(predict.NewRegistry(predict.NewGoals()))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := record(tt.live)
			f.Live.Phase, f.Tie = football.Settled, tt.tie
			got := stage.Step(nil, f)[0].(*football.Prediction).Advance
			got.Kind, got.FirstHome, got.FirstAway = "", 0, 0
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}
