package normalize

import (
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// Bounds of what is possible in a match.
const (
	maxGoals   = 99
	maxElapsed = 90 * 60           // seconds of a period, stoppage and interruptions included
	tooEarly   = -15 * time.Minute // an event of play this long before kick-off is none
	lineUpSize = 11
)

// applyClaim applies one claim to the match: it becomes an event, or it repeats what is recorded (and nothing
// happens), or it contradicts the rules.
func (s *step) applyClaim(claim football.EventBody, d *Delivery) *football.Refusal {
	switch c := claim.(type) {
	case football.FixtureScheduled:
		return s.takeFixture(c, d)
	case football.OddsQuoted:
		return s.takeOdds(c, d)
	case football.LineUp:
		return s.takeLineUp(c, d)
	case football.KickOff:
		return s.takeKickOff(c, d)
	case football.PeriodStarted:
		return s.takePeriodStart(c, d)
	case football.PeriodEnded:
		return s.takePeriodEnd(c, d)
	case football.FullTime:
		return s.takeResult(c, d)
	case football.Goal:
		return s.takeGoal(c, d)
	case football.Card:
		return s.takePlayEvent(c, c.Clock, d)
	case football.Shot:
		if refusal := possibleXG(c.XG); refusal != nil {
			return refusal
		}
		return s.takePlayEvent(c, c.Clock, d)
	case football.Substitution:
		return s.takePlayEvent(c, c.Clock, d)
	case football.MatchCounts, football.Correction, football.Tick, football.ModelsChanged: // never claims
	}
	return nil
}

// takeFixture announces the match, moves it or postpones it.
func (s *step) takeFixture(c football.FixtureScheduled, d *Delivery) *football.Refusal {
	m := s.match
	known := !s.fresh
	if refusal := s.completeTie(&c); refusal != nil {
		return refusal
	}
	if known && m.Scheduler != s.raw.Source {
		keepSchedule(m, &c)
	}
	switch {
	case known && c.Kickoff == m.Kickoff && c.Tie == m.Tie && c.Neutral == m.Neutral:
		return nil
	case m.Phase == football.Settled && s.newName:
		return nil // another source schedules under a slightly different hour what was played
	case m.Phase == football.Settled:
		return s.afterFullTime("a new kick-off")
	case m.started():
		return newRefusal(football.RefusedImpossible, "kickoff",
			"the match has kicked off: it can't be moved or postponed")
	}
	if c.Kickoff != m.Kickoff {
		m.Scheduler = s.raw.Source
	}
	m.Kickoff, m.Tie, m.Neutral = c.Kickoff, c.Tie, c.Neutral
	m.Phase = football.PreMatch
	if c.Kickoff == 0 {
		m.Phase = football.Postponed
		m.Expires = max(m.Expires, s.raw.At.Add(undatedWindow))
	}
	m.Expires = max(m.Expires, c.Kickoff.Add(window))
	c.HomeName, c.AwayName = s.teamName(m.Home, s.names[0]), s.teamName(m.Away, s.names[1])
	s.emitEvent(c, d)
	return nil
}

// keepSchedule keeps in the fixture of another source what is recorded: the kick-off, unless the match was moved by
// days, and neutral ground, which some sources do not know. Of a match that has begun all is kept.
func keepSchedule(m *Match, c *football.FixtureScheduled) {
	c.Neutral = c.Neutral || m.Neutral
	if m.started() {
		c.Neutral, c.Tie = m.Neutral, m.Tie
	}
	if c.Kickoff != 0 && m.Kickoff != 0 && c.Kickoff.Sub(m.Kickoff).Abs() <= sameMeeting {
		c.Kickoff = m.Kickoff
	}
}

// teamName returns the name of a team: that of its entry, else for a club that was admitted by its name the spelling
// that admitted it, else what its id kept of that.
func (s *step) teamName(id football.TeamID, spelling string) string {
	if p, _ := s.ref.Pool(s.raw.Pool); spelling != "" && !p.National && !s.ref.IsConfigured(id) {
		return spelling
	}
	team, _ := s.ref.TeamByID(id)
	return team.Name
}

// completeTie completes the tie of a fixture: a source that gives none keeps the recorded one, and names the
// first leg by its own name. A first leg that nobody scheduled is left out.
func (s *step) completeTie(c *football.FixtureScheduled) *football.Refusal {
	if c.Tie.Kind == football.TieNone {
		c.Tie = s.match.Tie
		return nil
	}
	if !c.Tie.Kind.Known() {
		return newRefusal(football.RefusedImpossible, "tie", "there is no %q match of a knock-out", c.Tie.Kind)
	}
	first := football.MatchID("")
	if alias := football.Get[Alias](s.view, aliasKey(s.raw.Pool, s.raw.Source,
		string(c.Tie.FirstLeg))); alias != nil && c.Tie.Kind == football.TieSecondLeg {
		first = alias.Match
	}
	c.Tie.FirstLeg = first
	if recorded := s.match.Tie; recorded.Kind != football.TieNone && s.match.Scheduler != s.raw.Source {
		s.keepTie(c, recorded)
	}
	return nil
}

// keepTie keeps the recorded tie in the fixture of another source, which may add the first leg. One that contradicts it
// is refused by itself: the fixture is taken.
func (s *step) keepTie(c *football.FixtureScheduled, recorded football.Tie) {
	given := c.Tie
	if c.Tie = recorded; given.Kind == recorded.Kind {
		if recorded.FirstLeg == "" {
			c.Tie.FirstLeg = given.FirstLeg
		}
		return
	}
	bad := newRefusal(football.RefusedConflict, "tie", "%s gives a %s match, %s gave a %s one", s.raw.Source,
		given.Kind, s.match.Scheduler, recorded.Kind)
	bad.Original = s.raw.Payload
	s.out = append(s.out, bad)
}

// takeOdds takes the odds of a stage, once: those of the source that gives them first.
func (s *step) takeOdds(c football.OddsQuoted, d *Delivery) *football.Refusal {
	m := s.match
	quoted := Quoted{s.raw.Source, c.Stage}
	switch {
	case m.Phase == football.Settled:
		return s.afterFullTime("odds")
	case m.started():
		return newRefusal(football.RefusedLate, "odds", "the odds came after kick-off")
	}
	for _, q := range m.Odds {
		if q.Stage == c.Stage {
			return nil
		}
	}
	m.Odds = append(m.Odds, quoted)
	s.emitEvent(c, d)
	return nil
}

func (s *step) takeLineUp(c football.LineUp, d *Delivery) *football.Refusal {
	if s.match.Phase == football.Settled {
		return s.afterFullTime("a line-up")
	}
	if n := len(c.Players); n == 0 || n > lineUpSize {
		return newRefusal(football.RefusedImpossible, "players", "%d players start", n)
	}
	if !s.reportedByAnother(football.KindLineUp) {
		s.emitEvent(c, d)
	}
	return nil
}

func (s *step) takeKickOff(c football.KickOff, d *Delivery) *football.Refusal {
	m := s.match
	if m.started() {
		return nil
	}
	m.Phase, m.Period = football.InPlay, max(m.Period, 1)
	s.emitEvent(c, d)
	return nil
}

func (s *step) takePeriodStart(c football.PeriodStarted, d *Delivery) *football.Refusal {
	m := s.match
	switch {
	case c.Period < football.PeriodSecondHalf || c.Period > football.PeriodPenalties:
		return newRefusal(football.RefusedImpossible, "period", "there is no period %d to start", c.Period)
	case c.Period <= m.Period || m.settledByAnother(s.raw.Source):
		return nil
	case m.Phase == football.Settled:
		return s.afterFullTime("a period")
	}
	m.Phase, m.Period = football.InPlay, c.Period
	s.emitEvent(c, d)
	return nil
}

// refuseOutOfPlay refuses an event of play when there is none. An event may come before the message that its match
// kicked off, and after the result of another source, which may have no events of play or an earlier kick-off.
func (s *step) refuseOutOfPlay(clock football.Clock) *football.Refusal {
	m := s.match
	switch {
	case m.Phase == football.Settled && !m.settledByAnother(s.raw.Source):
		return s.afterFullTime("an event of play")
	case !m.started() && (m.Kickoff == 0 || s.raw.At.Sub(m.Kickoff) < tooEarly):
		return newRefusal(football.RefusedImpossible, "at", "an event of play at %s, before the match has kicked off",
			s.raw.At)
	case clock.Period < football.PeriodFirstHalf || clock.Period > football.PeriodPenalties:
		return newRefusal(football.RefusedImpossible, "period", "there is no period %d", clock.Period)
	case clock.Elapsed < 0 || clock.Elapsed > maxElapsed:
		return newRefusal(football.RefusedImpossible, "elapsed", "%d seconds into a period", clock.Elapsed)
	}
	return nil
}

// possibleXG refuses a probability above 1. One below 0 is that of a feed that gives none.
func possibleXG(xg float64) *football.Refusal {
	if xg > 1 {
		return newRefusal(football.RefusedImpossible, "xg", "the probability of a goal is %v", xg)
	}
	return nil
}

func (s *step) afterFullTime(what string) *football.Refusal {
	return newRefusal(football.RefusedAfterFullTime, "", "%s after full time of %s", what, s.id)
}
