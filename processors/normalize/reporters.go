package normalize

import (
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// Reporter is the source whose events of a kind count in a match: the first that gives one. Two sources that see one
// goal report it under different ids, minutes and spellings of a player, so that their events can't be told apart.
type Reporter struct {
	Kind   string `avro:"kind"`
	Source string `avro:"source"`
}

// reportedByAnother reports whether the events of that kind are another source's, and makes this source their reporter
// where there is none.
func (s *step) reportedByAnother(kind string) bool {
	m := s.match
	for _, r := range m.Reporters {
		if r.Kind == kind {
			return r.Source != s.raw.Source
		}
	}
	m.Reporters = append(m.Reporters, Reporter{kind, s.raw.Source})
	return false
}

// settledByAnother reports whether the result that counts came from another source: this one may still add to the match
// what that one does not have.
func (m *Match) settledByAnother(source string) bool {
	return m.Phase == football.Settled && m.FullTime.Source != source
}

// refuseBeyondResult refuses a score in play that the result of another source rules out.
func (s *step) refuseBeyondResult(what string, home, away int32) *football.Refusal {
	final := s.match.FullTime
	if !s.match.settledByAnother(s.raw.Source) || home <= final.Home && away <= final.Away {
		return nil
	}
	return newRefusal(football.RefusedConflict, what, "%s gives %s, and %s gave the result %s", s.raw.Source,
		formatScore(home, away), final.Source, formatScore(final.Home, final.Away))
}

// takeGoal takes a goal. After the result of another source it must fit into it.
func (s *step) takeGoal(c football.Goal, d *Delivery) *football.Refusal {
	if refusal := s.refuseOutOfPlay(c.Clock); refusal != nil {
		return refusal
	}
	if refusal := possibleXG(c.XG); refusal != nil {
		return refusal
	}
	if s.reportedByAnother(football.KindGoal) {
		return nil
	}
	if c.Clock.Period < football.PeriodPenalties {
		home, away := s.match.countGoals(football.PeriodExtraSecond)
		if c.Side == football.Home {
			home++
		} else {
			away++
		}
		if refusal := s.refuseBeyondResult("goal", home, away); refusal != nil {
			return refusal
		}
	}
	s.emitEvent(c, d)
	d.Side, d.Period = c.Side, c.Clock.Period
	return nil
}

// takePlayEvent takes an event of play that changes no score.
func (s *step) takePlayEvent(body football.EventBody, clock football.Clock, d *Delivery) *football.Refusal {
	if refusal := s.refuseOutOfPlay(clock); refusal != nil {
		return refusal
	}
	if !s.reportedByAnother(body.Kind()) {
		s.emitEvent(body, d)
	}
	return nil
}

// hasCounts reports whether a source gave any count with its result.
func hasCounts(c football.FullTime) bool {
	none := football.NoCounts()
	return c.Home != none || c.Away != none
}

// swapSides returns the statement with its sides in the other order, where the source has them so. Claims about a team
// that the payload names keep to it.
func (s statement) swapSides() statement {
	s.claims = slices.Clone(s.claims)
	for i, claim := range s.claims {
		switch c := claim.(type) {
		case football.FullTime:
			c.HomeGoals, c.AwayGoals, c.Home, c.Away = c.AwayGoals, c.HomeGoals, c.Away, c.Home
			s.claims[i] = c
		case football.PeriodEnded:
			c.HomeGoals, c.AwayGoals = c.AwayGoals, c.HomeGoals
			s.claims[i] = c
			if c.Winner != "" {
				s.claims[i] = withSide(c, c.Winner.Other())
			}
		case football.OddsQuoted:
			c.Quotes = slices.Clone(c.Quotes)
			for j, q := range c.Quotes {
				c.Quotes[j].Home, c.Quotes[j].Away = q.Away, q.Home
			}
			s.claims[i] = c
		default:
			if side := claimSide(claim); side != "" && s.team == "" {
				s.claims[i] = withSide(claim, side.Other())
			}
		}
	}
	return s
}

// claimSide returns the side that a claim is about, "" where it is about none.
func claimSide(body football.EventBody) football.Side {
	switch b := body.(type) {
	case football.LineUp:
		return b.Side
	case football.Goal:
		return b.Side
	case football.Card:
		return b.Side
	case football.Shot:
		return b.Side
	case football.Substitution:
		return b.Side
	default:
		return ""
	}
}
