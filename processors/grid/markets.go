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
	for i := range totalLines {
		lines = append(lines, football.Line{Line: float64(i) + 0.5, P: g.over(i)})
	}
	for i := range handicapLines {
		lines = append(lines, football.Line{Line: float64(i) - 2.5, P: g.covers(i)})
	}
	return football.Markets{
		Totals:    lines[:totalLines:totalLines],
		Handicaps: lines[totalLines:],
		BothScore: g.bothScore(),
	}
}

// over returns the probability of more than so many goals.
func (g *Grid) over(goals int) float64 {
	p := 0.0
	for _, q := range g.totals[min(max(goals+1-int(g.homeFrom+g.awayFrom), 0), len(g.totals)):] {
		p += q
	}
	return min(p, 1)
}

// covers returns the probability that the home side wins after the line i-2.5 was added to its goals.
func (g *Grid) covers(i int) float64 {
	least := 3 - i - int(g.homeFrom-g.awayFrom) // the further margin that is enough
	p := 0.0
	for _, q := range g.margins[min(max(least+Size-1, 0), len(g.margins)):] {
		p += q
	}
	return min(p, 1)
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
