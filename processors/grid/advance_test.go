package grid_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/touchline/touchline/processors/grid"
)

func drawTie(t *rapid.T) grid.Tie {
	return grid.Tie{
		First: grid.Goals{Home: rapid.Int32Range(0, 4).Draw(t, "first leg home"),
			Away: rapid.Int32Range(0, 4).Draw(t, "first leg away")},
		AwayGoals: rapid.Bool().Draw(t, "away goals"), ExtraHome: rapid.Float64Range(0, 2).Draw(t, "extra home"),
		ExtraAway: rapid.Float64Range(0, 2).Draw(t, "extra away"),
		Shootout:  rapid.Float64Range(0, 1).Draw(t, "shoot-out"),
	}
}

func TestSomebodyGoesOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := draw(t).grid()
		a := g.Advance(drawTie(t))
		near(t, "sides", a.Home+a.Away, 1, 1e-9)
		near(t, "ways", a.Regular+a.Extra+a.Penalties, 1, 1e-9)
	})
}

// TestASingleMatchFollowsItsOutcome compares with what one match without extra time comes to: the outcome, and
// penalties on a draw; with extra time the draw is shared by another grid's outcome.
func TestASingleMatchFollowsItsOutcome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, p := draw(t).grid(), rapid.Float64Range(0, 1).Draw(t, "shoot-out")
		o := g.Outcome()
		a := g.Advance(grid.Tie{Shootout: p})
		near(t, "on penalties", a.Penalties, o.Draw, 1e-9)
		near(t, "home", a.Home, o.Home+p*o.Draw, 1e-9)
		b := g.Advance(grid.Tie{ExtraHome: 0.5, ExtraAway: 0.3, Shootout: p})
		extra := grid.Outcome(0.5, 0.3, 0)
		near(t, "home after extra time", b.Home, o.Home+o.Draw*(extra.Home+p*extra.Draw), 1e-9)
	})
}

// TestALeadIsTheSameInEitherLeg: goals of the first leg count as goals of this match do, without the away goals rule.
func TestALeadIsTheSameInEitherLeg(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		home, away, lead := rapid.Float64Range(0, 3).Draw(t, "home"), rapid.Float64Range(0, 3).Draw(t, "away"),
			rapid.Int32Range(0, 4).Draw(t, "lead")
		tie := grid.Tie{ExtraHome: 0.5, ExtraAway: 0.3, Shootout: 0.5}
		here := grid.New(home, away, -0.05, lead, 0)
		before := grid.New(home, away, -0.05, 0, 0)
		a := here.Advance(tie)
		tie.First = grid.Goals{Home: lead}
		b := before.Advance(tie)
		near(t, "home", a.Home, b.Home, 1e-9)
		near(t, "on penalties", a.Penalties, b.Penalties, 1e-9)
	})
}

func TestTheAwayGoalsRule(t *testing.T) {
	for _, c := range []struct {
		name      string
		first     grid.Goals // of this match's home side, which was away, and of its away side
		home      int32
		away      int32
		rule      bool
		homeGoes  float64
		penalties float64
	}{
		{"1-2 away and 1-0 at home: the goal away decides", grid.Goals{Home: 1, Away: 2}, 1, 0, true, 1, 0},
		{"the same without the rule: penalties", grid.Goals{Home: 1, Away: 2}, 1, 0, false, 0.5, 1},
		{"0-1 away and 2-1 at home: the visitors' goal decides", grid.Goals{Home: 0, Away: 1}, 2, 1, true, 0, 0},
		{"1-1 twice: penalties under either", grid.Goals{Home: 1, Away: 1}, 1, 1, true, 0.5, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := grid.Settled(c.home, c.away)
			a := g.Advance(grid.Tie{First: c.first, AwayGoals: c.rule, Shootout: 0.5})
			near(t, "home", a.Home, c.homeGoes, 0)
			near(t, "penalties", a.Penalties, c.penalties, 0)
		})
	}
	level := grid.Settled(1, 1)
	tie := grid.Tie{First: grid.Goals{Home: 1, Away: 1}, ExtraHome: 0.4, ExtraAway: 0.4, Shootout: 0.5}
	without := level.Advance(tie)
	tie.AwayGoals = true
	with := level.Advance(tie)
	near(t, "equal sides without the rule", without.Home, 0.5, 1e-9)
	if with.Home >= without.Home || with.Penalties >= without.Penalties {
		t.Errorf("goals away in extra time help the visitors: with the rule %+v, without %+v", with, without)
	}
}

// TestEarlierLegsOfThePlayOffs takes the second legs of the Championship's play-offs of May 2022 at their regular
// score: Huddersfield won theirs 1-0 after 1-1; Nottingham Forest lost 1-2 after winning 2-1, and went to extra time.
func TestEarlierLegsOfThePlayOffs(t *testing.T) {
	huddersfield, forest := grid.Settled(1, 0), grid.Settled(1, 2)
	a := huddersfield.Advance(grid.Tie{First: grid.Goals{Home: 1, Away: 1}, ExtraHome: 0.4, ExtraAway: 0.4,
		Shootout: 0.5})
	near(t, "Huddersfield", a.Home, 1, 0)
	b := forest.Advance(grid.Tie{First: grid.Goals{Home: 2, Away: 1}, ExtraHome: 0.4, ExtraAway: 0.4, Shootout: 0.5})
	near(t, "Forest decided in 90 minutes", b.Regular, 0, 0)
	near(t, "Forest", b.Home, 0.5, 1e-9)
}

