package grid_test

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/schemas/football"
)

func drawHalf(t *rapid.T, d drawn) grid.Half {
	if rapid.Bool().Draw(t, "second half") {
		return grid.Half{Over: true, Home: rapid.Int32Range(0, d.homeFrom).Draw(t, "home at half-time"),
			Away: rapid.Int32Range(0, d.awayFrom).Draw(t, "away at half-time")}
	}
	return grid.Half{Share: rapid.Float64Range(0, 1).Draw(t, "share")}
}

// TestMarketsAgreeWithEachOther is what "from one grid" promises: the identities between markets, at any score.
func TestMarketsAgreeWithEachOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		g, half := d.grid(), drawHalf(t, d)
		b := g.Book(&half)
		o := b.Outcome
		near(t, "double chance", b.DoubleChance.HomeDraw+b.DoubleChance.HomeAway+b.DoubleChance.DrawAway, 2, 1e-12)
		near(t, "home or draw", b.DoubleChance.HomeDraw, 1-o.Away, 1e-12)
		if o.Home+o.Away > 1e-9 {
			near(t, "draw no bet", b.DrawNoBet.Home+b.DrawNoBet.Away, 1, 1e-12)
		}
		near(t, "next goal", b.NextGoal.Home+b.NextGoal.None+b.NextGoal.Away, 1, 1e-12)
		margins := 0.0
		for _, m := range b.Margins {
			margins += m.P
		}
		near(t, "margins", margins, 1, 1e-9)
		near(t, "margin 0 is the draw", b.Margins[4].P, o.Draw, 1e-12)
		near(t, "both score, or one keeps a clean sheet", b.BothScore, 1-b.CleanSheet.Home-b.CleanSheet.Away+bothNil(g),
			single)
		near(t, "win to nil", b.WinToNil.Home, b.CleanSheet.Home-bothNil(g), single)
		for full, want := range []float64{o.Home, o.Draw, o.Away} {
			near(t, fmt.Sprint("full time ", full), b.HalfFull[0][full]+b.HalfFull[1][full]+b.HalfFull[2][full], want,
				1e-9)
		}
	})
}

// single is how far a probability may be off that went through the published grid's single precision.
const single = 1e-7

// bothNil returns the probability of 0-0, from the published grid.
func bothNil(g grid.Grid) float64 {
	fact := g.Fact()
	return sumProbabilities(fact, func(h, a float64) bool { return h == 0 && a == 0 })
}

func TestLinesAgreeWithTheirNeighbours(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := draw(t).grid()
		b := g.Book(nil)
		for name, lines := range map[string][]grid.Settlement{
			"totals": b.Totals, "home totals": b.HomeTotals, "away totals": b.AwayTotals, "handicaps": b.Handicaps,
		} {
			for i, s := range lines {
				for _, p := range []float64{s.Win, s.HalfWin, s.Push, s.HalfLoss, s.Loss} {
					if p < 0 || p > 1 {
						t.Fatalf("%s %v: %+v", name, s.Line, s)
					}
				}
				near(t, fmt.Sprint(name, s.Line), s.Win+s.HalfWin+s.Push+s.HalfLoss+s.Loss, 1, 1e-9)
				if quarters := int(math.Round(s.Line * 4)); quarters%2 != 0 && i > 0 && i+1 < len(lines) {
					below, above := lines[i-1], lines[i+1]
					near(t, fmt.Sprint(name, s.Line, " won"), s.Win+s.HalfWin/2, (below.Win+above.Win)/2, 1e-9)
					near(t, fmt.Sprint(name, s.Line, " lost"), s.Loss+s.HalfLoss/2, (below.Loss+above.Loss)/2, 1e-9)
				}
			}
		}
	})
}

// TestAHandicapOfNothingIsDrawNoBet holds at any score that has the line.
func TestAHandicapOfNothingIsDrawNoBet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		g := d.grid()
		b := g.Book(nil)
		for _, s := range b.Handicaps {
			if s.Line == 0 {
				near(t, "won", s.Win, b.Outcome.Home, 1e-12)
				near(t, "given back", s.Push, b.Outcome.Draw, 1e-12)
				if b.Outcome.Home+b.Outcome.Away > 1e-6 && s.Win > 1e-6 {
					near(t, "fair odds", s.Fair(), 1/b.DrawNoBet.Home, 1e-6*s.Fair())
				}
				return
			}
		}
		if lead := d.homeFrom - d.awayFrom; lead >= -2 && lead <= 2 {
			t.Fatalf("no line 0 at %d-%d", d.homeFrom, d.awayFrom)
		}
	})
}

// TestLinesAgreeWithTheGrid settles each line of halves by summing the published cells.
func TestLinesAgreeWithTheGrid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := draw(t).grid()
		fact, b := g.Fact(), g.Book(nil)
		check := func(name string, lines []grid.Settlement, passes func(line, h, a float64) bool) {
			for _, s := range lines {
				if quarters := int(math.Round(s.Line * 4)); quarters%2 == 0 {
					want := sumProbabilities(fact, func(h, a float64) bool { return passes(s.Line, h, a) })
					near(t, fmt.Sprint(name, s.Line), s.Win, want, 1e-5)
				}
			}
		}
		check("total ", b.Totals, func(line, h, a float64) bool { return h+a > line })
		check("home total ", b.HomeTotals, func(line, h, _ float64) bool { return h > line })
		check("away total ", b.AwayTotals, func(line, _, a float64) bool { return a > line })
		check("handicap ", b.Handicaps, func(line, h, a float64) bool { return h+line > a })
	})
}

