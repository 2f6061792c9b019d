package match

import (
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// addExtraTimeAndPenalties adds what came after the second half: the goals of extra time, the kicks of the shoot-out
// and its winner. live must already have its goals. They are split into 90 minutes and extra time only while they equal
// the goals that were counted: the result that a tribunal awards is not what was played.
func (s State) addExtraTimeAndPenalties(live *football.LiveState) {
	home, away := s.currentScore()
	// a tribunal's result is not of what was played
	if (s.hasPeriod(3) || s.hasPeriod(4)) && home == live.HomeGoals && away == live.AwayGoals {
		regularHome, regularAway := s.regularScore()
		live.HomeExtra, live.AwayExtra = home-regularHome, away-regularAway
	}
	s.addShootout(live)
	if live.ShootoutWinner == "" && live.Phase == football.Settled {
		switch {
		case live.HomePenalties > live.AwayPenalties:
			live.ShootoutWinner = football.Home
		case live.HomePenalties < live.AwayPenalties:
			live.ShootoutWinner = football.Away
		}
	}
}

// addShootout counts the kicks of the shoot-out: a goal is a kick that was scored, a shot one that was not. The winner
// is the one that the end of the shoot-out states.
func (s State) addShootout(live *football.LiveState) {
	for _, e := range s.Events {
		if e.Period != penaltiesPeriod {
			continue
		}
		kicks, scored := &live.HomeKicks, &live.HomePenalties
		if e.Side == football.Away {
			kicks, scored = &live.AwayKicks, &live.AwayPenalties
		}
		switch e.Kind {
		case goal:
			*kicks++
			*scored++
		case shot:
			*kicks++
		case periodEnded:
			live.ShootoutWinner = e.Side
		}
	}
}

// hasPeriod reports whether any event of the period is kept.
func (s State) hasPeriod(period int32) bool {
	return slices.ContainsFunc(s.Events, func(e Event) bool { return e.Period == period })
}

// regularScore returns the score after the second half: as stated at its end, else the last statement before and the
// goals since.
func (s State) regularScore() (home, away int32) {
	regular := State{}
	for _, e := range s.Events {
		if e.Period <= 2 {
			regular.Events = append(regular.Events, e)
		}
	}
	return regular.currentScore()
}
