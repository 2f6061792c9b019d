package grid

import "math"

// leastEventProbability bounds what fillByUniformisation leaves out: it stops when more events are less probable.
const leastEventProbability = 1e-12

// NewChase returns the grid of a match in which a side that is behind scores at chase times its intensity: a birth
// process whose rates depend on the score (M. Dixon, M. Robinson, "A Birth Process Model for Association Football
// Matches", The Statistician 47, 1998). At 1 it is New's grid; above 1 draws become likelier. Arguments are clamped as
// New clamps them, chase to 0..10. With rho and a chase together the cells are normalised, and ExpectedGoals is that of
// the process without rho.
func NewChase(home, away, rho, chase float64, homeFrom, awayFrom int32) Grid {
	home, away = clampIntensity(home), clampIntensity(away)
	g := Grid{homeFrom: homeFrom, awayFrom: awayFrom}
	g.fillByUniformisation(home, away, min(max(chase, 0), 10))
	g.adjustLowScores(home, away, rho)
	g.normalise()
	g.sumCells()
	return g
}

// fillByUniformisation fills the cells and the expected goals by uniformisation (A. Jensen, "Markoff chains as an aid
// in the study of Markoff processes", Skandinavisk Aktuarietidskrift 36, 1953): events come at one rate that no score
// exceeds, and each is a goal for one side, or nothing, with the probabilities that apply at the score. After n events
// at most n goals have fallen, which bounds the cells that each pass visits.
func (g *Grid) fillByUniformisation(home, away, factor float64) {
	rate := (home + away) * max(factor, 1)
	var now [Size][Size]float64
	now[0][0] = 1
	weight := math.Exp(-rate) // probability of exactly so many events
	rest := 1 - weight        // and of more
	for events := 0; ; events++ {
		for i := range min(events+1, Size) {
			for j := range min(events+1-i, Size) {
				g.p[i][j] += weight * now[i][j]
			}
		}
		if rest < leastEventProbability {
			return
		}
		homeGoal, awayGoal := g.nextEvent(&now, events, home/rate, away/rate, factor)
		g.home += rest * homeGoal
		g.away += rest * awayGoal
		weight *= rate / float64(events+1)
		rest -= weight
	}
}

// nextEvent replaces now, the distribution of the score after so many past events, by that after the next one,
// and returns the goals that each side is expected to score with it. The last row and column keep what would leave the
// grid.
func (g *Grid) nextEvent(now *[Size][Size]float64, past int, home, away, factor float64) (homeGoal, awayGoal float64) {
	var next [Size][Size]float64
	lead := int(g.homeFrom - g.awayFrom)
	for i := range min(past+1, Size) {
		for j := range min(past+1-i, Size) {
			h, a := now[i][j]*home, now[i][j]*away
			switch margin := lead + i - j; {
			case margin < 0:
				h *= factor
			case margin > 0:
				a *= factor
			}
			homeGoal += h
			awayGoal += a
			next[i][j] += now[i][j] - h - a
			next[min(i+1, Size-1)][j] += h
			next[i][min(j+1, Size-1)] += a
		}
	}
	*now = next
	return homeGoal, awayGoal
}

// normalise scales the cells so that they sum to 1.
func (g *Grid) normalise() {
	sum := 0.0
	for i := range g.p {
		for _, p := range &g.p[i] {
			sum += p
		}
	}
	for i := range g.p {
		for j := range g.p[i] {
			g.p[i][j] /= sum
		}
	}
}