// TestTheHalvesAgreeWithAGridForEach compares with the slow way, two independent halves, where low scores do not depend
// on each other: the first half's results, and the whole match's given them.
func TestTheHalvesAgreeWithAGridForEach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		home, away := rapid.Float64Range(0, 2).Draw(t, "home"), rapid.Float64Range(0, 2).Draw(t, "away")
		share := rapid.Float64Range(0, 1).Draw(t, "share")
		from := rapid.Int32Range(0, 2).Draw(t, "home from")
		whole, first := grid.New(home, away, 0, from, 0), grid.New(home*share, away*share, 0, from, 0)
		got, want := whole.Book(&grid.Half{Share: share}).HalfFull, [3][3]float64{}
		cells := first.Fact()
		for i, p := range cells.P {
			h, a := from+int32(i)/cells.Size, int32(i)%cells.Size
			second := grid.New(home*(1-share), away*(1-share), 0, h, a)
			o := second.Outcome()
			half := 1
			if h > a {
				half = 0
			} else if h < a {
				half = 2
			}
			want[half][0] += float64(p) * o.Home
			want[half][1] += float64(p) * o.Draw
			want[half][2] += float64(p) * o.Away
		}
		for i := range want {
			for j := range want[i] {
				near(t, fmt.Sprint(i, j), got[i][j], want[i][j], 1e-4)
			}
		}
	})
}

// TestAReaderGetsTheSameMarkets reads the published forecast again, to the precision of its cells.
func TestAReaderGetsTheSameMarkets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		g := d.grid()
		live := football.LiveState{Phase: football.InPlay, Clock: football.Clock{Period: 2}, HomeHalfTime: d.homeFrom}
		read, ok := grid.BookOf(&football.Prediction{Live: live, Grid: g.Fact(), ExpectedGoals: g.ExpectedGoals()})
		if !ok {
			t.Fatal("a published grid was not read")
		}
		own := g.Book(&grid.Half{Over: true, Home: d.homeFrom})
		near(t, "home", read.Outcome.Home, own.Outcome.Home, 1e-6)
		near(t, "next goal", read.NextGoal.Home, own.NextGoal.Home, 1e-6)
		for i := range own.Handicaps {
			near(t, fmt.Sprint("handicap ", own.Handicaps[i].Line), read.Handicaps[i].Win, own.Handicaps[i].Win, 1e-6)
		}
		for i := range own.HalfFull {
			for j := range own.HalfFull[i] {
				near(t, fmt.Sprint(i, j), read.HalfFull[i][j], own.HalfFull[i][j], 1e-6)
			}
		}
	})
}

func TestWhatHasNoGridHasNoBook(t *testing.T) {
	if _, ok := grid.BookOf(&football.Prediction{Outcome: football.Outcome{Home: 1}}); ok {
		t.Error("a forecast without a grid gave markets")
	}
	if _, ok := grid.BookOf(&football.Prediction{Grid: football.ScoreGrid{Size: grid.Size,
		P: make([]float32, grid.Size*grid.Size)}}); ok {
		t.Error("an empty grid gave markets")
	}
}

// TestAnUnknownHalfHasNoMarket covers a forecast from before the half was published, and a result without one.
func TestAnUnknownHalfHasNoMarket(t *testing.T) {
	g := grid.Settled(2, 1)
	b, _ := grid.BookOf(&football.Prediction{Grid: g.Fact(), ExpectedGoals: g.ExpectedGoals(),
		Live: football.LiveState{Phase: football.Settled, HomeHalfTime: -1, AwayHalfTime: -1}})
	if b.HalfFull != nil {
		t.Errorf("got %v", b.HalfFull)
	}
	if b.NextGoal != (grid.NextGoal{None: 1}) || b.Scores[0] != (grid.Score{Home: 2, Away: 1, P: 1}) ||
		len(b.Scores) != 1 {
		t.Errorf("a settled match: %+v", b)
	}
}

func TestScoresBeginWithTheLikeliest(t *testing.T) {
	g := grid.New(1.5, 1.0, 0, 1, 0)
	b := g.Book(nil)
	if len(b.Scores) != 10 || b.Scores[0].Home != 2 || b.Scores[0].Away != 0 && b.Scores[0].Away != 1 {
		t.Fatalf("got %+v", b.Scores)
	}
	for i := 1; i < len(b.Scores); i++ {
		if b.Scores[i].P > b.Scores[i-1].P {
			t.Errorf("%+v before %+v", b.Scores[i-1], b.Scores[i])
		}
	}
}

func BenchmarkBook(b *testing.B) {
	b.ReportAllocs()
	g := grid.New(0.9, 0.7, -0.03, 1, 0)
	for b.Loop() {
		_ = g.Book(&grid.Half{Share: 0.2})
	}
}

