package score

import (
	"math"

	"github.com/touchline/touchline/schemas/football"
)

// Sequential compares two forecasters by RPS, match by match, and may be asked after every match: its guarantees apply
// at all times at once, so stopping when the evidence looks good is no error. It is the mixture over a few bets of the
// empirical Bernstein e-process (S. Howard, A. Ramdas, J. McAuliffe, J. Sekhon, "Time-uniform, Nonparametric,
// Nonasymptotic Confidence Sequences", Annals of Statistics 49, 2021; for forecasters: Y. J. Choe, A. Ramdas,
// "Comparing Sequential Forecasters", Operations Research 72, 2024). It assumes neither independent matches nor a
// constant difference.
//
// A match's difference is the first's RPS less the second's: above 0 the second was better. Before a match both
// forecasts bound its difference, by the three results; where that range is wider than 0.25 the difference is scaled
// down to it. The zero value is a comparison without a match.
type Sequential struct {
	n      int     // matches
	scaled int     // of them, those whose difference was scaled down
	sum    float64 // of the differences
	spread float64 // sum of their squared distances to the mean before each: the empirical variance times n
}

const (
	widest = 0.25 // range of one difference of RPS
	bets   = 18   // from 0.9/widest downwards, each the one before divided by the square root of 2
)

// Add takes both forecasts of a match, made before it, and its result.
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

// N returns the number of matches, and how many of them had their difference scaled down.
func (s *Sequential) N() (matches, scaled int) { return s.n, s.scaled }

// Mean returns the mean difference: above 0 the second was better.
func (s *Sequential) Mean() float64 {
	if s.n == 0 {
		return 0
	}
	return s.sum / float64(s.n)
}

// Evidence returns the e-value against "the second is no better than the first on average": 1 before any match. Were
// that true, it would ever reach 1/alpha with a probability of at most alpha. Where matches were scaled down, so is
// their part in the average. It ends at the greatest number, which thousands of clear matches reach.
func (s *Sequential) Evidence() float64 { return min(math.Exp(s.logMixture(s.sum)), math.MaxFloat64) }

// Interval returns a confidence sequence of the mean expected difference: with a probability of at least 1-alpha, alpha
// from 0 to 1, it contains that mean after every match. Without a match it is all of -1 to 1.
func (s *Sequential) Interval(alpha float64) (low, high float64) {
	if s.n == 0 {
		return -1, 1
	}
	n, enough := float64(s.n), math.Log(2/alpha)
	low = crossing(-1, 1, func(m float64) bool { return s.logMixture(s.sum-n*m) >= enough })
	high = -crossing(-1, 1, func(m float64) bool { return s.logMixture(-s.sum-n*m) >= enough })
	return low, high
}

// logMixture returns the logarithm of the mixture of all bets' e-processes when the differences exceed what is expected
// by excess in all. The greatest exponent is taken out of the sum, which would overflow otherwise.
func (s *Sequential) logMixture(excess float64) float64 {
	var exponents [bets]float64
	most := math.Inf(-1)
	for i := range exponents {
		bet := 0.9 / widest * math.Pow(2, -float64(i)/2)
		cost := (-math.Log(1-widest*bet) - widest*bet) / (widest * widest)
		exponents[i] = bet*excess - cost*s.spread
		most = max(most, exponents[i])
	}
	sum := 0.0
	for _, e := range exponents {
		sum += math.Exp(e - most)
	}
	return most + math.Log(sum/bets)
}

// crossing returns the greatest value, to 1e-9, up to which the condition is true, when it is true from low up to one
// point; low where it never is.
func crossing(low, high float64, condition func(float64) bool) float64 {
	if !condition(low) {
		return low
	}
	for high-low > 1e-9 {
		if middle := (low + high) / 2; condition(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}
