package grid

// Settlement is how a stake on one side of a line may end. The five probabilities sum to 1. A line of halves is won or
// lost; a whole line gives the stake back when it is hit exactly; a quarter line is two stakes of half, on the lines
// next to it.
type Settlement struct {
	Line     float64
	Win      float64
	HalfWin  float64 // half is won, half given back
	Push     float64 // given back
	HalfLoss float64 // half is lost, half given back
	Loss     float64
}

// Fair returns the decimal odds at which the expected gain of the stake is 0; 0 when it can't win.
func (s Settlement) Fair() float64 {
	won, lost := s.Win+s.HalfWin/2, s.Loss+s.HalfLoss/2
	if won <= 0 {
		return 0
	}
	return 1 + lost/won
}

// settleOver settles a stake on more than the line, given in quarters of a goal: 10 is 2.5.
func (c distribution) settleOver(quarters int32) Settlement {
	s := Settlement{Line: float64(quarters) / 4}
	whole := quarters >> 2 // rounded down, below 0 too
	switch quarters & 3 {
	case 0:
		s.Win, s.Push = c.probabilityAbove(whole), c.probabilityOf(whole)
	case 1:
		s.Win, s.HalfLoss = c.probabilityAbove(whole), c.probabilityOf(whole)
	case 2:
		s.Win = c.probabilityAbove(whole)
	default:
		s.Win, s.HalfWin = c.probabilityAbove(whole+1), c.probabilityOf(whole+1)
	}
	s.Loss = max(1-s.Win-s.HalfWin-s.Push-s.HalfLoss, 0)
	return s
}

// settleOverLines settles the lines from first to last, both in quarters of a goal, in steps of a quarter.
func (c distribution) settleOverLines(first, last int32) []Settlement {
	lines := make([]Settlement, 0, last-first+1)
	for q := first; q <= last; q++ {
		lines = append(lines, c.settleOver(q))
	}
	return lines
}

// settleHandicaps settles a stake on the home side for each line, in quarters of a goal, that is added to its goals: it
// wins on a margin above minus the line.
func (c distribution) settleHandicaps(first, last int32) []Settlement {
	lines := make([]Settlement, 0, last-first+1)
	for q := first; q <= last; q++ {
		s := c.settleOver(-q)
		s.Line = float64(q) / 4
		lines = append(lines, s)
	}
	return lines
}