func BenchmarkAdvance(b *testing.B) {
	g := grid.New(1.4, 1.1, -0.05, 0, 0)
	tie := grid.Tie{First: grid.Goals{Home: 1, Away: 2}, ExtraHome: 0.4, ExtraAway: 0.35, Shootout: 0.5}
	for b.Loop() {
		_ = g.Advance(tie)
	}
}

// TestTwoLegsAreWhatTheirScoresComeTo: before the first leg, the probability to go on is the mean over its scores of
// what it will be before the second.
func TestTwoLegsAreWhatTheirScoresComeTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first, second, tie := draw(t).grid(), grid.New(1.4, 1.1, -0.05, 0, 0), drawTie(t)
		a := first.OverTwoLegs(&second, tie)
		near(t, "sides", a.Home+a.Away, 1, 1e-9)
		near(t, "ways", a.Regular+a.Extra+a.Penalties, 1, 1e-9)
		home := 0.0
		fact := first.Fact()
		for i, p := range fact.P {
			tie.First = grid.Goals{Home: fact.AwayFrom + int32(i%grid.Size), Away: fact.HomeFrom + int32(i/grid.Size)}
			home += float64(p) * second.Advance(tie).Away
		}
		near(t, "home", a.Home, home, 1e-4)
	})
}

// TestEqualSidesHaveEqualChances over two legs, whoever is at home first, and when a draw is played again on neutral
// grounds.
func TestEqualSidesHaveEqualChances(t *testing.T) {
	at := grid.New(1.5, 1.1, -0.05, 0, 0)
	tie := grid.Tie{ExtraHome: 0.47, ExtraAway: 0.47, Shootout: 0.5}
	a := at.OverTwoLegs(&at, tie)
	near(t, "two legs", a.Home, 0.5, 1e-6)
	neutral := grid.New(1.3, 1.3, -0.05, 0, 0)
	b := neutral.WithReplay(&neutral, tie)
	near(t, "a replay", b.Home, 0.5, 1e-9)
	near(t, "the ways of a replay", b.Regular+b.Extra+b.Penalties, 1, 1e-9)
	if o := neutral.Outcome(); b.Regular < o.Home+o.Away || b.Penalties <= 0 {
		t.Errorf("got %+v of the outcome %+v", b, o)
	}
}

func BenchmarkTwoLegsWithAwayGoals(b *testing.B) {
	first, second := grid.New(1.5, 1.1, -0.05, 0, 0), grid.New(1.4, 1.2, -0.05, 0, 0)
	tie := grid.Tie{AwayGoals: true, ExtraHome: 0.47, ExtraAway: 0.4, Shootout: 0.5}
	for b.Loop() {
		first.OverTwoLegs(&second, tie)
	}
}

// TestAwayGoalsByEnumeration plays every score of a second leg and of its extra time, from a score in play, and applies
// the rule of away goals to each: the goals that the home side scored in the first leg against those that the away side
// scores here.
func TestAwayGoalsByEnumeration(t *testing.T) {
	regular, extra := grid.New(1.2, 0.8, -0.05, 1, 1), grid.New(0.4, 0.3, 0, 0, 0)
	cells, extraCells := regular.Fact().P, extra.Fact().P
	for _, first := range []grid.Goals{{Home: 0, Away: 0}, {Home: 1, Away: 2}, {Home: 2, Away: 1}, {Home: 1, Away: 1}} {
		tie := grid.Tie{First: first, AwayGoals: true, ExtraHome: 0.4, ExtraAway: 0.3, Shootout: 0.6}
		winner := func(home, away int32) int { // of the tie: 1 the home side, -1 the away side, 0 nobody yet
			total := first.Home + home - first.Away - away
			if total == 0 {
				total = first.Home - away
			}
			return int(min(max(total, -1), 1))
		}
		var want grid.Advance
		count := func(p float64, who int, decided *float64) {
			*decided += p
			if who > 0 {
				want.Home += p
			} else {
				want.Away += p
			}
		}
		for i, p := range cells {
			home, away := 1+int32(i/grid.Size), 1+int32(i%grid.Size)
			if who := winner(home, away); who != 0 {
				count(float64(p), who, &want.Regular)
				continue
			}
			for j, q := range extraCells {
				both := float64(p) * float64(q)
				if who := winner(home+int32(j/grid.Size), away+int32(j%grid.Size)); who != 0 {
					count(both, who, &want.Extra)
					continue
				}
				want.Penalties += both
				want.Home += 0.6 * both
				want.Away += 0.4 * both
			}
		}
		got := regular.Advance(tie)
		for name, x := range map[string][2]float64{"home": {got.Home, want.Home}, "away": {got.Away, want.Away},
			"regular": {got.Regular, want.Regular}, "extra time": {got.Extra, want.Extra},
			"penalties": {got.Penalties, want.Penalties}} {
			if math.Abs(x[0]-x[1]) > 1e-6 {
				t.Errorf("first leg %+v, %s: got %v, want %v", first, name, x[0], x[1])
			}
		}
	}
}
