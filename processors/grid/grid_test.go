package grid_test

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/schemas/football"
)

type drawn struct {
	home, away, rho    float64
	homeFrom, awayFrom int32
}

func draw(t *rapid.T) drawn {
	return drawn{
		home: rapid.Float64Range(0, 9).Draw(t, "home"), away: rapid.Float64Range(0, 9).Draw(t, "away"),
		rho:      rapid.Float64Range(-2, 2).Draw(t, "rho"),
		homeFrom: rapid.Int32Range(0, 9).Draw(t, "home from"), awayFrom: rapid.Int32Range(0, 9).Draw(t, "away from"),
	}
}

func (d drawn) grid() grid.Grid { return grid.New(d.home, d.away, d.rho, d.homeFrom, d.awayFrom) }

func near(t rapid.TB, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Fatalf("%s: got %.15f, want %.15f", what, got, want)
	}
}

func TestAGridIsADistribution(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		g := d.grid()
		fact := g.Fact()
		sum := 0.0
		for i, p := range fact.P {
			if p < 0 || p > 1 {
				t.Fatalf("cell %d: %v", i, p)
			}
			sum += float64(p)
		}
		near(t, "sum of the published grid", sum, 1, 1e-5)
		o := g.Outcome()
		near(t, "sum of the outcome", o.Home+o.Draw+o.Away, 1, 1e-12)
		if fact.Size != grid.Size || fact.HomeFrom != d.homeFrom || fact.AwayFrom != d.awayFrom {
			t.Fatalf("got %+v", fact)
		}
	})
}

// TestMarketsAgreeWithTheSlowWay sums the published cells by the definition of each market.
func TestMarketsAgreeWithTheSlowWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := draw(t).grid()
		fact, markets := g.Fact(), g.Markets()
		for _, line := range markets.Totals {
			near(t, fmt.Sprint("over ", line.Line), line.P,
				sumProbabilities(fact, func(h, a float64) bool { return h+a > line.Line }), 1e-5)
		}
		for _, line := range markets.Handicaps {
			near(t, fmt.Sprint("handicap ", line.Line), line.P,
				sumProbabilities(fact, func(h, a float64) bool { return h+line.Line > a }), 1e-5)
		}
		near(t, "both score", markets.BothScore,
			sumProbabilities(fact, func(h, a float64) bool { return h > 0 && a > 0 }), 1e-5)
		near(t, "home win", g.Outcome().Home, sumProbabilities(fact, func(h, a float64) bool { return h > a }), 1e-5)
	})
}

func sumProbabilities(f football.ScoreGrid, counts func(home, away float64) bool) float64 {
	total := 0.0
	for i, p := range f.P {
		h, a := f.HomeFrom+int32(i)/f.Size, f.AwayFrom+int32(i)%f.Size
		if counts(float64(h), float64(a)) {
			total += float64(p)
		}
	}
	return total
}

func TestTheQuickOutcomeAgreesWithTheGrid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		g := grid.New(d.home, d.away, d.rho, 0, 0)
		quick, slow := grid.Outcome(d.home, d.away, d.rho), g.Outcome()
		near(t, "home", quick.Home, slow.Home, 1e-12)
		near(t, "draw", quick.Draw, slow.Draw, 1e-12)
		near(t, "away", quick.Away, slow.Away, 1e-12)
	})
}

func TestOver25AgreesWithTheGrid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		g := grid.New(d.home, d.away, d.rho, 0, 0)
		near(t, "over 2.5", grid.Over25(d.home, d.away), g.Markets().Totals[2].P, 1e-9)
	})
}

// TestTheAdjustmentKeepsExpectedGoals is why ExpectedGoals may add the intensities: Dixon & Coles's factors move
// probability between scores without moving either side's mean.
func TestTheAdjustmentKeepsExpectedGoals(t *testing.T) {
	g := grid.New(1.6, 1.1, -0.08, 1, 2)
	fact := g.Fact()
	home, away := 0.0, 0.0
	for i, p := range fact.P {
		home += float64(p) * float64(1+i/grid.Size)
		away += float64(p) * float64(2+i%grid.Size)
	}
	near(t, "home", home, g.ExpectedGoals().Home, 1e-5)
	near(t, "away", away, g.ExpectedGoals().Away, 1e-5)
	near(t, "home", g.ExpectedGoals().Home, 2.6, 1e-12)
}

func TestASettledGridIsCertain(t *testing.T) {
	g := grid.Settled(2, 1)
	if got, want := g.Outcome(), (football.Outcome{Home: 1}); got != want {
		t.Errorf("outcome: got %+v, want %+v", got, want)
	}
	if got, want := g.ExpectedGoals(), (football.ExpectedGoals{Home: 2, Away: 1}); got != want {
		t.Errorf("expected goals: got %+v, want %+v", got, want)
	}
	m := g.Markets()
	if m.Totals[2].P != 1 || m.Totals[3].P != 0 || m.BothScore != 1 || m.Handicaps[2].P != 1 || m.Handicaps[1].P != 0 {
		t.Errorf("markets: got %+v", m)
	}
}

// TestPublishedExample compares with figures worked out by hand: independent Poisson, 1.5 and 1.0.
func TestPublishedExample(t *testing.T) {
	g := grid.New(1.5, 1.0, 0, 0, 0)
	near(t, "0-0", float64(g.Fact().P[0]), math.Exp(-2.5), 1e-7)
	near(t, "2-1", float64(g.Fact().P[2*grid.Size+1]), math.Exp(-2.5)*1.5*1.5/2, 1e-7)
	near(t, "both score", g.Markets().BothScore, (1-math.Exp(-1.5))*(1-math.Exp(-1)), 1e-9)
}

func BenchmarkGridWithAllMarkets(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		g := grid.New(1.6, 1.1, -0.05, 1, 0)
		_, _, _ = g.Fact(), g.Outcome(), g.Markets()
	}
}

func BenchmarkQuickOutcome(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_ = grid.Outcome(1.6, 1.1, -0.05)
	}
}
