package grid

// distribution is that of a whole number, goals or a margin: p[i] is the probability of from+i.
type distribution struct {
	from int32
	p    []float64
}

// probabilityOf returns the probability of exactly n; 0 outside of the range.
func (c distribution) probabilityOf(n int32) float64 {
	i := n - c.from
	if i < 0 || int(i) >= len(c.p) {
		return 0
	}
	return c.p[i]
}

// probabilityAbove returns the probability of more than n, at most 1.
func (c distribution) probabilityAbove(n int32) float64 {
	sum := 0.0
	for _, p := range c.p[min(max(int(n-c.from)+1, 0), len(c.p)):] {
		sum += p
	}
	return min(sum, 1)
}

// totalGoals returns the distribution of the final number of goals. It shares the grid's memory.
func (g *Grid) totalGoals() distribution { return distribution{g.homeFrom + g.awayFrom, g.totals[:]} }

// goalMargin returns the distribution of the home side's final goals less the away side's. It shares the grid's memory.
func (g *Grid) goalMargin() distribution {
	return distribution{g.homeFrom - g.awayFrom - (Size - 1), g.margins[:]}
}

// goalsBySide returns the distributions of each side's final goals.
func (g *Grid) goalsBySide() (home, away distribution) {
	home, away = distribution{g.homeFrom, make([]float64, Size)}, distribution{g.awayFrom, make([]float64, Size)}
	for i := range g.p {
		for j, p := range &g.p[i] {
			home.p[i] += p
			away.p[j] += p
		}
	}
	return home, away
}
