package score

import (
	"math"

	"github.com/touchline/touchline/schemas/football"
)

// Result is how a match ended, as an index into the ranked results.
type Result int

// The results in their rank: home win, draw, away win.
const (
	HomeWin Result = iota
	Draw
	AwayWin
)

// ResultOf returns the result of a final score.
func ResultOf(home, away int32) Result {
	switch {
	case home > away:
		return HomeWin
	case home < away:
		return AwayWin
	default:
		return Draw
	}
}

// leastProbability replaces 0 in log loss, so that one result that was held impossible can't make a mean infinite.
const leastProbability = 1e-9

// ProbabilityOf returns the probability that the outcome gives to the result.
func ProbabilityOf(o football.Outcome, r Result) float64 {
	return [...]float64{o.Home, o.Draw, o.Away}[r]
}

// RPS returns the ranked probability score, from 0 (certain and right) to 1: half the sum of the squared differences of
// the cumulative probabilities.
func RPS(o football.Outcome, r Result) float64 {
	first, second := o.Home, o.Home+o.Draw
	if r == HomeWin {
		first--
	}
	if r != AwayWin {
		second--
	}
	return (first*first + second*second) / 2
}

// LogLoss returns minus the natural logarithm of the probability of what happened; at most 20.7.
func LogLoss(o football.Outcome, r Result) float64 {
	return -math.Log(max(ProbabilityOf(o, r), leastProbability))
}

// Brier returns the sum of the squared errors of the three results, from 0 to 2.
func Brier(o football.Outcome, r Result) float64 {
	sum := 0.0
	for i, p := range [...]float64{o.Home, o.Draw, o.Away} {
		if Result(i) == r {
			p--
		}
		sum += p * p
	}
	return sum
}
