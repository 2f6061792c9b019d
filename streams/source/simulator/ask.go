package simulator

import (
	"strings"

	"github.com/touchline/touchline/schemas/football"
)

// Truth returns the true probabilities of a match's results after 90 minutes before kick-off, or false for a match
// that is not played.
func (s *Simulator) Truth(id football.MatchID) (football.Outcome, bool) {
	return s.TruthAt(id, football.LiveState{Phase: football.PreMatch})
}

// TruthAt returns the true probabilities of a match's results after 90 minutes from its current clock, score and
// players sent off, or false for a match that is not played or not before or in its two halves.
func (s *Simulator) TruthAt(id football.MatchID, live football.LiveState) (football.Outcome, bool) {
	stands, ok := standingOf(live)
	if !ok || stands.extra > 0 || live.Clock.Period > 2 {
		return football.Outcome{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l, f, ok := s.findFixture(id)
	if !ok {
		return football.Outcome{}, false
	}
	home, away := l.meanGoals(f)
	return runChain(home, away, stands).sumOutcome(), true
}

// AdvanceAt returns the true probability that the home side of a cup match goes on, from its current state, or false
// for a match that is of no cup, or neither before nor in 90 minutes or extra time.
func (s *Simulator) AdvanceAt(id football.MatchID, live football.LiveState) (float64, bool) {
	stands, ok := standingOf(live)
	if !ok {
		return 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l, f, ok := s.findFixture(id)
	if !ok || f.tie.Kind == football.TieNone {
		return 0, false
	}
	return l.advanceProbability(f, stands), true
}

// findFixture returns the match with that id. The meetings of two clubs are numbered as they are announced.
func (s *Simulator) findFixture(id football.MatchID) (*league, fixture, bool) {
	parts := strings.Split(string(id), ".")
	if len(parts) != 5 {
		return nil, fixture{}, false
	}
	for _, l := range s.leagues {
		home, away := l.clubNumber(parts[2]), l.clubNumber(parts[3])
		season, ok := l.seasonNamed(football.Season(parts[1]))
		if string(l.Pool) != parts[0] || !ok || home < 0 || away < 0 || home == away {
			continue
		}
		meetings := 0
		for _, f := range l.seasonFixtures(season) {
			if f.home != home || f.away != away {
				continue
			}
			if meetings++; football.NewMatchID(l.Pool, football.Season(parts[1]), football.TeamID(parts[2]),
				football.TeamID(parts[3]), meetings) == id {
				return l, f, true
			}
		}
	}
	return nil, fixture{}, false
}

// standingOf reads a live state.
func standingOf(live football.LiveState) (standing, bool) {
	s := standing{margin: int(live.HomeGoals - live.AwayGoals), homeReds: int(live.HomeReds),
		awayReds: int(live.AwayReds)}
	minutes := int(live.Clock.Elapsed) / 60
	switch {
	case live.Phase == football.PreMatch:
	case live.Phase == football.HalfTime:
		s.minute = usualFirst
	case live.Phase == football.InPlay && live.Clock.Period == 1:
		s.minute = min(minutes, usualFirst)
	case live.Phase == football.InPlay && live.Clock.Period == 2:
		s.minute = usualFirst + min(minutes, usualSecond)
	case live.Phase == football.InPlay && (live.Clock.Period == 3 || live.Clock.Period == 4):
		s.minute = usualFirst + usualSecond
		s.extra = min(int(live.Clock.Period-3)*usualExtra/2+minutes, usualExtra)
	default:
		return s, false
	}
	return s, true
}
