package grid

import "github.com/touchline/touchline/schemas/football"

const (
	totalLines    = 6 // 0.5, 1.5, ... 5.5
	handicapLines = 6 // -2.5, -1.5, ... +2.5
)

// Markets returns the probabilities of the usual lines: totals 0.5 to 5.5, handicaps of the home side -2.5 to +2.5, and
// both sides scoring.
func (g *Grid) Markets() football.Markets {
	lines := make([]football.Line, 0, totalLines+handicapLines) // one allocation for both
	total, margin := g.totalGoals(), g.goalMargin()
	for i := range int32(totalLines) {
		lines = append(lines, football.Line{Line: float64(i) + 0.5, P: total.probabilityAbove(i)})
	}
	for i := range int32(handicapLines) {
		lines = append(lines, football.Line{Line: float64(i) - 2.5, P: margin.probabilityAbove(2 - i)})
	}
	return football.Markets{
		Totals:    lines[:totalLines:totalLines],
		Handicaps: lines[totalLines:],
		BothScore: g.bothScore(),
	}
}

// bothScore returns the probability that neither side ends without a goal.
func (g *Grid) bothScore() float64 {
	p := 1.0
	if g.homeFrom == 0 {
		for j := range g.p[0] {
			p -= g.p[0][j]
		}
	}
	if g.awayFrom == 0 {
		for i := range g.p {
			p -= g.p[i][0]
		}
	}
	if g.homeFrom == 0 && g.awayFrom == 0 {
		p += g.p[0][0] // taken away twice
	}
	return max(p, 0)
}
