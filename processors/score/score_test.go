package score_test

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/touchline/touchline/processors/score"
	"github.com/touchline/touchline/schemas/football"
)

func ExampleRPS() {
	forecast := football.Outcome{Home: 0.5, Draw: 0.3, Away: 0.2}
	fmt.Printf("%.3f %.3f", score.RPS(forecast, score.ResultOf(2, 1)), score.RPS(forecast, score.ResultOf(0, 1)))
	// Output: 0.145 0.445
}

func TestScores(t *testing.T) {
	third := football.Outcome{Home: 1. / 3, Draw: 1. / 3, Away: 1. / 3}
	tests := []struct {
		name                string
		forecast            football.Outcome
		home, away          int32
		rps, logLoss, brier float64
	}{
		{"certain and right", football.Outcome{Draw: 1}, 1, 1, 0, 0, 0},
		{"certain and wrong", football.Outcome{Home: 1}, 0, 1, 1, -math.Log(1e-9), 2},
		{"certain and nearly right", football.Outcome{Home: 1}, 0, 0, 0.5, -math.Log(1e-9), 2},
		{"no idea, home win", third, 3, 0, 5. / 18, math.Log(3), 2. / 3},
		{"no idea, draw", third, 0, 0, 1. / 9, math.Log(3), 2. / 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := score.ResultOf(tt.home, tt.away)
			got := [3]float64{score.RPS(tt.forecast, r), score.LogLoss(tt.forecast, r), score.Brier(tt.forecast, r)}
			for i, want := range [3]float64{tt.rps, tt.logLoss, tt.brier} {
				if math.Abs(got[i]-want) > 1e-12 {
					t.Errorf("score %d: got %v, want %v", i, got[i], want)
				}
			}
		})
	}
}

// TestRPSIsProper: no other forecast has a better expectation than the truth.
func TestRPSIsProper(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		truth, lie := outcome(t, "truth"), outcome(t, "lie")
		for name, f := range map[string]func(football.Outcome, score.Result) float64{"rps": score.RPS,
			"log loss": score.LogLoss, "brier": score.Brier} {
			honest, dishonest := 0.0, 0.0
			for _, r := range []score.Result{score.HomeWin, score.Draw, score.AwayWin} {
				honest += score.ProbabilityOf(truth, r) * f(truth, r)
				dishonest += score.ProbabilityOf(truth, r) * f(lie, r)
			}
			if honest > dishonest+1e-12 {
				t.Fatalf("%s: truth scores %v, lie %v", name, honest, dishonest)
			}
		}
	})
}

func outcome(t *rapid.T, name string) football.Outcome {
	h := rapid.Float64Range(0.01, 1).Draw(t, name+" home")
	d := rapid.Float64Range(0.01, 1).Draw(t, name+" draw")
	a := rapid.Float64Range(0.01, 1).Draw(t, name+" away")
	return football.Outcome{Home: h / (h + d + a), Draw: d / (h + d + a), Away: a / (h + d + a)}
}

func TestCalibration(t *testing.T) {
	c := score.NewCalibration(10)
	if got := c.ECE(); got != 0 {
		t.Errorf("empty: got %v, want 0", got)
	}
	for i := range 10 {
		c.Add(0.25, i < 4) // said a quarter, happened four times in ten
		c.Add(1, true)
	}
	if got := c.ECE(); math.Abs(got-0.075) > 1e-12 {
		t.Errorf("got %v, want half of 0.15", got)
	}
	if got := c.Bins[9].Count; got != 10 {
		t.Errorf("probability 1 in the last bin: got %d, want 10", got)
	}
}
