package grid

import "math"

// Size is the number of rows and of columns: 0 to 9 further goals, and ten or more.
const Size = 11

// MaxIntensity bounds an intensity, so that the tail cell stays a tail.
const MaxIntensity = 8.0

// fillPoisson fills p with the Poisson probabilities of 0, 1, ... events under the intensity, the last cell with all
// beyond.
func fillPoisson(intensity float64, p *[Size]float64) {
	rest, term := 1.0, math.Exp(-intensity)
	for i := range Size - 1 {
		p[i] = term
		rest -= term
		term *= intensity / float64(i+1)
	}
	p[Size-1] = math.Max(rest, 0)
}

// clampIntensity returns an intensity within 0 to MaxIntensity. NaN becomes 0: with it the sums over events would never
// end.
func clampIntensity(x float64) float64 {
	if !(x > 0) {
		return 0
	}
	return min(x, MaxIntensity)
}

// clampRho returns rho within the range in which all four adjusted cells stay probabilities (Dixon & Coles 1997,
// section 4.2).
func clampRho(home, away, rho float64) float64 {
	lowest := -1 / max(home, away, 1)
	highest := 1 / max(home*away, 1)
	return min(max(rho, lowest), highest)
}
