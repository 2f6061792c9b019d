package outlook

import (
	"math"
	"testing"

	"github.com/touchline/touchline/processors/grid"
)

// TestTheSequenceIsSplitMix64 with the first numbers that its authors' code gives for the seed 0.
func TestTheSequenceIsSplitMix64(t *testing.T) {
	var r random
	for i, want := range []uint64{0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f, 0xf88bb8a8724c81ec} {
		if got := r.nextUint64(); got != want {
			t.Errorf("number %d: got %x, want %x", i, got, want)
		}
	}
	r = 0
	if got, want := r.uniform(), float64(0xe220a8397b1dcdaf>>11)/(1<<53); got != want {
		t.Errorf("uniform: got %v, want %v", got, want)
	}
}

// TestNormalPairsAreStandardAndIndependent by their first four moments, within four standard errors.
func TestNormalPairsAreStandardAndIndependent(t *testing.T) {
	const n = 200_000
	r := random(1)
	var mean, square, fourth [2]float64
	product := 0.0
	for range n {
		a, b := r.normalPair()
		for i, x := range []float64{a, b} {
			mean[i] += x / n
			square[i] += x * x / n
			fourth[i] += x * x * x * x / n
		}
		product += a * b / n
	}
	for i := range 2 {
		if math.Abs(mean[i]) > 4/math.Sqrt(n) || math.Abs(square[i]-1) > 4*math.Sqrt(2./n) ||
			math.Abs(fourth[i]-3) > 4*math.Sqrt(96./n) {
			t.Errorf("number %d: mean %v, square %v, fourth power %v, want 0, 1, 3", i, mean[i], square[i], fourth[i])
		}
	}
	if math.Abs(product) > 4/math.Sqrt(n) {
		t.Errorf("mean of the products: got %v, want 0", product)
	}
}

// TestTheTablesArePoissons: each row's intensity, and the probability of at most so many goals, to 32 bits.
func TestTheTablesArePoissons(t *testing.T) {
	table := newGoalTable()
	for row := range table.mean {
		log := -4 + float64(row)/64
		if math.Abs(math.Log(table.mean[row])-log) > 1e-12 {
			t.Fatalf("row %d: got mean %v, want e^%v", row, table.mean[row], log)
		}
		for _, near := range []float64{-0.49, 0, 0.49} {
			if got := rowOfLog(log + near/64); got != row {
				t.Fatalf("row of %v: got %d, want %d", log+near/64, got, row)
			}
		}
		below := 0.0
		for k := range int32(maxGoals) {
			factorial, _ := math.Lgamma(float64(k) + 1)
			below += math.Exp(float64(k)*log - math.Exp(log) - factorial)
			if got := float64(table.below[row][k]) / (1 << 32); math.Abs(got-below) > 1e-8 {
				t.Fatalf("row %d: at most %d goals: got %v, want %v", row, k, got, below)
			}
		}
	}
	if rowOfLog(-99) != 0 || rowOfLog(99) != len(table.mean)-1 || len(table.mean) != 385 {
		t.Errorf("got rows %d to %d of %d", rowOfLog(-99), rowOfLog(99), len(table.mean))
	}
}

// TestGoalsAreDrawnByInversion: the first number beyond what at most k goals take is k+1 goals.
func TestGoalsAreDrawnByInversion(t *testing.T) {
	table := newGoalTable()
	row := rowOfLog(math.Log(1.5))
	for k := range int32(6) {
		limit := table.below[row][k]
		if last, first := table.drawGoals(row, limit-1), table.drawGoals(row, limit); last != k || first != k+1 {
			t.Errorf("at most %d goals: got %d before the limit and %d at it", k, last, first)
		}
	}
	if got := table.drawGoals(0, 0); got != 0 {
		t.Errorf("got %d, want 0", got)
	}
	if got := table.drawGoals(len(table.mean)-1, math.MaxUint32); got != maxGoals {
		t.Errorf("got %d, want the most, %d", got, maxGoals)
	}
}

// TestScoresHaveTheDependenceOfTheGrid: frequencies of the lowest scores, for a rho below and above 0.
func TestScoresHaveTheDependenceOfTheGrid(t *testing.T) {
	const n = 400_000
	table, rng := newGoalTable(), random(7)
	home, away := rowOfLog(math.Log(1.4)), rowOfLog(math.Log(0.9))
	for _, rho := range []float64{-0.2, 0, 0.2} {
		var counts [3][3]float64
		for range n {
			if h, a := table.drawScore(&rng, home, away, rho); h < 3 && a < 3 {
				counts[h][a]++
			}
		}
		g := grid.New(table.mean[home], table.mean[away], rho, 0, 0)
		fact := g.Fact()
		for h := range 3 {
			for a := range 3 {
				want := float64(fact.P[h*grid.Size+a])
				if got := counts[h][a] / n; math.Abs(got-want) > 4*math.Sqrt(want*(1-want)/n) {
					t.Errorf("rho %v, %d-%d: got %v, want %v", rho, h, a, got, want)
				}
			}
		}
	}
}

// TestLotsAreFair: each of three teams is first, second and third in a third of the draws.
func TestLotsAreFair(t *testing.T) {
	const n = 30_000
	rng := random(3)
	var places [3][3]float64
	for range n {
		teams := []int{0, 1, 2}
		drawLots(teams, &rng)
		for place, team := range teams {
			places[team][place]++
		}
	}
	for team := range places {
		for place, count := range places[team] {
			if math.Abs(count/n-1./3) > 4*math.Sqrt(2./9/n) {
				t.Errorf("team %d in place %d: got %v, want a third", team, place, count/n)
			}
		}
	}
}