// TestLinesAreAroundTheScore: totals begin half a goal above what has fallen, handicaps are around the line that makes
// up for the lead.
func TestLinesAreAroundTheScore(t *testing.T) {
	for _, score := range [][2]int32{{0, 0}, {2, 0}, {0, 3}, {2, 1}} {
		g := grid.New(1.4, 1.1, 0, score[0], score[1])
		b := g.Book(nil)
		home, away := float64(score[0]), float64(score[1])
		for name, ends := range map[string][4]float64{
			"handicaps": {b.Handicaps[0].Line, b.Handicaps[len(b.Handicaps)-1].Line, away - home - 2.5,
				away - home + 2.5},
			"totals":      {b.Totals[0].Line, b.Totals[len(b.Totals)-1].Line, home + away + 0.5, home + away + 5.5},
			"home totals": {b.HomeTotals[0].Line, b.HomeTotals[len(b.HomeTotals)-1].Line, home + 0.5, home + 3.5},
			"away totals": {b.AwayTotals[0].Line, b.AwayTotals[len(b.AwayTotals)-1].Line, away + 0.5, away + 3.5},
		} {
			if ends[0] != ends[2] || ends[1] != ends[3] {
				t.Errorf("%v, %s: got %v to %v, want %v to %v", score, name, ends[0], ends[1], ends[2], ends[3])
			}
		}
		if len(b.Handicaps) != 21 || len(b.Totals) != 21 || len(b.HomeTotals) != 13 || len(b.Margins) != 9 {
			t.Errorf("%v: got %d handicaps, %d totals, %d home totals, %d margins, want 21, 21, 13, 9", score,
				len(b.Handicaps), len(b.Totals), len(b.HomeTotals), len(b.Margins))
		}
	}
}

// TestTheScoresAreTheTenLikeliest of all but the tail, in their order.
func TestTheScoresAreTheTenLikeliest(t *testing.T) {
	g := grid.New(1.7, 1.2, -0.1, 1, 0)
	b, fact := g.Book(nil), g.Fact()
	more := 0
	for i, p := range fact.P {
		if i/grid.Size < grid.Size-1 && i%grid.Size < grid.Size-1 && float64(p) > b.Scores[9].P*(1+1e-6) {
			more++
		}
	}
	if len(b.Scores) != 10 || more != 9 {
		t.Errorf("got %d scores, of which %d are likelier than the last", len(b.Scores), more)
	}
	for i, s := range b.Scores {
		if i > 0 && s.P > b.Scores[i-1].P {
			t.Errorf("score %d is likelier than the one before", i)
		}
		if want := float64(fact.P[int(s.Home-1)*grid.Size+int(s.Away)]); math.Abs(s.P-want) > 1e-6 {
			t.Errorf("%d-%d: got %v, want %v", s.Home, s.Away, s.P, want)
		}
	}
}

// TestFairOdds: halves count half, and a stake that can't win has no odds.
func TestFairOdds(t *testing.T) {
	tests := []struct {
		stake grid.Settlement
		want  float64
	}{
		{grid.Settlement{Win: 0.5, Loss: 0.5}, 2},
		{grid.Settlement{Win: 0.4, HalfWin: 0.2, HalfLoss: 0.1, Loss: 0.3}, 1 + 0.35/0.5},
		{grid.Settlement{HalfWin: 0.5, Push: 0.2, HalfLoss: 0.3}, 1 + 0.15/0.25},
		{grid.Settlement{Win: 1}, 1},
		{grid.Settlement{Loss: 1}, 0},
	}
	for _, tt := range tests {
		if got := tt.stake.Fair(); math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("%+v: got %v, want %v", tt.stake, got, tt.want)
		}
	}
}

// TestTheHalfThatIsOver has its score, when that is known; one that is not over has the share that a forecast gives.
func TestTheHalfThatIsOver(t *testing.T) {
	later := football.Clock{Period: 2}
	for _, tt := range []struct {
		name  string
		live  football.LiveState
		share float64
		want  grid.Half
		known bool
	}{
		{"before the match", football.LiveState{Phase: football.PreMatch}, 0.45, grid.Half{Share: 0.45}, true},
		{"no goals before half-time", football.LiveState{Phase: football.InPlay}, 0, grid.Half{}, true},
		{"without a share", football.LiveState{Phase: football.PreMatch}, -1, grid.Half{Share: -1}, false},
		{"in the second half", football.LiveState{Phase: football.InPlay, Clock: later, HomeHalfTime: 2}, 0.1,
			grid.Half{Over: true, Home: 2}, true},
		{"a settled match without a half-time score", football.LiveState{Phase: football.Settled, HomeHalfTime: -1,
			AwayHalfTime: -1}, 0, grid.Half{Over: true, Home: -1, Away: -1}, false},
	} {
		if got, known := grid.HalfOf(tt.live, tt.share); got != tt.want || known != tt.known {
			t.Errorf("%s: got %+v, %v, want %+v, %v", tt.name, got, known, tt.want, tt.known)
		}
	}
}
