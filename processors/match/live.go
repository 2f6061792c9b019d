package match

import "github.com/touchline/touchline/schemas/football"

// penaltiesPeriod is the period of the shoot-out, whose goals are not part of the score.
const penaltiesPeriod = 5

// Live returns the state of play that follows from the events. A result replaces what was counted event by event; goals
// of extra time and the shoot-out are added last, since they depend on the final goals.
func (s State) Live() football.LiveState {
	var live football.LiveState
	period, ended := s.latestPeriod()
	live.Phase = s.phaseOfPlay(period, ended)
	live.Clock = s.matchClock(live.Phase, period, ended)
	live.HomeGoals, live.AwayGoals = s.currentScore()
	live.HomeHalfTime, live.AwayHalfTime = s.halfTimeScore(live.Phase)
	s.addCounts(&live)
	if r, ok := s.Result(); ok {
		r.overrideCounts(&live)
	}
	s.addExtraTimeAndPenalties(&live)
	return live
}

// latestPeriod returns the latest period that has an event, 0 before the first, and whether its end is among them.
func (s State) latestPeriod() (period int32, ended bool) {
	for _, e := range s.Events {
		if e.Period > period {
			period, ended = e.Period, false
		}
		if e.Kind == periodEnded && e.Period == period {
			ended = true
		}
	}
	return period, ended
}

// phaseOfPlay returns the phase. After the second half it stays InPlay until there is a result: only a result settles.
func (s State) phaseOfPlay(period int32, ended bool) football.Phase {
	switch {
	case len(s.Results) > 0:
		return football.Settled
	case period == 1 && ended:
		return football.HalfTime
	case period > 0:
		return football.InPlay
	case s.Kickoff == 0:
		return football.Postponed
	default:
		return football.PreMatch
	}
}

// currentScore returns the last statement and the goals of the periods after it. Goals of the statement's own period
// are in it already, and those of a shoot-out are not part of a score.
func (s State) currentScore() (home, away int32) {
	stated := int32(0)
	for _, e := range s.Events {
		if e.Kind == periodEnded && e.Period >= stated {
			stated, home, away = e.Period, e.HomeGoals, e.AwayGoals
		}
	}
	for _, e := range s.Events {
		switch {
		case e.Kind != goal || e.Period <= stated || e.Period == penaltiesPeriod:
		case e.Side == football.Home:
			home++
		default:
			away++
		}
	}
	return home, away
}

// halfTimeScore returns the score at half-time: as stated, else the goals of the first half once a later period has an
// event. A settled match of which neither is known has -1 and -1; before half-time it is 0 and 0.
func (s State) halfTimeScore(phase football.Phase) (home, away int32) {
	for _, e := range s.Events {
		switch {
		case e.Period != 1:
		case e.Kind == periodEnded:
			return e.HomeGoals, e.AwayGoals
		case e.Kind != goal:
		case e.Side == football.Home:
			home++
		default:
			away++
		}
	}
	switch {
	case s.hasPeriod(2) || s.hasPeriod(3) || s.hasPeriod(4):
		return home, away
	case phase == football.Settled:
		return -1, -1
	default:
		return 0, 0
	}
}

// addCounts adds up shots, their expected goals (xG) and the players sent off, by side. A goal is a shot on target too,
// unless it is an own goal; kicks of a shoot-out are not counted.
func (s State) addCounts(live *football.LiveState) {
	for _, e := range s.Events {
		shots, onTarget, xg, reds := &live.HomeShots, &live.HomeOnTarget, &live.HomeXG, &live.HomeReds
		if e.Side == football.Away {
			shots, onTarget, xg, reds = &live.AwayShots, &live.AwayOnTarget, &live.AwayXG, &live.AwayReds
		}
		switch e.Kind {
		case card:
			*reds++
		case shot, goal:
			if e.OwnGoal || e.Period == penaltiesPeriod {
				continue
			}
			*shots++
			*xg += e.XG
			if e.OnTarget || e.Kind == goal {
				*onTarget++
			}
		}
	}
}

// overrideCounts puts the source's result, and its counts of the whole match where it has them, in the place of what
// was counted event by event.
func (r Result) overrideCounts(live *football.LiveState) {
	live.HomeGoals, live.AwayGoals = r.HomeGoals, r.AwayGoals
	for _, c := range [...]struct {
		counted *int32
		stated  int32
	}{
		{&live.HomeReds, r.HomeReds}, {&live.AwayReds, r.AwayReds},
		{&live.HomeShots, r.HomeShots}, {&live.AwayShots, r.AwayShots},
		{&live.HomeOnTarget, r.HomeOnTarget}, {&live.AwayOnTarget, r.AwayOnTarget},
	} {
		if c.stated >= 0 {
			*c.counted = c.stated
		}
	}
}
