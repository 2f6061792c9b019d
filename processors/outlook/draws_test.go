package outlook

import (
	"math"
	"slices"
	"testing"

	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/schemas/football"
)

// TestTheSequenceIsSplitMix64 with the first numbers that its authors' code gives for the seed 0.
func TestTheSequenceIsSplitMix64(t *testing.T) {
	var r random
	for i, want := range []uint64{0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f, 0xf88bb8a8724c81ec} {
		if got := r.nextUint64(); got != want {
			t.Errorf("number %d: got %x, want %x", i, got, want)
		}
	}
}

// TestAnyNumberOfASequenceCanBeHad without those before it.
func TestAnyNumberOfASequenceCanBeHad(t *testing.T) {
	start := random(42)
	sequence := start
	for n := range uint32(100) {
		if got, want := start.at(n), sequence.nextUint64(); got != want {
			t.Fatalf("number %d: got %x, want %x", n, got, want)
		}
	}
}

// TestErrorsAreNormal by their moments: mean, deviation, and the kurtosis of a normal number but for its cut tails.
func TestErrorsAreNormal(t *testing.T) {
	const deviation = 0.12
	errors := newErrors(deviation)
	var mean, square, fourth float64
	for _, e := range errors {
		x := float64(e) / oneUnit / deviation
		mean += x / float64(len(errors))
		square += x * x / float64(len(errors))
		fourth += x * x * x * x / float64(len(errors))
	}
	if math.Abs(mean) > 1e-9 || math.Abs(square-1) > 1e-3 || math.Abs(fourth-3) > 0.02 {
		t.Errorf("mean %v, square %v, fourth power %v, want 0, 1, 3", mean, square, fourth)
	}
	if !slices.IsSorted(errors[:]) {
		t.Error("the errors are not in order")
	}
}

// TestScoresAreThoseOfTheGrid: every table gives each score the probability that the models' score grid has, to what 10
// bits allow, where no side scores more than its most.
func TestScoresAreThoseOfTheGrid(t *testing.T) {
	for _, rho := range []float64{-0.2, 0, 0.1} {
		tables := newScoreTables(rho)
		for _, rows := range [][2]int32{{0, 0}, {20, 12}, {12, 22}, {26, 30}, {goalRows - 1, 0}} {
			table := &tables[rows[0]*goalRows+rows[1]]
			g := grid.New(meanOfRow(rows[0]), meanOfRow(rows[1]), rho, 0, 0)
			fact := g.Fact()
			sum := 0.0
			for h := range int32(maxGoals) {
				for a := range int32(maxGoals) {
					got, want := probability(table, packScore(h, a)), float64(fact.P[int(h)*grid.Size+int(a)])
					sum += got
					if math.Abs(got-want) > 1e-4 {
						t.Errorf("rho %v, rows %v, %d-%d: got %v, want %v", rho, rows, h, a, got, want)
					}
				}
			}
			if sum < 0.8 || sum > 1+1e-4 {
				t.Errorf("rho %v, rows %v: scores below the most sum to %v", rho, rows, sum)
			}
		}
	}
}

// probability is the share of the numbers of 32 bits for which a table gives a score.
func probability(t *aliasTable, score uint8) float64 {
	sum := 0.0
	for i, entry := range t {
		own := float64(entry>>(2*goalBits)) / (1 << shareBits)
		if uint8(i) == score {
			sum += own
		}
		if uint8(entry&(scores-1)) == score {
			sum += 1 - own
		}
	}
	return sum / scores
}

// TestAScoreIsTheEntrysOwnOrItsAlias: the lower bits of a number decide which.
func TestAScoreIsTheEntrysOwnOrItsAlias(t *testing.T) {
	var table aliasTable
	table[5] = 0x200<<6 | 17
	table[6] = 6
	for _, tt := range []struct {
		u    uint32
		want uint8
	}{{5 << 26, 5}, {5<<26 | 0x1ff<<16, 5}, {5<<26 | 0x200<<16, 17}, {6<<26 - 1, 17}, {7<<26 - 1, 6}} {
		if got := table.drawScore(tt.u); got != tt.want {
			t.Errorf("%x: got %d, want %d", tt.u, got, tt.want)
		}
	}
}

