package outlook

import "math"

// The table of goals has a row for each step of the logarithm of an intensity, finely enough that the rounding is far
// below what anyone knows of a team's strength: 1/64 is 1.6 %.
const (
	lowest  = -4.0 // log of the least intensity: 0.018 goals
	highest = 2.0  // log of the greatest: 7.4
	steps   = 64.0 // rows for each unit
	rows    = int((highest-lowest)*steps) + 1
	most    = 12 // goals of one side in one match
)

// goals draws Poisson numbers by inversion from tables that are made once.
type goals struct {
	below [rows][most]uint32 // 2^32 times the probability of at most so many goals
	mean  [rows]float64
}

func newGoals() *goals {
	t := &goals{}
	for row := range t.below {
		t.mean[row] = math.Exp(lowest + float64(row)/steps)
		term, sum := math.Exp(-t.mean[row]), 0.0
		for k := range most {
			sum += term
			t.below[row][k] = uint32(min(sum*(1<<32), math.MaxUint32))
			term *= t.mean[row] / float64(k+1)
		}
	}
	return t
}

// rowOf returns the row of an intensity's logarithm.
func rowOf(log float64) int {
	return int((min(max(log, lowest), highest)-lowest)*steps + 0.5)
}

// draw returns a number of goals for a uniform number.
func (t *goals) draw(row int, u uint32) int32 {
	below := &t.below[row]
	for k := range most {
		if u < below[k] {
			return int32(k)
		}
	}
	return most
}

// match draws a score. The dependence of low scores moves probability from 0-1 to 0-0 and from 1-0 to 1-1, or back where rho
// is above 0: exactly the factors of Dixon & Coles (1997), without rejecting a draw.
func (t *goals) match(rng *random, home, away int, rho float64) (int32, int32) {
	u := rng.next()
	h, a := t.draw(home, uint32(u)), t.draw(away, uint32(u>>32))
	if h > 1 || a > 1 || rho == 0 {
		return h, a
	}
	moved := 0.0
	switch {
	case rho < 0 && h == 0 && a == 1:
		moved = -rho * t.mean[home]
	case rho < 0 && h == 1 && a == 0:
		moved = -rho * t.mean[away]
	case rho > 0 && h == 0 && a == 0:
		moved = rho * t.mean[home] * t.mean[away]
	case rho > 0 && h == 1 && a == 1:
		moved = rho
	}
	if moved == 0 || rng.uniform() >= moved {
		return h, a
	}
	return h, 1 - a
}
