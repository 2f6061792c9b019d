package match

import (
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// beyond adds what came after the second half: the goals of extra time and the shoot-out.
func (s State) beyond(live *football.LiveState) {
	home, away := s.score()
	if (s.played(3) || s.played(4)) && home == live.HomeGoals && away == live.AwayGoals { // a tribunal's result is not of what was played
		regularHome, regularAway := s.regular()
		live.HomeExtra, live.AwayExtra = home-regularHome, away-regularAway
	}
	for _, e := range s.Events {
		if e.Period != penalties {
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
	if live.ShootoutWinner == "" && live.Phase == football.Settled {
		switch {
		case live.HomePenalties > live.AwayPenalties:
			live.ShootoutWinner = football.Home
		case live.HomePenalties < live.AwayPenalties:
			live.ShootoutWinner = football.Away
		}
	}
}

// played reports whether anything was said of the period.
func (s State) played(period int32) bool {
	return slices.ContainsFunc(s.Events, func(e Event) bool { return e.Period == period })
}

// regular returns the score after the second half: as stated at its end, else the statement before and the goals since.
func (s State) regular() (home, away int32) {
	until := State{}
	for _, e := range s.Events {
		if e.Period <= 2 {
			until.Events = append(until.Events, e)
		}
	}
	return until.score()
}
