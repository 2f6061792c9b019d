package match

import "github.com/touchline/touchline/schemas/football"

// penalties is the period of the shoot-out, whose goals are not part of the score.
const penalties = 5

// Live returns the state of play that the standing events come to.
func (s State) Live() football.LiveState {
	var live football.LiveState
	period, ended := s.period()
	live.Phase = s.phase(period, ended)
	live.Clock = s.clock(live.Phase, period, ended)
	live.HomeGoals, live.AwayGoals = s.score()
	live.HomeHalfTime, live.AwayHalfTime = s.halfTime(live.Phase)
	s.count(&live)
	if r, ok := s.Result(); ok {
		r.overrule(&live)
	}
	s.beyond(&live)
	return live
}

// period returns the latest period that anything was said of, 0 before the first, and whether its end was.
func (s State) period() (period int32, ended bool) {
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

func (s State) phase(period int32, ended bool) football.Phase {
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

// score returns the last statement and the goals of the periods after it.
func (s State) score() (home, away int32) {
	stated := int32(0)
	for _, e := range s.Events {
		if e.Kind == periodEnded && e.Period >= stated {
			stated, home, away = e.Period, e.HomeGoals, e.AwayGoals
		}
	}
	for _, e := range s.Events {
		switch {
		case e.Kind != goal || e.Period <= stated || e.Period == penalties:
		case e.Side == football.Home:
			home++
		default:
			away++
		}
	}
	return home, away
}

// halfTime returns the score at half-time: as stated, else the goals of the first period once a later one was spoken of.
func (s State) halfTime(phase football.Phase) (home, away int32) {
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
	case s.played(2) || s.played(3) || s.played(4):
		return home, away
	case phase == football.Settled:
		return -1, -1
	default:
		return 0, 0
	}
}

// count adds up shots (a goal that is not an own goal is a shot on target too), their xG and the players sent off.
func (s State) count(live *football.LiveState) {
	for _, e := range s.Events {
		shots, onTarget, xg, reds := &live.HomeShots, &live.HomeOnTarget, &live.HomeXG, &live.HomeReds
		if e.Side == football.Away {
			shots, onTarget, xg, reds = &live.AwayShots, &live.AwayOnTarget, &live.AwayXG, &live.AwayReds
		}
		switch e.Kind {
		case card:
			*reds++
		case shot, goal:
			if e.OwnGoal || e.Period == penalties {
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

// overrule lets the source's result and counts of the whole match stand for what was counted event by event.
func (r Result) overrule(live *football.LiveState) {
	live.HomeGoals, live.AwayGoals = r.HomeGoals, r.AwayGoals
	for _, c := range [...]struct {
		counted *int32
		said    int32
	}{
		{&live.HomeReds, r.HomeReds}, {&live.AwayReds, r.AwayReds},
		{&live.HomeShots, r.HomeShots}, {&live.AwayShots, r.AwayShots},
		{&live.HomeOnTarget, r.HomeOnTarget}, {&live.AwayOnTarget, r.AwayOnTarget},
	} {
		if c.said >= 0 {
			*c.counted = c.said
		}
	}
}
