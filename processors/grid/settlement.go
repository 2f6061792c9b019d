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

// Fair returns the decimal odds at which the stake neither wins nor loses in the mean; 0 when it can't win.
func (s Settlement) Fair() float64 {
	won, lost := s.Win+s.HalfWin/2, s.Loss+s.HalfLoss/2
	if won <= 0 {
		return 0
	}
	return 1 + lost/won
}

// over settles a stake on more than the line, given in quarters.
func (c counts) over(quarters int32) Settlement {
	s := Settlement{Line: float64(quarters) / 4}
	whole := quarters >> 2 // rounded down, below 0 too
	switch quarters & 3 {
	case 0:
		s.Win, s.Push = c.above(whole), c.at(whole)
	case 1:
		s.Win, s.HalfLoss = c.above(whole), c.at(whole)
	case 2:
		s.Win = c.above(whole)
	default:
		s.Win, s.HalfWin = c.above(whole+1), c.at(whole+1)
	}
	s.Loss = max(1-s.Win-s.HalfWin-s.Push-s.HalfLoss, 0)
	return s
}

// overs settles the lines from one to the other, both in quarters.
func (c counts) overs(first, last int32) []Settlement {
	lines := make([]Settlement, 0, last-first+1)
	for q := first; q <= last; q++ {
		lines = append(lines, c.over(q))
	}
	return lines
}

// handicaps settles a stake on the home side with each line added to its goals: on a margin above minus the line.
func (c counts) handicaps(first, last int32) []Settlement {
	lines := make([]Settlement, 0, last-first+1)
	for q := first; q <= last; q++ {
		s := c.over(-q)
		s.Line = float64(q) / 4
		lines = append(lines, s)
	}
	return lines
}
