package outlook

import "math"

// The table of goals has a row for each step of the logarithm of an intensity. A step of 1/64 is 1.6 %: rounding to it
// is far below the uncertainty of a team's strength.
const (
	lowestLog   = -4.0 // log of the least intensity: 0.018 goals
	highestLog  = 2.0  // log of the greatest: 7.4
	rowsPerUnit = 64.0 // rows for each unit
	goalRows    = int((highestLog-lowestLog)*rowsPerUnit) + 1
	maxGoals    = 12 // goals of one side in one match
)

// goalTable draws Poisson numbers by inversion from tables that are made once: 385 intensities, evenly spaced in their
// logarithm.
type goalTable struct {
	below [goalRows][maxGoals]uint32 // 2^32 times the probability of at most so many goals
	mean  [goalRows]float64
}

// newGoalTable fills the tables with cumulative probabilities, scaled to the range of uint32.
func newGoalTable() *goalTable {
	t := &goalTable{}
	for row := range t.below {
		t.mean[row] = math.Exp(lowestLog + float64(row)/rowsPerUnit)
		term, sum := math.Exp(-t.mean[row]), 0.0
		for k := range maxGoals {
			sum += term
			t.below[row][k] = uint32(min(sum*(1<<32), math.MaxUint32))
			term *= t.mean[row] / float64(k+1)
		}
	}
	return t
}

// rowOfLog returns the row that is nearest to an intensity's logarithm, the first or the last beyond the table.
func rowOfLog(log float64) int {
	return int((min(max(log, lowestLog), highestLog)-lowestLog)*rowsPerUnit + 0.5)
}

// drawGoals returns the number of goals, at most maxGoals, that belongs to a uniform number.
func (t *goalTable) drawGoals(row int, u uint32) int32 {
	below := &t.below[row]
	for k := range maxGoals {
		if u < below[k] {
			return int32(k)
		}
	}
	return maxGoals
}

// drawScore draws a score. The dependence of low scores moves probability from 0-1 to 0-0 and from 1-0 to 1-1, or back
// where rho is above 0: exactly the factors of Dixon & Coles (1997), without rejecting a draw. How many numbers it
// takes from rng depends on the score, so the order of draws is part of the result.
func (t *goalTable) drawScore(rng *random, home, away int, rho float64) (int32, int32) {
	u := rng.nextUint64()
	h, a := t.drawGoals(home, uint32(u)), t.drawGoals(away, uint32(u>>32))
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
