package score_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/touchline/touchline/processors/score"
	"github.com/touchline/touchline/schemas/football"
)

// contest plays n matches of which the first forecaster knows the truth but for an error of one size and the second but
// for an error of another, and tells after each match.
func contest(
	seed uint64, n int, firstError, secondError float64, after func(s *score.Sequential, expected float64) (stop bool),
) {
	r := rand.New(rand.NewPCG(seed, 20))
	var s score.Sequential
	expected := 0.0
	for i := range n {
		home := 0.25 + 0.4*r.Float64()
		truth := football.Outcome{Home: home, Draw: 0.26, Away: 0.74 - home}
		said := func(size float64) football.Outcome {
			shift := size * math.Copysign(1, r.Float64()-0.5)
			return football.Outcome{Home: truth.Home + shift, Draw: truth.Draw, Away: truth.Away - shift}
		}
		first, second := said(firstError), said(secondError)
		for result, p := range []float64{truth.Home, truth.Draw, truth.Away} {
			expected += p * (score.RPS(first, score.Result(result)) - score.RPS(second, score.Result(result)))
		}
		result := score.AwayWin
		switch u := r.Float64(); {
		case u < truth.Home:
			result = score.HomeWin
		case u < truth.Home+truth.Draw:
			result = score.Draw
		}
		s.Add(first, second, result)
		if after(&s, expected/float64(i+1)) {
			return
		}
	}
}

// TestLookingAllTheTimeMisleadsSeldom: of two equally good forecasters who differ at every match, the second is found
// better at any of 1,000 looks in at most 5 % of contests, and the interval holds the true mean at all looks in at
// least 95 %.
func TestLookingAllTheTimeMisleadsSeldom(t *testing.T) {
	contests := 400
	if testing.Short() {
		contests = 40
	}
	found, missed := 0, 0
	for seed := range uint64(contests) {
		f, m := false, false
		contest(seed, 1000, 0.06, 0.06, func(s *score.Sequential, expected float64) bool {
			f = f || s.Evidence() >= 20
			if n, _ := s.N(); n%10 == 0 {
				low, high := s.Interval(0.05)
				m = m || expected < low || expected > high
			}
			return false
		})
		if f {
			found++
		}
		if m {
			missed++
		}
	}
	if found > contests/20 || missed > contests/20 {
		t.Errorf("of %d contests %d find a better one among equals, %d intervals miss", contests, found, missed)
	}
}

// TestTheBetterForecasterIsFound within as many matches as such a difference takes, and never the worse one.
func TestTheBetterForecasterIsFound(t *testing.T) {
	found := 0
	for seed := range uint64(20) {
		contest(seed, 3000, 0.12, 0.02, func(s *score.Sequential, _ float64) bool {
			if s.Evidence() < 20 {
				return false
			}
			found++
			if low, _ := s.Interval(0.1); low <= 0 {
				t.Errorf("seed %d: the evidence is %.1f, the interval begins at %v", seed, s.Evidence(), low)
			}
			return true
		})
		contest(seed, 3000, 0.02, 0.12, func(s *score.Sequential, _ float64) bool {
			if s.Evidence() >= 20 {
				t.Errorf("seed %d: the worse one is found better", seed)
			}
			return false
		})
	}
	if found < 19 {
		t.Errorf("found in %d of 20 contests", found)
	}
}

func TestNoMatchIsNoEvidence(t *testing.T) {
	var s score.Sequential
	if low, high := s.Interval(0.05); s.Evidence() != 1 || s.Mean() != 0 || low != -1 || high != 1 {
		t.Errorf("got %v, %v, %v to %v", s.Evidence(), s.Mean(), low, high)
	}
	s.Add(football.Outcome{Home: 1}, football.Outcome{Away: 1}, score.AwayWin)
	if n, scaled := s.N(); n != 1 || scaled != 1 || s.Mean() > 0.25 {
		t.Errorf("opposite certainties: %d matches, %d scaled, mean %v", n, scaled, s.Mean())
	}
	same := football.Outcome{Home: 0.5, Draw: 0.3, Away: 0.2}
	for range 100 {
		s.Add(same, same, score.Draw)
	}
	if e := s.Evidence(); math.IsNaN(e) || math.IsInf(e, 0) {
		t.Errorf("got evidence %v", e)
	}
}

// mixture is the evidence of differences with that sum, whose squared distances to what was expected before each sum
// up to spread: the mean of what 18 bets have made of 1, as the paper of 2021 has it, one bet after the other.
func mixture(sum, spread float64) float64 {
	mean := 0.0
	for i := range 18 {
		bet := 3.6 / math.Pow(math.Sqrt2, float64(i))
		cost := 16 * (-math.Log(1-bet/4) - bet/4)
		mean += math.Exp(bet*sum-cost*spread) / 18
	}
	return mean
}

// TestWhatIsExpectedOfAMatchIsPossible checks two matches with pencil and paper. Opposite certainties have a difference
// of 1 or -1 where -1 to 1 is possible, which is scaled down to 0.125 or -0.125. The next match allows -0.055 (a home
// win) and 0.045: its difference is measured from the end of that range which is nearer to the mean.
func TestWhatIsExpectedOfAMatchIsPossible(t *testing.T) {
	home, away := football.Outcome{Home: 1}, football.Outcome{Away: 1}
	for _, tt := range []struct {
		name        string
		first, then score.Result
		sum, spread float64
	}{
		{"above the range, at its upper end", score.AwayWin, score.Draw, 0.17, 0.015625},
		{"above the range, at its lower end", score.AwayWin, score.HomeWin, 0.07, 0.025625},
		{"below the range, at its lower end", score.HomeWin, score.HomeWin, -0.18, 0.015625},
		{"below the range, at its upper end", score.HomeWin, score.AwayWin, -0.08, 0.025625},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var s score.Sequential
			s.Add(home, away, tt.first)
			s.Add(football.Outcome{Home: 0.5, Draw: 0.3, Away: 0.2},
				football.Outcome{Home: 0.4, Draw: 0.4, Away: 0.2}, tt.then)
			if got := s.Mean(); math.Abs(got-tt.sum/2) > 1e-12 {
				t.Errorf("mean: got %v, want %v", got, tt.sum/2)
			}
			if got, want := s.Evidence(), mixture(tt.sum, tt.spread); math.Abs(got-want) > 1e-12 {
				t.Errorf("evidence: got %v, want %v", got, want)
			}
		})
	}
}

// TestARangeThatJustFitsIsNotScaled: forecasts whose home wins are a quarter apart have a range of exactly 0.25.
func TestARangeThatJustFitsIsNotScaled(t *testing.T) {
	var s score.Sequential
	s.Add(football.Outcome{Home: 0.5, Draw: 0.25, Away: 0.25}, football.Outcome{Home: 0.25, Draw: 0.5, Away: 0.25},
		score.HomeWin)
	if n, scaled := s.N(); n != 1 || scaled != 0 || s.Mean() != -0.15625 {
		t.Errorf("got %d matches, %d scaled, mean %v, want 1, 0, -0.15625", n, scaled, s.Mean())
	}
}
