package grid

import "github.com/touchline/touchline/schemas/football"

// Half is what is known, or expected, of the first half of a match.
type Half struct {
	Over       bool
	Home, Away int32   // the score at half-time, once it is over
	Share      float64 // until then: the share of each side's goals still to come that fall before half-time, 0 to 1
}

// HalfOf reads the half from the state of play and the share that a forecast gives; false when it is not known.
func HalfOf(live football.LiveState, share float64) (Half, bool) {
	over := live.Phase == football.HalfTime || live.Phase == football.Settled || live.Clock.Period > 1
	if over {
		return Half{Over: true, Home: live.HomeHalfTime, Away: live.AwayHalfTime}, live.HomeHalfTime >= 0
	}
	return Half{Share: share}, share >= 0
}

// HalfFull is the probability of each pair of results, at half-time and at full time, in the order home, draw, away.
type HalfFull [3][3]float64

// halfFull returns the half-time/full-time market. Goals of a Poisson process fall before half-time independently of
// each other, each with the same probability, whatever their number: so each final score is split by two binomial
// distributions, and the full-time results stay those of the grid, adjusted or not. The inner loop goes over the home
// side's goals before half-time; the away side must then have fewer (the home side leads), or exactly as many (a draw).
func (g *Grid) halfFull(half Half) HalfFull {
	var out HalfFull
	if half.Over {
		o := g.Outcome()
		out[resultIndex(half.Home-half.Away)] = [3]float64{o.Home, o.Draw, o.Away}
		return out
	}
	exactly, fewer := binomial(half.Share)
	lead := int(g.homeFrom - g.awayFrom)
	for i := range g.p {
		for j, p := range &g.p[i] {
			home, draw := 0.0, 0.0
			for x, q := range exactly[i][:i+1] {
				home += q * fewer[j][min(max(x+lead, 0), Size)]
				if y := x + lead; y >= 0 && y <= j {
					draw += q * exactly[j][y]
				}
			}
			full := resultIndex(int32(lead + i - j))
			out[0][full] += p * home
			out[1][full] += p * draw
			out[2][full] += p * max(1-home-draw, 0)
		}
	}
	return out
}

// resultIndex returns the place of a margin in the order home, draw, away.
func resultIndex(margin int32) int {
	switch {
	case margin > 0:
		return 0
	case margin < 0:
		return 2
	default:
		return 1
	}
}

// binomial returns, for each number of goals, the probability that exactly k of them fall in a part of the match that
// has this share, and the probability that fewer than k do.
func binomial(share float64) (exactly [Size][Size]float64, fewer [Size][Size + 1]float64) {
	exactly[0][0] = 1
	for n := 1; n < Size; n++ {
		for k := range n + 1 {
			exactly[n][k] = exactly[n-1][k] * (1 - share)
			if k > 0 {
				exactly[n][k] += exactly[n-1][k-1] * share
			}
		}
	}
	for n := range exactly {
		for k, p := range exactly[n] {
			fewer[n][k+1] = fewer[n][k] + p
		}
	}
	return exactly, fewer
}
