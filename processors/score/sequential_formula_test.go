package score_test

import (
	"math"
	"slices"
	"testing"

	"github.com/touchline/touchline/processors/score"
	"github.com/touchline/touchline/schemas/football"
)

// logMixture is the logarithm of the mixture of 18 bets after differences of a sum and a spread, written down anew from
// the paper: each bet b earns exp(b x - cost(b) spread), with the cost of the sub-exponential bound for a range of
// 0.25.
func logMixture(x, spread float64) float64 {
	sum := 0.0
	for i := range 18 {
		b := 3.6 / math.Pow(math.Sqrt2, float64(i))
		sum += math.Exp(b*x-(-math.Log(1-0.25*b)-0.25*b)/0.0625*spread) / 18
	}
	return math.Log(sum)
}

// wide and narrow are pairs of forecasts: the range of the first pair's difference is above 0.25, that of the second
// below.
var (
	wide   = [2]football.Outcome{{Home: 0.8, Draw: 0.1, Away: 0.1}, {Home: 0.1, Draw: 0.1, Away: 0.8}}
	narrow = [2]football.Outcome{{Home: 0.45, Draw: 0.3, Away: 0.25}, {Home: 0.35, Draw: 0.3, Away: 0.35}}
)

// differences returns the difference of the pair's RPS for each result, scaled to a range of 0.25 at most.
func differences(pair [2]football.Outcome) (d [3]float64) {
	low, high := math.Inf(1), math.Inf(-1)
	for r := range d {
		d[r] = score.RPS(pair[0], score.Result(r)) - score.RPS(pair[1], score.Result(r))
		low, high = min(low, d[r]), max(high, d[r])
	}
	if size := high - low; size > 0.25 {
		for r := range d {
			d[r] *= 0.25 / size
		}
	}
	return d
}

// TestTheEvidenceByTheDefinition folds five matches twice: by Add, and as the paper defines it.
func TestTheEvidenceByTheDefinition(t *testing.T) {
	var s score.Sequential
	sum, spread := 0.0, 0.0
	for i, m := range []struct {
		pair   [2]football.Outcome
		result score.Result
	}{{wide, score.AwayWin}, {wide, score.HomeWin}, {narrow, score.AwayWin}, {narrow, score.Draw},
		{narrow, score.HomeWin}} {
		all := differences(m.pair)
		expected := 0.0
		if i > 0 {
			expected = sum / float64(i)
		}
		expected = min(max(expected, slices.Min(all[:])), slices.Max(all[:])) // only what the match could tell
		d := all[m.result]
		sum, spread = sum+d, spread+(d-expected)*(d-expected)
		s.Add(m.pair[0], m.pair[1], m.result)
		if got, want := math.Log(s.Evidence()), logMixture(sum, spread); math.Abs(got-want) > 1e-9 {
			t.Errorf("match %d: evidence e^%v, want e^%v", i+1, got, want)
		}
		if n, _ := s.N(); n != i+1 || math.Abs(s.Mean()-sum/float64(i+1)) > 1e-12 {
			t.Errorf("match %d: got %d matches of mean %v, want mean %v", i+1, n, s.Mean(), sum/float64(i+1))
		}
		low, high := s.Interval(0.1)
		n := float64(i + 1)
		for name, at := range map[string]float64{"low": logMixture(sum-n*low, spread),
			"high": logMixture(n*high-sum, spread)} {
			if inside := low > -1 && high < 1; inside && math.Abs(at-math.Log(20)) > 1e-5 {
				t.Errorf("match %d: the evidence at the %s end is e^%v, want 20", i+1, name, at)
			}
		}
		if !(low < s.Mean() && s.Mean() < high) {
			t.Errorf("match %d: the interval %v to %v does not have the mean %v in it", i+1, low, high, s.Mean())
		}
	}
	if _, scaled := s.N(); scaled != 2 {
		t.Errorf("got %d matches scaled down, want the two wide ones", scaled)
	}
}

// TestTheIntervalNarrows to less than 0.1 within 300 matches that tell little, and contains their mean.
func TestTheIntervalNarrows(t *testing.T) {
	var s score.Sequential
	for i := range 300 {
		s.Add(narrow[0], narrow[1], score.Result(i%3))
	}
	low, high := s.Interval(0.05)
	if !(high-low < 0.1 && low < s.Mean() && s.Mean() < high) {
		t.Errorf("got %v to %v around %v", low, high, s.Mean())
	}
}

func TestResultOf(t *testing.T) {
	for want, goals := range map[score.Result][2]int32{score.HomeWin: {2, 1}, score.Draw: {1, 1},
		score.AwayWin: {0, 1}} {
		if got := score.ResultOf(goals[0], goals[1]); got != want {
			t.Errorf("%v: got %v, want %v", goals, got, want)
		}
	}
}
