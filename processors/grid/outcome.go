package grid

import "github.com/touchline/touchline/schemas/football"

// Outcome returns the probabilities of the three results of a match that begins at 0-0, without building the grid: the
// same as New(home, away, rho, 0, 0).Outcome() but for rounding, several times faster. Arguments are clamped as New
// clamps them.
func Outcome(home, away, rho float64) football.Outcome {
	home, away = clampIntensity(home), clampIntensity(away)
	var h, a [Size]float64
	fillPoisson(home, &h)
	fillPoisson(away, &a)
	var o football.Outcome
	below := 0.0 // probability that the away side scores fewer than i
	for i := range h {
		o.Home += h[i] * below
		o.Draw += h[i] * a[i]
		below += a[i]
	}
	rho = clampRho(home, away, rho)
	o.Home += h[1] * a[0] * away * rho
	o.Draw -= h[0]*a[0]*home*away*rho + h[1]*a[1]*rho
	o.Away = 1 - o.Home - o.Draw
	return o
}

// Over25 returns the probability of three goals or more in a match that begins at 0-0, in which the sides expect home
// and away goals. The adjustment of low scores moves probability within "at most two goals" only, so rho does not
// matter here.
func Over25(home, away float64) float64 {
	var total [Size]float64
	fillPoisson(clampIntensity(home)+clampIntensity(away), &total)
	return 1 - total[0] - total[1] - total[2]
}
