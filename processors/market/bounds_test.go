package market_test

import (
	"math"
	"testing"

	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/processors/market"
	"github.com/touchline/touchline/schemas/football"
)

// TestAFairMarketIsTakenAsItIs: without a margin every method gives the inverse odds.
func TestAFairMarketIsTakenAsItIs(t *testing.T) {
	for name, method := range methods {
		o, ok := method(2, 4, 4)
		if !ok || math.Abs(o.Home-0.5) > 1e-9 || math.Abs(o.Draw-0.25) > 1e-9 || math.Abs(o.Away-0.25) > 1e-9 {
			t.Errorf("%s: got %+v, %v, want 0.5, 0.25, 0.25", name, o, ok)
		}
	}
}

// TestShinsPricesAreExplained: the probabilities that Shin's method gives, priced as in Shin (1993) with one share of
// insiders z, are in the ratios of the odds: sqrt(z p + (1-z) p^2) for each result, times the sum of these roots.
func TestShinsPricesAreExplained(t *testing.T) {
	odds := [3]float64{1.5, 4.2, 6.5}
	o, _ := market.Shin(odds[0], odds[1], odds[2])
	p := [3]float64{o.Home, o.Draw, o.Away}
	sum := 1/odds[0] + 1/odds[1] + 1/odds[2]
	price := func(z float64, i int) float64 { return math.Sqrt(z*p[i] + (1-z)*p[i]*p[i]) }
	low, high := 0.0, 0.4
	for range 60 {
		z := (low + high) / 2
		if price(z, 0)/price(z, 2) > odds[2]/odds[0] {
			low = z
		} else {
			high = z
		}
	}
	if got, want := price(low, 0)/price(low, 1), odds[1]/odds[0]; math.Abs(got-want) > 1e-6 {
		t.Errorf("with z %v the first two prices have the ratio %v, the odds %v", low, got, want)
	}
	if total := price(low, 0) + price(low, 1) + price(low, 2); math.Abs(total*total-sum) > 1e-6 {
		t.Errorf("the prices sum to the square of %v, the inverse odds to %v", total, sum)
	}
}

// TestOverAndUnder: equal odds are equally likely, and the power that takes the margin off is one for both.
func TestOverAndUnder(t *testing.T) {
	if p, ok := market.PowerOver(1.9, 1.9); !ok || math.Abs(p-0.5) > 1e-12 {
		t.Errorf("equal odds: got %v, %v", p, ok)
	}
	p, ok := market.PowerOver(1.5, 2.6)
	if power := math.Log(p) / math.Log(1.5); !ok || math.Abs(power-math.Log(1-p)/math.Log(2.6)) > 1e-9 || power > -1 {
		t.Errorf("got %v, %v, of the power %v", p, ok, power)
	}
	for _, odds := range [][2]float64{{1, 2}, {2, 1}, {math.NaN(), 2}, {2, math.NaN()}, {0, 0}} {
		if p, ok := market.PowerOver(odds[0], odds[1]); ok {
			t.Errorf("%v: got %v, want no probability", odds, p)
		}
	}
}

func TestOddsOfOneAreNone(t *testing.T) {
	for _, odds := range [][3]float64{{1, 3, 4}, {3, 1, 4}, {3, 4, 1}, {math.Inf(1), 3, 4}, {3, 4, math.Inf(1)}} {
		if o, ok := market.Proportional(odds[0], odds[1], odds[2]); ok {
			t.Errorf("%v: got %+v, want false", odds, o)
		}
	}
	if _, ok := market.Proportional(1e300, 1.01, 1e300); !ok {
		t.Error("long odds: want a distribution")
	}
}

// TestATotalOfZeroIsATotal: it can't be met, so rho is at its bound, where without a total it would stay as given.
func TestATotalOfZeroIsATotal(t *testing.T) {
	if fit := market.Fit(grid.Outcome(1.5, 1.2, -0.05), 0, 0.01); math.Abs(math.Abs(fit.Rho)-0.2) > 1e-9 {
		t.Errorf("got %+v, want rho at 0.2 or -0.2", fit)
	}
}

// TestFitMeetsTheResultsWhereTheTotalCantBeMet: a market content with a draw that sees many goals asks for a rho that
// football does not know. The results are met, with rho at its bound.
func TestFitMeetsTheResultsWhereTheTotalCantBeMet(t *testing.T) {
	for _, over := range []float64{0.75, 0.2} {
		p := football.Outcome{Home: 0.3, Draw: 0.4, Away: 0.3}
		if over < 0.5 {
			p = football.Outcome{Home: 0.4, Draw: 0.2, Away: 0.4}
		}
		fit := market.Fit(p, over, -0.05)
		o := grid.Outcome(fit.Home, fit.Away, fit.Rho)
		if math.Abs(o.Home-p.Home) > 1e-6 || math.Abs(o.Draw-p.Draw) > 1e-6 || math.Abs(math.Abs(fit.Rho)-0.2) > 1e-9 {
			t.Errorf("over %v: got %+v, which gives %+v, want %+v with rho at 0.2 or -0.2", over, fit, o, p)
		}
	}
}

// TestFitFindsRho to the precision of Newton's method, from a start that is far away.
func TestFitFindsRho(t *testing.T) {
	for _, want := range []market.Intensities{{Home: 2.5, Away: 0.4, Rho: -0.1}, {Home: 0.6, Away: 2.2, Rho: 0.05},
		{Home: 1.3, Away: 1.3, Rho: -0.15}} {
		fit := market.Fit(grid.Outcome(want.Home, want.Away, want.Rho), grid.Over25(want.Home, want.Away), 0.15)
		if math.Abs(fit.Home-want.Home) > 1e-7 || math.Abs(fit.Away-want.Away) > 1e-7 ||
			math.Abs(fit.Rho-want.Rho) > 1e-7 {
			t.Errorf("got %+v, want %+v", fit, want)
		}
	}
}
