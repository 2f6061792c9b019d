package grid

// counts is the distribution of a whole number, goals or a margin, from its least value.
type counts struct {
	from int32
	p    []float64
}

// at returns the probability of exactly n.
func (c counts) at(n int32) float64 {
	i := n - c.from
	if i < 0 || int(i) >= len(c.p) {
		return 0
	}
	return c.p[i]
}

// above returns the probability of more than n.
func (c counts) above(n int32) float64 {
	sum := 0.0
	for _, p := range c.p[min(max(int(n-c.from)+1, 0), len(c.p)):] {
		sum += p
	}
	return min(sum, 1)
}

// total is the distribution of the final number of goals.
func (g *Grid) total() counts { return counts{g.homeFrom + g.awayFrom, g.totals[:]} }

// margin is the distribution of the home side's final goals less the away side's.
func (g *Grid) margin() counts { return counts{g.homeFrom - g.awayFrom - (Size - 1), g.margins[:]} }

// sides returns the distributions of each side's final goals.
func (g *Grid) sides() (home, away counts) {
	home, away = counts{g.homeFrom, make([]float64, Size)}, counts{g.awayFrom, make([]float64, Size)}
	for i := range g.p {
		for j, p := range &g.p[i] {
			home.p[i] += p
			away.p[j] += p
		}
	}
	return home, away
}
