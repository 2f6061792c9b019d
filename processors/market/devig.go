package market

import (
	"math"

	"github.com/touchline/touchline/schemas/football"
)

// Method turns the decimal odds of the three results into probabilities that sum to 1. It is false for odds that no
// bookmaker quotes: any at most 1, infinite or not a number.
type Method func(home, draw, away float64) (football.Outcome, bool)

// steps bounds every search: bisection halves an interval of length at most 10 to below 1e-14.
const steps = 50

// Proportional divides the inverse odds by their sum.
func Proportional(home, draw, away float64) (football.Outcome, bool) {
	if !validOdds(home, draw, away) {
		return football.Outcome{}, false
	}
	return normalised(1/home, 1/draw, 1/away), true
}

// Power raises the inverse odds to the one power that makes them sum to 1.
func Power(home, draw, away float64) (football.Outcome, bool) {
	if !validOdds(home, draw, away) {
		return football.Outcome{}, false
	}
	lh, ld, la := -math.Log(home), -math.Log(draw), -math.Log(away)
	k := bisectRoot(0.1, 10, func(k float64) float64 {
		return 1 - math.Exp(k*lh) - math.Exp(k*ld) - math.Exp(k*la)
	})
	return normalised(math.Exp(k*lh), math.Exp(k*ld), math.Exp(k*la)), true
}

// Shin finds the share z of insiders for which Shin's prices (1993) are the odds, in the closed form of Jullien &
// Salanie ("Measuring the Incidence of Insider Trading: A Comment on Shin", Economic Journal 104, 1994).
func Shin(home, draw, away float64) (football.Outcome, bool) {
	if !validOdds(home, draw, away) {
		return football.Outcome{}, false
	}
	price := [3]float64{1 / home, 1 / draw, 1 / away}
	sum := price[0] + price[1] + price[2]
	p := func(z float64, i int) float64 {
		return (math.Sqrt(z*z+4*(1-z)*price[i]*price[i]/sum) - z) / (2 * (1 - z))
	}
	z := bisectRoot(0, 0.4, func(z float64) float64 { return 1 - p(z, 0) - p(z, 1) - p(z, 2) })
	return normalised(p(z, 0), p(z, 1), p(z, 2)), true
}

// PowerOver returns the probability of the first of two complementary bets, such as over and under 2.5 goals, by the
// power method.
func PowerOver(over, under float64) (float64, bool) {
	if !(over > 1 && under > 1) {
		return 0, false
	}
	lo, lu := -math.Log(over), -math.Log(under)
	k := bisectRoot(0.1, 10, func(k float64) float64 { return 1 - math.Exp(k*lo) - math.Exp(k*lu) })
	o, u := math.Exp(k*lo), math.Exp(k*lu)
	return o / (o + u), true
}

// validOdds reports whether all three are odds: above 1 and finite.
func validOdds(home, draw, away float64) bool {
	return home > 1 && draw > 1 && away > 1 && !math.IsInf(home+draw+away, 1)
}

// normalised divides by the sum.
func normalised(h, d, a float64) football.Outcome {
	sum := h + d + a
	return football.Outcome{Home: h / sum, Draw: d / sum, Away: a / sum}
}

// bisectRoot returns where the rising function f crosses 0 between low and high, or the nearer end. It always halves
// steps times, so that equal arguments give equal bits.
func bisectRoot(low, high float64, f func(float64) float64) float64 {
	for range steps {
		middle := (low + high) / 2
		if f(middle) < 0 {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}
