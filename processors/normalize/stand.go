package normalize

import (
	"slices"
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

// stand applies one claim to the match: it becomes an event, or it says again what stands (and nothing happens), or it
// contradicts the rules.
func (s *step) stand(claim football.EventBody, d *Delivery) *football.Refusal {
	switch c := claim.(type) {
	case football.FixtureScheduled:
		return s.schedule(c, d)
	case football.OddsQuoted:
		return s.quote(c, d)
	case football.LineUp:
		return s.lineUp(c, d)
	case football.KickOff:
		return s.kickOff(c, d)
	case football.PeriodStarted:
		return s.startPeriod(c, d)
	case football.PeriodEnded:
		return s.endPeriod(c, d)
	case football.FullTime:
		return s.settle(c, d)
	case football.Goal:
		if refusal := s.inPlay(c.Clock); refusal != nil {
			return refusal
		}
		s.emit(c, d)
		d.Side, d.Period = c.Side, c.Clock.Period
	case football.Card:
		return s.play(c, c.Clock, d)
	case football.Shot:
		if c.XG > 1 {
			return refusal(football.RefusedImpossible, "xg", "the probability of a goal is %v", c.XG)
		}
		return s.play(c, c.Clock, d)
	case football.Substitution:
		return s.play(c, c.Clock, d)
	case football.Correction, football.Tick, football.ModelsChanged: // never claims
	}
	return nil
}

// schedule announces the match, moves it or postpones it.
func (s *step) schedule(c football.FixtureScheduled, d *Delivery) *football.Refusal {
	m := s.match
	known := !s.fresh
	if refusal := s.tie(&c); refusal != nil {
		return refusal
	}
	switch {
	case known && c.Kickoff == m.Kickoff && c.Tie == m.Tie:
		return nil
	case m.Phase == football.Settled && s.alias:
		return nil // another source schedules under a slightly different hour what was played
	case m.Phase == football.Settled:
		return s.afterFullTime("a new kick-off")
	case m.started():
		return refusal(football.RefusedImpossible, "kickoff", "the match has kicked off: it can't be moved or postponed")
	}
	m.Kickoff, m.Tie = c.Kickoff, c.Tie
	m.Phase = football.PreMatch
	if c.Kickoff == 0 {
		m.Phase = football.Postponed
		m.Expires = max(m.Expires, s.raw.At.Add(undatedWindow))
	}
	m.Expires = max(m.Expires, c.Kickoff.Add(window))
	if home, ok := s.ref.TeamByID(m.Home); ok {
		c.HomeName = home.Name
	}
	if away, ok := s.ref.TeamByID(m.Away); ok {
		c.AwayName = away.Name
	}
	s.emit(c, d)
	return nil
}

// tie completes what a fixture says of its knock-out: a source that says nothing leaves what was said before, and names the
// first leg by its own name. A first leg that nobody scheduled is left out.
func (s *step) tie(c *football.FixtureScheduled) *football.Refusal {
	if c.Tie.Kind == football.TieNone {
		c.Tie = s.match.Tie
		return nil
	}
	if !c.Tie.Kind.Known() {
		return refusal(football.RefusedImpossible, "tie", "there is no %q match of a knock-out", c.Tie.Kind)
	}
	first := football.MatchID("")
	if alias := football.Get[Alias](s.view, aliasKey(s.raw.Pool, s.raw.Source, string(c.Tie.FirstLeg))); alias != nil && c.Tie.Kind == football.TieSecondLeg {
		first = alias.Match
	}
	c.Tie.FirstLeg = first
	return nil
}

// quote takes a source's odds, once a stage.
func (s *step) quote(c football.OddsQuoted, d *Delivery) *football.Refusal {
	m := s.match
	quoted := Quoted{s.raw.Source, c.Stage}
	switch {
	case m.Phase == football.Settled:
		return s.afterFullTime("odds")
	case m.started():
		return refusal(football.RefusedLate, "odds", "the odds came after kick-off")
	}
	for _, q := range m.Odds {
		if q == quoted {
			return nil
		}
	}
	m.Odds = append(m.Odds, quoted)
	s.emit(c, d)
	return nil
}

func (s *step) lineUp(c football.LineUp, d *Delivery) *football.Refusal {
	if s.match.Phase == football.Settled {
		return s.afterFullTime("a line-up")
	}
	if n := len(c.Players); n == 0 || n > lineUpSize {
		return refusal(football.RefusedImpossible, "players", "%d players start", n)
	}
	s.emit(c, d)
	return nil
}

func (s *step) kickOff(c football.KickOff, d *Delivery) *football.Refusal {
	m := s.match
	if m.started() {
		return nil
	}
	m.Phase, m.Period = football.InPlay, max(m.Period, 1)
	s.emit(c, d)
	return nil
}

func (s *step) startPeriod(c football.PeriodStarted, d *Delivery) *football.Refusal {
	m := s.match
	switch {
	case c.Period < 2 || c.Period > 5:
		return refusal(football.RefusedImpossible, "period", "there is no period %d to start", c.Period)
	case c.Period <= m.Period:
		return nil
	case m.Phase == football.Settled:
		return s.afterFullTime("a period")
	}
	m.Phase, m.Period = football.InPlay, c.Period
	s.emit(c, d)
	return nil
}

// endPeriod takes the score at the end of a period. The first one's is kept, for another source may say otherwise.
func (s *step) endPeriod(c football.PeriodEnded, d *Delivery) *football.Refusal {
	m := s.match
	if c.Period < 1 || c.Period > 5 {
		return refusal(football.RefusedImpossible, "period", "there is no period %d to end", c.Period)
	}
	switch {
	case c.HomeGoals == counted && m.FullTime.Stands:
		c.HomeGoals, c.AwayGoals = m.FullTime.Home, m.FullTime.Away
	case c.HomeGoals == counted:
		c.HomeGoals, c.AwayGoals = m.goals(c.Period)
	}
	if refusal := possibleScore(c.HomeGoals, c.AwayGoals); refusal != nil {
		return refusal
	}
	if c.Period > 1 {
		if c.Period <= m.Ended {
			return nil
		}
		if m.Phase == football.Settled && c.Winner == "" { // results are told before who won on penalties
			return s.afterFullTime("the end of a period")
		}
		m.Ended = c.Period
		s.emit(c, d)
		d.Period = c.Period
		return nil
	}
	given := Result{true, c.HomeGoals, c.AwayGoals, s.raw.Source, 0}
	stands, refusal := s.weigh("half-time", m.HalfTime, given, d)
	if stands || refusal != nil {
		return refusal
	}
	if m.Phase == football.Settled && m.HalfTime.Sequence == 0 {
		return s.afterFullTime("the half-time score")
	}
	if m.Phase != football.Settled && m.Period <= 1 {
		m.Phase, m.Period = football.HalfTime, 1
	}
	m.Ended = max(m.Ended, 1)
	s.emit(c, d)
	given.Sequence = d.Sequence
	m.HalfTime = given
	return nil
}

// settle takes the result.
func (s *step) settle(c football.FullTime, d *Delivery) *football.Refusal {
	m := s.match
	if c.HomeGoals == counted {
		c.HomeGoals, c.AwayGoals = m.goals(4)
	}
	if refusal := possibleScore(c.HomeGoals, c.AwayGoals); refusal != nil {
		return refusal
	}
	revised := m.FullTime.Sequence > 0 // a tribunal's result need not agree with what was played
	if h := m.HalfTime; h.Stands && !revised && (c.HomeGoals < h.Home || c.AwayGoals < h.Away) {
		return refusal(football.RefusedImpossible, "full_time", "the half-time score %s is above the full-time score %s",
			score(h.Home, h.Away), score(c.HomeGoals, c.AwayGoals))
	}
	given := Result{true, c.HomeGoals, c.AwayGoals, s.raw.Source, 0}
	stands, refusal := s.weigh("full-time", m.FullTime, given, d)
	if stands || refusal != nil {
		return refusal
	}
	m.Phase = football.Settled
	s.emit(c, d)
	given.Sequence = d.Sequence
	m.FullTime = given
	return nil
}

// weigh compares a result with the one that stands. The same one stands already; another one from the same source
// takes the old one back first; from another source it is a conflict.
func (s *step) weigh(name string, old, given Result, d *Delivery) (stands bool, _ *football.Refusal) {
	switch {
	case !old.Stands:
		return false, nil
	case old.Home == given.Home && old.Away == given.Away:
		return true, nil
	case old.Source != given.Source:
		return false, refusal(football.RefusedConflict, name, "%s gives %s, %s gave %s",
			given.Source, score(given.Home, given.Away), old.Source, score(old.Home, old.Away))
	}
	s.takeBack(old.Sequence)
	s.emit(football.Correction{Corrects: old.Sequence, Reason: "the source changed the " + name + " score"}, d)
	return false, nil
}

// play applies an event of play that changes no score.
func (s *step) play(body football.EventBody, clock football.Clock, d *Delivery) *football.Refusal {
	if refusal := s.inPlay(clock); refusal != nil {
		return refusal
	}
	s.emit(body, d)
	return nil
}

// inPlay refuses an event of play when there is none. An event may come before the message that its match kicked off.
func (s *step) inPlay(clock football.Clock) *football.Refusal {
	m := s.match
	switch {
	case m.Phase == football.Settled:
		return s.afterFullTime("an event of play")
	case !m.started() && (m.Kickoff == 0 || s.raw.At.Sub(m.Kickoff) < tooEarly):
		return refusal(football.RefusedImpossible, "at", "an event of play at %s, before the match has kicked off", s.raw.At)
	case clock.Period < 1 || clock.Period > 5:
		return refusal(football.RefusedImpossible, "period", "there is no period %d", clock.Period)
	case clock.Elapsed < 0 || clock.Elapsed > maxElapsed:
		return refusal(football.RefusedImpossible, "elapsed", "%d seconds into a period", clock.Elapsed)
	}
	return nil
}

// correct takes back an earlier delivery of the same source.
func (s *step) correct(said statement, d *Delivery) *football.Refusal {
	old := s.match.delivery(hashKey(s.raw.Source, said.corrects, string(football.MomentEvent), ""))
	if old == nil {
		old = s.match.resultDelivery(s.raw.Source, said.corrects)
	}
	switch {
	case old == nil || old.Sequence == 0:
		return refusal(football.RefusedImpossible, "corrects", "no event %q of this match was accepted", said.corrects)
	case old.Taken:
		return nil
	case !correctable(old.Kind):
		return refusal(football.RefusedImpossible, "corrects", "the event %q is a %s, which can't be taken back", said.corrects, old.Kind)
	}
	sequence := old.Sequence
	s.takeBack(sequence)
	s.emit(football.Correction{Corrects: sequence, Reason: said.reason}, d)
	return nil
}

// takeBack marks the delivery that gave the event as taken back, and what rests on it as open again.
func (s *step) takeBack(sequence int64) {
	m := s.match
	m.Deliveries = slices.Clone(m.Deliveries)
	for i := range m.Deliveries {
		if m.Deliveries[i].Sequence == sequence {
			m.Deliveries[i].Taken = true
			if m.Deliveries[i].Kind == (football.PeriodEnded{}).Kind() && m.Deliveries[i].Period > 1 {
				m.Ended = min(m.Ended, m.Deliveries[i].Period-1)
			}
		}
	}
	switch sequence {
	case m.FullTime.Sequence:
		m.FullTime.Stands = false
		m.Phase = football.InPlay
	case m.HalfTime.Sequence:
		m.HalfTime.Stands = false
	}
}

// resultDelivery returns the newest delivery of a half-time or full-time score under that source event id. Its key
// holds the score, which a correction does not name.
func (m *Match) resultDelivery(source, id string) *Delivery {
	for _, r := range []struct {
		result Result
		moment football.Moment
	}{{m.FullTime, football.MomentFullTime}, {m.HalfTime, football.MomentHalfTime}} {
		if r.result.Sequence == 0 || r.result.Source != source {
			continue
		}
		if d := m.delivery(hashKey(source, id, string(r.moment), score(r.result.Home, r.result.Away))); d != nil {
			return d
		}
	}
	return nil
}

// correctable reports whether an event of that kind can be taken back. A fixture is moved instead, and what has begun
// has begun.
func correctable(kind string) bool {
	switch kind {
	case football.Goal{}.Kind(), football.Card{}.Kind(), football.Shot{}.Kind(), football.Substitution{}.Kind(),
		football.LineUp{}.Kind(), football.PeriodEnded{}.Kind(), football.FullTime{}.Kind():
		return true
	}
	return false
}

func (s *step) afterFullTime(what string) *football.Refusal {
	return refusal(football.RefusedAfterFullTime, "", "%s after full time of %s", what, s.id)
}

func possibleScore(home, away int32) *football.Refusal {
	if home < 0 || away < 0 || home > maxGoals || away > maxGoals {
		return refusal(football.RefusedImpossible, "score", "the score %s", score(home, away))
	}
	return nil
}
