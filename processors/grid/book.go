package grid

import "github.com/touchline/touchline/schemas/football"

const (
	linesBeyond  = 5 // goals beyond the score up to which totals have lines; 3 for one side's
	linesOfSide  = 3
	linesAround  = 2 // goals around the lead, and a half, within which handicaps have lines
	scoresKept   = 10
	marginsApart = 4
)

// Book is every market of a match, all from one grid, so that they agree with each other. Probabilities of one market
// sum to 1, except where the field's comment gives another sum or condition.
type Book struct {
	Outcome      football.Outcome
	DoubleChance DoubleChance
	DrawNoBet    Sides        // given that it is no draw; 0 and 0 when a draw is certain
	Totals       []Settlement // of more goals than the line: quarters from half a goal to 5.5 goals beyond the score
	HomeTotals   []Settlement // likewise of one side's goals, to 3.5
	AwayTotals   []Settlement
	// on the home side: quarters from 2.5 below to 2.5 above the line that makes up for the score
	Handicaps  []Settlement
	BothScore  float64
	Scores     []Score  // the most probable, the likeliest first
	Margins    []Margin // from 4 goals or more for the away side to as many for the home side
	NextGoal   NextGoal
	CleanSheet Sides     // that the side concedes no goal
	WinToNil   Sides     // that it wins without conceding
	HalfFull   *HalfFull // nil where the score at half-time is not known
}

// DoubleChance is the probability of either of two results. The three sum to 2.
type DoubleChance struct{ HomeDraw, HomeAway, DrawAway float64 }

// Sides is a probability for each side.
type Sides struct{ Home, Away float64 }

// Score is the probability of a final score.
type Score struct {
	Home, Away int32
	P          float64
}

// Margin is the probability that the home side wins by so many goals, or loses when it is below 0. The first and the
// last of a list include all margins beyond.
type Margin struct {
	Goals int32
	P     float64
}

// NextGoal is the probability that each side scores the next goal, or that there is none.
type NextGoal struct{ Home, None, Away float64 }

// BookOf returns the markets of a published forecast; false when it has no score grid.
func BookOf(p *football.Prediction) (Book, bool) {
	g, ok := gridOfFact(&p.Grid, p.ExpectedGoals)
	if !ok {
		return Book{}, false
	}
	if half, ok := HalfOf(p.Live, p.Markets.FirstHalf); ok {
		return g.Book(&half), true
	}
	return g.Book(nil), true
}

// gridOfFact returns the grid that was published, to the precision of its cells (float32), normalised. It is false for
// another size, and where no cell is positive.
func gridOfFact(f *football.ScoreGrid, expected football.ExpectedGoals) (Grid, bool) {
	if f.Size != Size || len(f.P) != Size*Size {
		return Grid{}, false
	}
	g := Grid{
		homeFrom: f.HomeFrom, awayFrom: f.AwayFrom,
		home: clampIntensity(expected.Home - float64(f.HomeFrom)),
		away: clampIntensity(expected.Away - float64(f.AwayFrom)),
	}
	sum := 0.0
	for _, p := range f.P {
		sum += float64(p)
	}
	if !(sum > 0) {
		return Grid{}, false
	}
	for i, p := range f.P {
		g.p[i/Size][i%Size] = float64(p) / sum
	}
	g.sumCells()
	return g, true
}

// Book returns all markets. The half may be nil: then there is no half-time/full-time market.
func (g *Grid) Book(half *Half) Book {
	o := g.Outcome()
	home, away := g.goalsBySide()
	total, margin := g.totalGoals(), g.goalMargin()
	b := Book{
		Outcome:      o,
		DoubleChance: DoubleChance{HomeDraw: o.Home + o.Draw, HomeAway: o.Home + o.Away, DrawAway: o.Draw + o.Away},
		DrawNoBet:    givenEither(o.Home, o.Away),
		Totals:       total.settleOverLines(4*total.from+2, 4*(total.from+linesBeyond)+2),
		HomeTotals:   home.settleOverLines(4*home.from+2, 4*(home.from+linesOfSide)+2),
		AwayTotals:   away.settleOverLines(4*away.from+2, 4*(away.from+linesOfSide)+2),
		BothScore:    g.bothScore(),
		Scores:       g.likeliestScores(),
		Margins:      margin.marginBands(),
		NextGoal:     g.nextGoal(),
		CleanSheet:   Sides{away.probabilityOf(0), home.probabilityOf(0)},
		WinToNil:     g.winToNil(home, away),
	}
	level := -4 * (g.homeFrom - g.awayFrom)
	b.Handicaps = margin.settleHandicaps(level-4*linesAround-2, level+4*linesAround+2)
	if half != nil {
		full := g.halfFull(*half)
		b.HalfFull = &full
	}
	return b
}

// givenEither returns two probabilities given that one of the two happens; 0 and 0 where neither can.
func givenEither(home, away float64) Sides {
	if sum := home + away; sum > 0 {
		return Sides{home / sum, away / sum}
	}
	return Sides{}
}

// likeliestScores returns the ten most probable scores, the likeliest first, of equal ones that with fewer home goals.
// The last row and column are left out: they are "that many or more", not one score.
func (g *Grid) likeliestScores() []Score {
	top := make([]Score, 0, scoresKept+1)
	for i := range Size - 1 {
		for j, p := range g.p[i][:Size-1] {
			if len(top) == scoresKept && p <= top[scoresKept-1].P || p == 0 {
				continue
			}
			at := len(top)
			for at > 0 && top[at-1].P < p {
				at--
			}
			top = append(top, Score{})
			copy(top[at+1:], top[at:])
			top[at] = Score{g.homeFrom + int32(i), g.awayFrom + int32(j), p}
			top = top[:min(len(top), scoresKept)]
		}
	}
	return top
}

// marginBands returns the margins from -4 to 4; the first and the last include all beyond.
func (c distribution) marginBands() []Margin {
	out := make([]Margin, 0, 2*marginsApart+1)
	for m := int32(-marginsApart); m <= marginsApart; m++ {
		out = append(out, Margin{m, c.probabilityOf(m)})
	}
	out[0].P = max(1-c.probabilityAbove(-marginsApart), 0)
	out[len(out)-1].P = c.probabilityAbove(marginsApart - 1)
	return out
}

// nextGoal shares out the probability of another goal by the sides' intensities: in two Poisson processes whose rates
// keep their ratio, that is who scores first.
func (g *Grid) nextGoal() NextGoal {
	none := g.p[0][0]
	first := givenEither(g.home, g.away)
	return NextGoal{Home: first.Home * (1 - none), None: none, Away: first.Away * (1 - none)}
}

// winToNil returns the probability that a side wins while the other ends without a goal: a clean sheet, less 0-0.
func (g *Grid) winToNil(home, away distribution) Sides {
	nilNil := 0.0
	if g.homeFrom == 0 && g.awayFrom == 0 {
		nilNil = g.p[0][0]
	}
	return Sides{max(away.probabilityOf(0)-nilNil, 0), max(home.probabilityOf(0)-nilNil, 0)}
}