// TestABigRhoLeavesProbabilities: what the dependence would take from a score is at most what it has.
func TestABigRhoLeavesProbabilities(t *testing.T) {
	for _, rho := range []float64{-0.5, 0.5} {
		p := scoreProbabilities(3, 2.5, rho)
		sum := 0.0
		for score, x := range p {
			sum += x
			if x < 0 {
				t.Errorf("rho %v, score %v: %v", rho, unpackScore(uint8(score)), x)
			}
		}
		if math.Abs(sum-1) > 1e-12 {
			t.Errorf("rho %v: the scores sum to %v", rho, sum)
		}
	}
}

// TestOneTableForEachRho: a rating's rho moves a little with each result, and needs no table of its own.
func TestOneTableForEachRho(t *testing.T) {
	book := newDraws(0.1).book
	if book.tablesOf(-0.07) != book.tablesOf(-0.0701) || book.tablesOf(-0.07) == book.tablesOf(-0.08) {
		t.Error("a table should be shared by what is within half a step of it, and by nothing else")
	}
	if book.tablesOf(9) != book.tablesOf(0.5) {
		t.Error("a rho beyond the tables should have the last one")
	}
}

// TestRowsOfLogs at both ends and between two rows.
func TestRowsOfLogs(t *testing.T) {
	for _, tt := range []struct {
		log  float64
		want int32
	}{{-9, 0}, {lowestLog, 0}, {lowestLog + 1./16, oneUnit / 16}, {0, -lowestLog * oneUnit},
		{9, (goalRows - 1) << rowBits}} {
		if got := rowOfLog(tt.log); got != tt.want {
			t.Errorf("%v: got %d, want %d", tt.log, got, tt.want)
		}
	}
}

// TestAKeyIsARow: additions to keys give the row that additions to the row do, whatever was scored.
func TestAKeyIsARow(t *testing.T) {
	gains := newGains()
	var home, away row
	home.points, away.points = -3, -30 // points may be deducted
	homeKey, awayKey := packRow(home, 7), packRow(away, maxTeams-1)
	for score := range uint8(scores) {
		r := unpackScore(score)
		home.addMatch(r.home, r.away)
		away.addMatch(r.away, r.home)
		away.away += r.away
		homeKey, awayKey = homeKey+gains.home[score], awayKey+gains.away[score]
	}
	home.played, away.played = 0, 0 // keys do not have them
	if got := unpackRow(homeKey); got != home || homeKey&teamMask != 7 {
		t.Errorf("home: got %+v of team %d, want %+v", got, homeKey&teamMask, home)
	}
	if got := unpackRow(awayKey); got != away || awayKey&teamMask != maxTeams-1 {
		t.Errorf("away: got %+v of team %d, want %+v", got, awayKey&teamMask, away)
	}
}

// TestKeysRankAsRowsDo: by points, then difference, then goals.
func TestKeysRankAsRowsDo(t *testing.T) {
	rows := []row{{points: -2, difference: 9}, {points: 1, difference: -5, scored: 9}, {points: 1, difference: -4},
		{points: 1, difference: 3, scored: 1}, {points: 1, difference: 3, scored: 2, away: 1},
		{points: 3, difference: -9}}
	lots := random(1)
	order := []football.Criterion{football.GoalDifference, football.GoalsFor}
	ranking := newRanking(len(rows), order, &lots, func(int, int) (result, bool) { return result{}, false })
	for team, r := range rows {
		ranking.keys[team] = packRow(r, team)
	}
	if got, want := ranking.rankTeams(len(rows)), []int{5, 4, 3, 2, 1, 0}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
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
