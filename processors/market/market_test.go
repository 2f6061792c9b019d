package market_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/touchline/touchline/processors/features/featurestest"
	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/processors/market"
	"github.com/touchline/touchline/schemas/football"
)

var methods = map[string]market.Method{"proportional": market.Proportional, "power": market.Power, "shin": market.Shin}

func TestEveryMethodGivesADistributionInTheOrderOfTheOdds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := rapid.Float64Range(1.01, 100).Draw(t, "home")
		d := rapid.Float64Range(1.01, 100).Draw(t, "draw")
		a := rapid.Float64Range(1.01, 100).Draw(t, "away")
		for name, method := range methods {
			o, ok := method(h, d, a)
			if !ok || math.Abs(o.Home+o.Draw+o.Away-1) > 1e-9 || o.Home < 0 || o.Draw < 0 || o.Away < 0 {
				t.Fatalf("%s: %+v, %v", name, o, ok)
			}
			if h < d && o.Home < o.Draw-1e-9 {
				t.Fatalf("%s: the shorter odds %v got the smaller probability: %+v", name, h, o)
			}
		}
	})
}

// TestMethodsOnOneMarket checks 1.14/9.52/19.18 (Liverpool-Norwich, 2019): power and Shin take the margin from the
// outsider.
func TestMethodsOnOneMarket(t *testing.T) {
	tests := map[string]football.Outcome{
		"proportional": {Home: 0.8480, Draw: 0.1016, Away: 0.0504},
		"power":        {Home: 0.8688, Draw: 0.0891, Away: 0.0420},
		"shin":         {Home: 0.8612, Draw: 0.0954, Away: 0.0433},
	}
	for name, want := range tests {
		got, _ := methods[name](1.14, 9.52, 19.18)
		if math.Abs(got.Home-want.Home) > 5e-4 || math.Abs(got.Draw-want.Draw) > 5e-4 ||
			math.Abs(got.Away-want.Away) > 5e-4 {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}

// TestPowerIsAPower: the logarithms of probabilities and odds stand in one ratio.
func TestPowerIsAPower(t *testing.T) {
	o, _ := market.Power(2.1, 3.4, 3.6)
	home, draw := math.Log(o.Home)/math.Log(2.1), math.Log(o.Draw)/math.Log(3.4)
	if math.Abs(home-draw) > 1e-9 {
		t.Errorf("powers %v and %v, want the same", home, draw)
	}
}

func TestOddsThatNoBookmakerMeansAreNotQuoted(t *testing.T) {
	for name, method := range methods {
		for _, odds := range [][3]float64{{0, 0, 0}, {1, 3, 4}, {2, math.NaN(), 3}, {2, 3, math.Inf(1)}} {
			if o, ok := method(odds[0], odds[1], odds[2]); ok {
				t.Errorf("%s %v: got %+v, want false", name, odds, o)
			}
		}
	}
	if _, ok := market.PowerOver(0, 1.9); ok {
		t.Error("over 0: got a probability")
	}
}

func TestFitFindsTheIntensitiesBehindAMarket(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		home := rapid.Float64Range(0.3, 3).Draw(t, "home") // beyond what any market says
		away := rapid.Float64Range(0.3, 3).Draw(t, "away")
		rho := rapid.Float64Range(-0.1, 0.05).Draw(t, "rho")
		p := grid.Outcome(home, away, rho)
		fit := market.Fit(p, grid.Over25(home, away), 0)
		if math.Abs(fit.Home-home) > 1e-3 || math.Abs(fit.Away-away) > 1e-3 {
			t.Fatalf("with over 2.5: got %+v, want %v %v %v", fit, home, away, rho)
		}
	})
}

func TestFitWithoutATotalKeepsRho(t *testing.T) {
	p := grid.Outcome(1.7, 0.9, -0.06)
	fit := market.Fit(p, market.NoOver, -0.06)
	if math.Abs(fit.Home-1.7) > 1e-6 || math.Abs(fit.Away-0.9) > 1e-6 || fit.Rho != -0.06 {
		t.Errorf("got %+v, want 1.7 0.9 -0.06", fit)
	}
}

func TestFitOfAnImpossibleMarketStaysWithinBounds(t *testing.T) {
	for _, p := range []football.Outcome{{Home: 1}, {Draw: 1}, {Away: 1}, {Home: 0.5, Away: 0.5}} {
		for _, over := range []float64{market.NoOver, 0, 1} {
			fit := market.Fit(p, over, 0)
			if !(fit.Home > 0 && fit.Home <= grid.MaxIntensity && fit.Away > 0 && fit.Away <= grid.MaxIntensity &&
				math.Abs(fit.Rho) <= 0.2) {
				t.Errorf("%+v over %v: got %+v", p, over, fit)
			}
		}
	}
}

// TestFitReproducesRealOdds asks for all odds of three seasons that the fitted grid gives back what the market said.
func TestFitReproducesRealOdds(t *testing.T) {
	worst, n := 0.0, 0
	for _, row := range featurestest.Load(t, featurestest.Divisions(), 2016, 2018) {
		for _, q := range row.Early {
			p, _ := market.Power(q.Home, q.Draw, q.Away)
			over, ok := market.PowerOver(q.Over25, q.Under25)
			if !ok {
				over = market.NoOver
			}
			fit := market.Fit(p, over, -0.07)
			o := grid.Outcome(fit.Home, fit.Away, fit.Rho)
			worst, n = max(worst, math.Abs(o.Home-p.Home), math.Abs(o.Draw-p.Draw), math.Abs(o.Away-p.Away)), n+1
		}
	}
	t.Logf("%d quotes, largest difference of a probability %.4f", n, worst)
	if worst > 0.01 {
		t.Errorf("largest difference of a probability: %.4f, want at most 0.01", worst)
	}
}

func BenchmarkFit(b *testing.B) {
	p := grid.Outcome(1.7, 0.9, -0.06)
	b.ReportAllocs()
	for b.Loop() {
		_ = market.Fit(p, 0.53, -0.05)
	}
}
