package normalize

import "github.com/touchline/touchline/schemas/football"

// takePeriodEnd takes the score at the end of a period. The first one's is kept, for another source may differ.
func (s *step) takePeriodEnd(c football.PeriodEnded, d *Delivery) *football.Refusal {
	m := s.match
	if c.Period < football.PeriodFirstHalf || c.Period > football.PeriodPenalties {
		return newRefusal(football.RefusedImpossible, "period", "there is no period %d to end", c.Period)
	}
	switch {
	case c.HomeGoals == counted && m.FullTime.Stands && c.Period == football.PeriodPenalties:
		c.HomeGoals, c.AwayGoals = m.FullTime.Home, m.FullTime.Away
	case c.HomeGoals == counted:
		c.HomeGoals, c.AwayGoals = m.countGoals(c.Period)
	}
	if refusal := possibleScore(c.HomeGoals, c.AwayGoals); refusal != nil {
		return refusal
	}
	if c.Period > 1 {
		if c.Period <= m.Ended {
			return nil
		}
		if m.Phase == football.Settled && c.Winner == "" && !m.settledByAnother(s.raw.Source) {
			return s.afterFullTime("the end of a period") // only the winner on penalties comes after the result
		}
		if refusal := s.refuseBeyondResult("period", c.HomeGoals, c.AwayGoals); refusal != nil {
			return refusal
		}
		m.Ended = c.Period
		s.emitEvent(c, d)
		d.Period = c.Period
		return nil
	}
	given := Result{Stands: true, Home: c.HomeGoals, Away: c.AwayGoals, Source: s.raw.Source}
	stands, refusal := s.weighResult("half-time", m.HalfTime, given, d)
	if stands || refusal != nil {
		return refusal
	}
	if m.Phase == football.Settled && m.HalfTime.Sequence == 0 && !m.settledByAnother(s.raw.Source) {
		return s.afterFullTime("the half-time score")
	}
	if refusal := s.refuseBeyondResult("half-time", c.HomeGoals, c.AwayGoals); refusal != nil {
		return refusal
	}
	if m.Phase != football.Settled && m.Period <= 1 {
		m.Phase, m.Period = football.HalfTime, 1
	}
	m.Ended = max(m.Ended, 1)
	s.emitEvent(c, d)
	given.Sequence = d.Sequence
	m.HalfTime = given
	return nil
}

// takeResult takes the result.
func (s *step) takeResult(c football.FullTime, d *Delivery) *football.Refusal {
	m := s.match
	if c.HomeGoals == counted {
		c.HomeGoals, c.AwayGoals = m.countGoals(football.PeriodExtraSecond)
	}
	if refusal := possibleScore(c.HomeGoals, c.AwayGoals); refusal != nil {
		return refusal
	}
	revised := m.FullTime.Sequence > 0 // a tribunal's result need not agree with what was played
	if h := m.HalfTime; h.Stands && !revised && (c.HomeGoals < h.Home || c.AwayGoals < h.Away) {
		return newRefusal(football.RefusedImpossible, "full_time",
			"the half-time score %s is above the full-time score %s",
			formatScore(h.Home, h.Away), formatScore(c.HomeGoals, c.AwayGoals))
	}
	given := Result{Stands: true, Home: c.HomeGoals, Away: c.AwayGoals, Source: s.raw.Source}
	stands, refusal := s.weighResult("full-time", m.FullTime, given, d)
	switch {
	case refusal != nil:
		return refusal
	case stands && hasCounts(c) && !m.Counted: // the source whose result counts has none
		m.Counted = true
		s.emitEvent(football.MatchCounts{Home: c.Home, Away: c.Away}, d)
		return nil
	case stands:
		return nil
	}
	m.Counted = m.Counted || hasCounts(c)
	m.Phase = football.Settled
	s.emitEvent(c, d)
	given.Sequence = d.Sequence
	m.FullTime = given
	return nil
}

// weighResult compares a result with the recorded one. An equal one changes nothing; another one from the same source
// takes the old one back first; from another source it is a conflict.
func (s *step) weighResult(name string, old, given Result, d *Delivery) (stands bool, _ *football.Refusal) {
	switch {
	case !old.Stands:
		return false, nil
	case old.Home == given.Home && old.Away == given.Away:
		return true, nil
	case old.Source != given.Source:
		return false, newRefusal(football.RefusedConflict, name, "%s gives %s, %s gave %s",
			given.Source, formatScore(given.Home, given.Away), old.Source, formatScore(old.Home, old.Away))
	}
	s.takeBack(old.Sequence)
	s.emitEvent(football.Correction{Corrects: old.Sequence, Reason: "the source changed the " + name + " score"}, d)
	return false, nil
}

func possibleScore(home, away int32) *football.Refusal {
	if home < 0 || away < 0 || home > maxGoals || away > maxGoals {
		return newRefusal(football.RefusedImpossible, "score", "the score %s", formatScore(home, away))
	}
	return nil
}
