package grid

import "github.com/touchline/touchline/schemas/football"

// Grid is the probability of each final score. The zero value is not useful: see New.
type Grid struct {
	homeFrom, awayFrom int32   // the score so far, of the first row and column
	home, away         float64 // intensities: expected further goals
	// by the further goals of the home side, then of the away side; they sum to 1
	p      [Size][Size]float64
	totals [2*Size - 1]float64 // probability of so many further goals
	// probability that home's further goals exceed away's by the index less Size-1
	margins [2*Size - 1]float64
}

// New returns the grid of a match at the score homeFrom-awayFrom, in which the sides expect home and away goals to
// come. Intensities are clamped to 0..MaxIntensity and rho to what keeps every cell a probability.
func New(home, away, rho float64, homeFrom, awayFrom int32) Grid {
	home, away = clampIntensity(home), clampIntensity(away)
	g := Grid{homeFrom: homeFrom, awayFrom: awayFrom, home: home, away: away}
	var h, a [Size]float64
	fillPoisson(home, &h)
	fillPoisson(away, &a)
	g.fillIndependent(&h, &a)
	g.adjustLowScores(home, away, rho)
	g.sumCells()
	return g
}

// Settled returns the grid of a match that ended with that score: probability 1 in its first cell, no goals to come.
func Settled(home, away int32) Grid {
	g := Grid{homeFrom: home, awayFrom: away}
	g.p[0][0] = 1
	g.sumCells()
	return g
}

// fillIndependent fills the cells as if the sides scored independently, normalised: the sums of h and a differ from 1
// by rounding, and Dixon & Coles's factors leave the sum as it is.
func (g *Grid) fillIndependent(h, a *[Size]float64) {
	sumHome, sumAway := 0.0, 0.0
	for i := range h {
		sumHome += h[i]
		sumAway += a[i]
	}
	norm := 1 / (sumHome * sumAway)
	for i := range h {
		row := h[i] * norm
		for j := range a {
			g.p[i][j] = row * a[j]
		}
	}
}

// adjustLowScores applies Dixon & Coles's factors to the four lowest numbers of further goals. They leave the sum of
// independent cells as it is.
func (g *Grid) adjustLowScores(home, away, rho float64) {
	rho = clampRho(home, away, rho)
	g.p[0][0] *= 1 - home*away*rho
	g.p[0][1] *= 1 + home*rho
	g.p[1][0] *= 1 + away*rho
	g.p[1][1] *= 1 - rho
}

// sumCells sums the cells by total and by margin, from which all markets follow. It is called once, when the cells have
// their final values.
func (g *Grid) sumCells() {
	for i := range g.p {
		for j, p := range &g.p[i] {
			g.totals[i+j] += p
			g.margins[i-j+Size-1] += p
		}
	}
}

// Fact returns the grid as it is published.
func (g *Grid) Fact() football.ScoreGrid {
	p := make([]float32, Size*Size)
	for i := range g.p {
		row := p[i*Size : (i+1)*Size]
		for j := range row {
			row[j] = float32(g.p[i][j])
		}
	}
	return football.ScoreGrid{HomeFrom: g.homeFrom, AwayFrom: g.awayFrom, Size: Size, P: p}
}

// ExpectedGoals returns the mean of each side's final number of goals.
func (g *Grid) ExpectedGoals() football.ExpectedGoals {
	return football.ExpectedGoals{Home: float64(g.homeFrom) + g.home, Away: float64(g.awayFrom) + g.away}
}

// Outcome returns the probabilities of the three results.
func (g *Grid) Outcome() football.Outcome {
	home, draw, away := 0.0, 0.0, 0.0
	level := int(g.awayFrom-g.homeFrom) + Size - 1 // index of the margin that makes it a draw
	for i, p := range &g.margins {
		switch {
		case i > level:
			home += p
		case i < level:
			away += p
		default:
			draw += p
		}
	}
	return football.Outcome{Home: home, Draw: draw, Away: away}
}
