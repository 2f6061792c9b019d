package market

import (
	"math"

	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/schemas/football"
)

// Intensities are the scoring intensities and the dependence of low scores that explain a market.
type Intensities struct {
	Home, Away float64 // expected goals
	Rho        float64 // Dixon & Coles's dependence of low scores
}

// NoOver is the probability to pass where the market quotes no total.
const NoOver = -1

// rhoRange bounds the dependence that Fit may find.
const rhoRange = 0.2

// fitSteps bounds Newton's iterations: from the start below, odds of real matches need three to five.
const fitSteps = 20

// Fit returns intensities that give the probabilities p of the three results. Where over (the probability of three
// goals or more) is known, all three of home, away and rho are found; else rho stays as given and the draw alone fixes
// the level of goals. Where both can't be met with a rho of at most rhoRange, as when both sides are content with a
// draw, the three results are met and the over is not.
func Fit(p football.Outcome, over, rho float64) Intensities {
	fit := fitByNewton(p, over, rho)
	if over >= 0 && math.Abs(fit.Rho) >= rhoRange {
		return fitByNewton(p, NoOver, fit.Rho)
	}
	return fit
}

// fitByNewton iterates newtonStep until it moves less than 1e-10, at most fitSteps times.
func fitByNewton(p football.Outcome, over, rho float64) Intensities {
	fit := startIntensities(p, over, rho)
	for range fitSteps {
		next := fit.newtonStep(p, over)
		done := math.Abs(next.Home-fit.Home)+math.Abs(next.Away-fit.Away)+math.Abs(next.Rho-fit.Rho) < 1e-10
		fit = next
		if done {
			break
		}
	}
	return fit
}

// startIntensities returns where the search begins: the total from the over, or from the mean of football, and the
// supremacy from the difference of both sides' probabilities. The factors are fitted by eye; a Newton step corrects
// them.
func startIntensities(p football.Outcome, over, rho float64) Intensities {
	total := 2.6
	if over >= 0 {
		total = 1.3 + 2.6*over
	}
	supremacy := 1.7 * (p.Home - p.Away) * total / 2.6
	return Intensities{Home: max((total+supremacy)/2, 0.15), Away: max((total-supremacy)/2, 0.15), Rho: rho}
}

// newtonStep makes one Newton step on the logarithms of the intensities (and on rho when the over is known), with
// derivatives by central differences, and keeps within the bounds. Where the equations have no solution it stays.
func (f Intensities) newtonStep(p football.Outcome, over float64) Intensities {
	const h = 1e-5
	at := f.residual(p, over)
	column := func(up, down Intensities) [3]float64 {
		u, d := up.residual(p, over), down.residual(p, over)
		return [3]float64{(u[0] - d[0]) / (2 * h), (u[1] - d[1]) / (2 * h), (u[2] - d[2]) / (2 * h)}
	}
	a := column(f.scaledByLogs(h, 0, 0), f.scaledByLogs(-h, 0, 0))
	b := column(f.scaledByLogs(0, h, 0), f.scaledByLogs(0, -h, 0))
	c := [3]float64{0, 0, 1} // rho fixed: the third equation is "rho does not move"
	if over >= 0 {
		c = column(f.scaledByLogs(0, 0, h), f.scaledByLogs(0, 0, -h))
	}
	step, ok := solveByCramer(a, b, c, at)
	if !ok {
		return f
	}
	const most = 0.5 // a step in logarithms; keeps a bad start from flying off
	return f.scaledByLogs(clampAbsolute(-step[0], most), clampAbsolute(-step[1], most),
		clampAbsolute(-step[2], rhoRange)).bounded()
}

// residual returns what the intensities give less what the market gives: home, away, over.
func (f Intensities) residual(p football.Outcome, over float64) [3]float64 {
	o := grid.Outcome(f.Home, f.Away, f.Rho)
	r := [3]float64{o.Home - p.Home, o.Away - p.Away, 0}
	if over >= 0 {
		r[2] = grid.Over25(f.Home, f.Away) - over
	}
	return r
}

// scaledByLogs returns the intensities with so much added to their logarithms, and to rho.
func (f Intensities) scaledByLogs(home, away, rho float64) Intensities {
	return Intensities{Home: f.Home * math.Exp(home), Away: f.Away * math.Exp(away), Rho: f.Rho + rho}
}

// bounded returns the intensities within what a grid takes: a market of certainties would move them for ever.
func (f Intensities) bounded() Intensities {
	const least = 0.02
	return Intensities{
		Home: min(max(f.Home, least), grid.MaxIntensity),
		Away: min(max(f.Away, least), grid.MaxIntensity),
		Rho:  clampAbsolute(f.Rho, rhoRange),
	}
}

// clampAbsolute returns x within -bound to bound.
func clampAbsolute(x, bound float64) float64 { return min(max(x, -bound), bound) }

// solveByCramer returns x with x0*a + x1*b + x2*c = y by Cramer's rule; false when the columns are not independent.
func solveByCramer(a, b, c, y [3]float64) ([3]float64, bool) {
	d := determinant(a, b, c)
	if math.Abs(d) < 1e-12 {
		return [3]float64{}, false
	}
	return [3]float64{determinant(y, b, c) / d, determinant(a, y, c) / d, determinant(a, b, y) / d}, true
}

// determinant returns that of the matrix with these columns.
func determinant(a, b, c [3]float64) float64 {
	return a[0]*(b[1]*c[2]-b[2]*c[1]) - b[0]*(a[1]*c[2]-a[2]*c[1]) + c[0]*(a[1]*b[2]-a[2]*b[1])
}
