package grid_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/touchline/touchline/processors/grid"
)

func TestWithoutAChaseItIsNewsGrid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		g, want := grid.NewChase(d.home, d.away, d.rho, 1, d.homeFrom, d.awayFrom), d.grid()
		for i, p := range want.Fact().P {
			near(t, "cell", float64(g.Fact().P[i]), float64(p), 1e-7)
		}
		near(t, "home", g.ExpectedGoals().Home, want.ExpectedGoals().Home, 1e-9)
		near(t, "away", g.ExpectedGoals().Away, want.ExpectedGoals().Away, 1e-9)
	})
}

// TestAChaseAgreesWithTheSlowWay plays the match in ten thousand steps of time.
func TestAChaseAgreesWithTheSlowWay(t *testing.T) {
	for _, lead := range []int32{-1, 0, 2} {
		g := grid.NewChase(1.4, 0.9, 0, 1.3, max(lead, 0), max(-lead, 0))
		slow := inSteps(1.4, 0.9, 1.3, int(lead))
		for i, p := range g.Fact().P {
			near(t, "cell", float64(p), slow[i/grid.Size][i%grid.Size], 1e-4)
		}
	}
}

func inSteps(home, away, chase float64, lead int) [grid.Size + 1][grid.Size + 1]float64 {
	const steps = 10_000
	var now [grid.Size + 1][grid.Size + 1]float64
	now[0][0] = 1
	for range steps {
		next := now
		for i := range grid.Size {
			for j := range grid.Size {
				h, a := now[i][j]*home/steps, now[i][j]*away/steps
				if lead+i < j {
					h *= chase
				} else if lead+i > j {
					a *= chase
				}
				next[i][j] -= h + a
				next[i+1][j] += h
				next[i][j+1] += a
			}
		}
		now = next
	}
	return now
}

func TestAChaseIsADistributionWithItsMeans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		home, away := rapid.Float64Range(0, 2).Draw(t, "home"), rapid.Float64Range(0, 2).Draw(t, "away")
		chase := rapid.Float64Range(0.5, 1.5).Draw(t, "chase")
		g := grid.NewChase(home, away, 0, chase, rapid.Int32Range(0, 3).Draw(t, "home from"),
			rapid.Int32Range(0, 3).Draw(t, "away from"))
		fact := g.Fact()
		homeGoals, awayGoals := 0.0, 0.0
		for i, p := range fact.P {
			homeGoals += float64(p) * float64(fact.HomeFrom+int32(i)/fact.Size)
			awayGoals += float64(p) * float64(fact.AwayFrom+int32(i)%fact.Size)
		}
		near(t, "home", homeGoals, g.ExpectedGoals().Home, 1e-3)
		near(t, "away", awayGoals, g.ExpectedGoals().Away, 1e-3)
		o := g.Outcome()
		near(t, "sum of the outcome", o.Home+o.Draw+o.Away, 1, 1e-12)
	})
}

func TestWhoeverChasesDrawsMoreOften(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		home, away := rapid.Float64Range(0.1, 2).Draw(t, "home"), rapid.Float64Range(0.1, 2).Draw(t, "away")
		lead := rapid.Int32Range(0, 2).Draw(t, "lead")
		calm, chased := grid.NewChase(home, away, 0, 1, lead, 0), grid.NewChase(home, away, 0, 1.2, lead, 0)
		if chased.Outcome().Draw <= calm.Outcome().Draw {
			t.Fatalf("got a draw with %v, without a chase %v", chased.Outcome().Draw, calm.Outcome().Draw)
		}
	})
}

func TestExtremesOfAChaseAreClamped(t *testing.T) {
	for _, chase := range []float64{-1, 0, 10, math.Inf(1)} {
		g := grid.NewChase(20, -1, -3, chase, 0, 1)
		if o := g.Outcome(); math.Abs(o.Home+o.Draw+o.Away-1) > 1e-9 {
			t.Errorf("chase %v: got %+v", chase, o)
		}
	}
	if g := grid.NewChase(math.NaN(), math.NaN(), 0, 1.1, 0, 1); g.Outcome().Away != 1 {
		t.Errorf("no number of goals to come: got %+v", g.Outcome())
	}
}

func BenchmarkChase(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_ = grid.NewChase(0.9, 0.6, 0, 1.13, 1, 0)
	}
}

// TestAChaseIsTheSameFromBothSides: with the sides in each other's place all probabilities are too, from every score.
func TestAChaseIsTheSameFromBothSides(t *testing.T) {
	for home := range int32(4) {
		for away := range int32(4) {
			one, other := grid.NewChase(1.4, 0.9, -0.05, 1.3, home, away),
				grid.NewChase(0.9, 1.4, -0.05, 1.3, away, home)
			p, q := one.Outcome(), other.Outcome()
			e, f := one.ExpectedGoals(), other.ExpectedGoals()
			if math.Abs(p.Home-q.Away) > 1e-9 || math.Abs(p.Draw-q.Draw) > 1e-9 || math.Abs(e.Home-f.Away) > 1e-9 ||
				math.Abs(e.Away-f.Home) > 1e-9 {
				t.Errorf("%d-%d: got %+v, %+v and %+v, %+v", home, away, p, e, q, f)
			}
		}
	}
}

// TestWhoIsBehindScoresMore: a chase raises the goals of the side that is behind, and of it alone.
func TestWhoIsBehindScoresMore(t *testing.T) {
	for _, score := range [][2]int32{{0, 1}, {3, 5}, {1, 3}} {
		g := grid.NewChase(0.1, 0.1, 0, 2, score[0], score[1])
		e := g.ExpectedGoals()
		if home, away := e.Home-float64(score[0]), e.Away-float64(score[1]); home < 0.18 || away > 0.11 {
			t.Errorf("%v: got %v and %v further goals, want about 0.2 and 0.1", score, home, away)
		}
	}
}
