package score

import (
	"math"

	"github.com/touchline/touchline/schemas/football"
)

// Sequential compares two forecasters by RPS, match by match, and may be asked after every match: what it says holds at all
// times at once, so stopping when it looks good is no error. It is the mixture over a few bets of the empirical Bernstein
// e-process (S. Howard, A. Ramdas, J. McAuliffe, J. Sekhon, "Time-uniform, Nonparametric, Nonasymptotic Confidence
// Sequences", Annals of Statistics 49, 2021; for forecasters: Y. J. Choe, A. Ramdas, "Comparing Sequential Forecasters",
// Operations Research 72, 2024). It assumes neither independent matches nor a constant difference.
//
// A match's difference is the first's RPS less the second's: above 0 the second was better. What a match can tell lies within
// a range that both forecasts give before it; where that is wider than 0.25 the difference is scaled down to it.
type Sequential struct {
	n      int
	scaled int
	sum    float64 // of the differences
	spread float64 // of their squared distances to the mean before each
}

const (
	widest = 0.25 // range of one difference
	bets   = 18   // from 0.9/widest downwards, each the one before divided by the square root of 2
)

// Add takes a match that ended in a result, and what both said of it.
func (s *Sequential) Add(first, second football.Outcome, result Result) {
	low, high := math.Inf(1), math.Inf(-1)
	for _, r := range []Result{HomeWin, Draw, AwayWin} {
		d := RPS(first, r) - RPS(second, r)
		low, high = min(low, d), max(high, d)
	}
	weight := 1.0
	if high-low > widest {
		weight = widest / (high - low)
		s.scaled++
	}
	expected := 0.0
	if s.n > 0 {
		expected = s.sum / float64(s.n)
	}
	expected = min(max(expected, weight*low), weight*high)
	d := weight * (RPS(first, result) - RPS(second, result))
	s.n++
	s.sum += d
	s.spread += (d - expected) * (d - expected)
}

// N returns the number of matches, and of those whose difference was scaled down.
func (s *Sequential) N() (matches, scaled int) { return s.n, s.scaled }

// Mean returns the mean difference: above 0 the second was better.
func (s *Sequential) Mean() float64 {
	if s.n == 0 {
		return 0
	}
	return s.sum / float64(s.n)
}

// Evidence returns the e-value against "the second is no better than the first on average": 1 before any match. Were that
// true, it would ever reach 1/alpha with a probability of at most alpha. Where matches were scaled down, so is their part in
// the average. It ends at the greatest number, which thousands of clear matches reach.
func (s *Sequential) Evidence() float64 { return min(math.Exp(s.log(s.sum)), math.MaxFloat64) }

// Interval returns a confidence sequence of the mean expected difference: with a probability of at least 1-alpha it holds it
// after every match.
func (s *Sequential) Interval(alpha float64) (low, high float64) {
	if s.n == 0 {
		return -1, 1
	}
	n, enough := float64(s.n), math.Log(2/alpha)
	low = crossing(-1, 1, func(m float64) bool { return s.log(s.sum-n*m) >= enough })
	high = -crossing(-1, 1, func(m float64) bool { return s.log(-s.sum-n*m) >= enough })
	return low, high
}

// log returns the logarithm of the mixture when the differences exceed what is expected by x in all.
func (s *Sequential) log(x float64) float64 {
	var exponents [bets]float64
	most := math.Inf(-1)
	for i := range exponents {
		bet := 0.9 / widest * math.Pow(2, -float64(i)/2)
		cost := (-math.Log(1-widest*bet) - widest*bet) / (widest * widest)
		exponents[i] = bet*x - cost*s.spread
		most = max(most, exponents[i])
	}
	sum := 0.0
	for _, e := range exponents {
		sum += math.Exp(e - most)
	}
	return most + math.Log(sum/bets)
}

// crossing returns the greatest value, to 1e-9, at which a condition that holds from low up to some point still holds; low
// where it never does.
func crossing(low, high float64, holds func(float64) bool) float64 {
	if !holds(low) {
		return low
	}
	for high-low > 1e-9 {
		if middle := (low + high) / 2; holds(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}
