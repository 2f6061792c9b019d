package outlook

import (
	"math"
	"sync"
)

// Score tables stand on a grid of both sides' intensities, evenly spaced in their logarithms. Between two rows one is
// drawn with a probability that makes the mean logarithm right, so that the step adds no error of its own.
const (
	lowestLog   = -2.5 // log of the least intensity: 0.08 goals
	highestLog  = 1.5  // log of the greatest: 4.5
	rowsPerUnit = 8    // rows for each unit
	goalRows    = int32((highestLog-lowestLog)*rowsPerUnit) + 1
)

// Logarithms of intensities are fixed-point numbers with rowBits below a row.
const (
	rowBits = 8
	oneUnit = rowsPerUnit << rowBits
)

// A side has at most 7 goals: more count as 7. A score is one number, with the home side's goals in its upper bits.
const (
	goalBits = 3
	maxGoals = 1<<goalBits - 1
	scores   = 1 << (2 * goalBits)
)

// packScore returns the number of a score.
func packScore(home, away int32) uint8 { return uint8(home<<goalBits | away) }

// unpackScore returns the score of a number.
func unpackScore(score uint8) result {
	return result{int32(score >> goalBits), int32(score & maxGoals)}
}

// aliasTable draws a score with one look-up (A. Walker, "An efficient method for generating discrete random variables
// with general distributions", ACM Transactions on Mathematical Software 3, 1977). By score: in the upper bits the
// share of the entry that is the score itself, in the lower ones the score that has the rest. Small, so that the tables
// of a match stay in the fastest cache; a probability is right to 1e-4.
type aliasTable [scores]uint16

// shareBits is how fine shares are. A whole one is not told from the greatest below it: such an entry is its own alias.
const shareBits = 16 - 2*goalBits

// drawScore returns the score that belongs to a uniform number of 32 bits.
func (t *aliasTable) drawScore(u uint32) uint8 {
	score := u >> (32 - 2*goalBits)
	entry := uint32(t[score])
	if u<<(2*goalBits)>>(32-shareBits) >= entry>>(2*goalBits) {
		score = entry & (scores - 1)
	}
	return uint8(score)
}

// newAliasTable returns the table of probabilities that sum to 1 (M. Vose, "A linear algorithm for generating random
// numbers with a given distribution", IEEE Transactions on Software Engineering 17, 1991).
func newAliasTable(p *[scores]float64) *aliasTable {
	var (
		t            aliasTable
		share        [scores]float64
		small, large []int
	)
	for i := range p {
		share[i] = p[i] * scores
		if share[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		t[s] = uint16(math.Round(share[s]*(1<<shareBits-1)))<<(2*goalBits) | uint16(l)
		share[l] -= 1 - share[s]
		if share[l] < 1 {
			large, small = large[:len(large)-1], append(small, l)
		}
	}
	for _, i := range append(small, large...) { // 1, but for rounding
		t[i] = uint16(i)
	}
	return &t
}

// scoreTables has a table for each pair of rows, the home side's first.
type scoreTables [goalRows * goalRows]aliasTable

// rhoSteps is how many tables there are for a unit of rho.
const rhoSteps = 128

// scoreBook makes the tables of each rho once: all that a rho of a rating can be are about forty.
type scoreBook struct {
	mu     sync.Mutex
	tables map[int]*scoreTables
}

// tablesOf returns the tables for the nearest step of a rho, at most a half from 0.
func (b *scoreBook) tablesOf(rho float64) *scoreTables {
	step := int(math.Round(min(max(rho, -0.5), 0.5) * rhoSteps))
	b.mu.Lock()
	defer b.mu.Unlock()
	if t, ok := b.tables[step]; ok {
		return t
	}
	t := newScoreTables(float64(step) / rhoSteps)
	b.tables[step] = t
	return t
}

// newScoreTables returns the tables of scores with the dependence of Dixon & Coles (1997).
func newScoreTables(rho float64) *scoreTables {
	t := &scoreTables{}
	for home := range goalRows {
		for away := range goalRows {
			p := scoreProbabilities(meanOfRow(home), meanOfRow(away), rho)
			t[home*goalRows+away] = *newAliasTable(&p)
		}
	}
	return t
}

// scoreProbabilities returns the probability of each score: independent Poisson numbers, and the factors of Dixon &
// Coles (1997) for the four lowest. What a factor would take below 0 stays 0.
func scoreProbabilities(home, away, rho float64) [scores]float64 {
	var p [scores]float64
	h, a := cutPoisson(home), cutPoisson(away)
	for i := range h {
		for j := range a {
			p[packScore(int32(i), int32(j))] = h[i] * a[j]
		}
	}
	none, one := packScore(0, 0), packScore(1, 1)
	toNone := max(-p[none], -rho*home*away*p[none]) // from 0-1, and as much from 1-0 to 1-1
	toNone = min(toNone, p[packScore(0, 1)], p[packScore(1, 0)])
	toNone = max(toNone, -p[one])
	p[none] += toNone
	p[packScore(0, 1)] -= toNone
	p[packScore(1, 0)] -= toNone
	p[one] += toNone
	return p
}

// cutPoisson returns the probabilities of 0 to maxGoals goals; the last one has all above.
func cutPoisson(mean float64) [maxGoals + 1]float64 {
	var p [maxGoals + 1]float64
	term, rest := math.Exp(-mean), 1.0
	for k := range maxGoals {
		p[k] = term
		rest -= term
		term *= mean / float64(k+1)
	}
	p[maxGoals] = rest
	return p
}

// meanOfRow returns the intensity of a row.
func meanOfRow(row int32) float64 { return math.Exp(lowestLog + float64(row)/rowsPerUnit) }

// rowOfLog returns the fixed-point row of an intensity's logarithm, the first or the last beyond the tables.
func rowOfLog(log float64) int32 {
	return int32(math.Round((min(max(log, lowestLog), highestLog) - lowestLog) * oneUnit))
}
