package normalize

import (
	"slices"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// How far apart two sources may give the kick-off of one match.
const (
	// sameMeeting is for a match of one competition: sources differ in zones, and in the hour that they assume where
	// they know none. It is also how far a source may be from the kick-off that another gave without moving the match.
	sameMeeting = 48 * time.Hour
	// sameDay is for a match under the name of another competition, and on neutral ground for one whose other side is
	// named first. It ends before the next day at the same hour: national teams do meet on consecutive days.
	sameDay = 24 * time.Hour
	// redelivered is how far beyond the kick-off of the last match that was dropped a fixture is taken for it.
	redelivered = 24 * time.Hour
)

// findMeeting finds the match of two teams that the source means by a name that it uses for the first time, or makes
// one. A match that another source has scheduled keeps the id, the competition and the season that it got from there.
func (s *step) findMeeting(home, away football.TeamID, fixture football.FixtureScheduled) *football.Refusal {
	s.newName, s.alias = true, Alias{Source: s.raw.Source, Name: s.raw.SourceMatchID, Kickoff: fixture.Kickoff}
	if id, swapped := s.scheduledByAnother(home, away, fixture); id != "" {
		s.id, s.alias.Swapped = id, swapped
		s.match = football.Get[Match](s.view, matchKey(id)).cloneMatch()
		return nil
	}
	return s.beginMatch(home, away, fixture.Kickoff)
}

// beginMatch makes the next match of two teams in a season.
func (s *step) beginMatch(home, away football.TeamID, kickoff football.Instant) *football.Refusal {
	first := football.NewMatchID(s.raw.Pool, s.raw.Season, home, away, 1)
	met := Meeting{}
	if known := football.Get[Meeting](s.view, meetingKey(meetingOf(first))); known != nil {
		met = *known
	} else if s.view.Get(matchKey(first)) != nil {
		met.Last = 1
	}
	if met.Dropped > 0 && kickoff <= met.Kickoff.Add(redelivered) || kickoff.Add(window) <= s.pool.Now {
		return newRefusal(football.RefusedLate, "kickoff",
			"the match of %s is more than 30 days behind the pool's stream time %s", kickoff, s.pool.Now)
	}
	met.Last++
	if met.Last > 1 {
		s.view.Put(meetingKey(meetingOf(first)), &met)
	}
	s.fresh = true
	s.id = football.NewMatchID(s.raw.Pool, s.raw.Season, home, away, int(met.Last))
	s.match = &Match{
		Competition: s.raw.Competition, Season: s.raw.Season, Home: home, Away: away, Phase: football.PreMatch,
		Expires: kickoff.Add(window),
	}
	s.reclaimNames(kickoff)
	return nil
}

// scheduledByAnother returns the match of other sources that a fixture is, the nearest one, or "". Swapped tells that
// it has the sides in the other order, as sources may on neutral ground. A match that this source has another name for
// is not meant: two matches of one source are two, be they a day apart.
func (s *step) scheduledByAnother(
	home, away football.TeamID, fixture football.FixtureScheduled,
) (id football.MatchID, swapped bool) {
	id = s.nearestMeeting(home, away, fixture.Kickoff, func(m *Match) bool {
		return s.isSameMeeting(m, fixture.Kickoff)
	})
	if id != "" {
		return id, false
	}
	id = s.nearestMeeting(away, home, fixture.Kickoff, func(m *Match) bool {
		return (fixture.Neutral || m.Neutral) && fixture.Kickoff.Sub(m.Kickoff).Abs() < sameDay
	})
	return id, true
}

// nearestMeeting returns the match of two teams that is played nearest to an instant, of those that this source has no
// name for and that may be meant; "" where there is none.
func (s *step) nearestMeeting(
	home, away football.TeamID, at football.Instant, mayBe func(*Match) bool,
) (best football.MatchID) {
	nearest := time.Duration(0)
	for _, id := range pairedMatches(s.view, s.raw.Pool, home, away) {
		m := football.Get[Match](s.view, matchKey(id))
		if m.knownTo(s.raw.Source) || !mayBe(m) {
			continue
		}
		if distance := at.Sub(m.Kickoff).Abs(); best == "" || distance < nearest {
			best, nearest = id, distance
		}
	}
	return best
}

// isSameMeeting reports whether a fixture at that kick-off may be the match. Within a competition's season a match that
// is not settled may be moved by any time, and one that is settled may be known to a source under an earlier date.
func (s *step) isSameMeeting(m *Match, kickoff football.Instant) bool {
	distance := kickoff.Sub(m.Kickoff).Abs()
	switch {
	case m.Competition != s.raw.Competition:
		return distance < sameDay
	case m.Season != s.raw.Season: // sources call one season "2015" and "2015-16"
		return distance <= sameMeeting
	case m.Phase == football.Settled:
		return kickoff <= m.Kickoff.Add(sameMeeting)
	case m.started():
		return distance <= sameMeeting
	default:
		return true
	}
}

// reclaimNames gives the new match the names of other sources that were taken for those of a match of the same teams
// before this one was known, though they are nearer to it: of two matches on consecutive days a source may have the
// second only. Names of matches that have begun stay, for what they gave is part of the match.
func (s *step) reclaimNames(kickoff football.Instant) {
	for _, id := range pairedMatches(s.view, s.raw.Pool, s.match.Home, s.match.Away) {
		m := football.Get[Match](s.view, matchKey(id))
		if m.started() || m.Competition != s.match.Competition {
			continue
		}
		kept := m.cloneMatch()
		kept.Aliases = slices.DeleteFunc(slices.Clone(m.Aliases), func(a Alias) bool {
			return a.Source != m.Scheduler && a.Source != s.raw.Source && !a.Swapped &&
				a.Kickoff.Sub(kickoff).Abs() < a.Kickoff.Sub(m.Kickoff).Abs()
		})
		if len(kept.Aliases) == len(m.Aliases) {
			continue
		}
		for _, a := range m.Aliases {
			if !slices.Contains(kept.Aliases, a) {
				a.Match = s.id
				s.match.Aliases = append(s.match.Aliases, a)
				s.view.Put(aliasKey(s.raw.Pool, a.Source, a.Name), &a)
			}
		}
		s.view.Put(matchKey(id), kept)
	}
}

// pairedMatches returns the matches of two teams, at the ground of the first, that have state, whatever their season
// and competition. The caller must not change the list.
func pairedMatches(v football.View, pool football.PoolID, home, away football.TeamID) []football.MatchID {
	if p := football.Get[Pairing](v, pairingKey(pool, home, away)); p != nil {
		return p.Matches
	}
	return nil
}

// pairMatch enters a match among those of its teams, and unpairMatch takes it out again when its state is dropped.
func pairMatch(v football.View, pool football.PoolID, id football.MatchID, m *Match) {
	list := slices.Concat(pairedMatches(v, pool, m.Home, m.Away), []football.MatchID{id})
	v.Put(pairingKey(pool, m.Home, m.Away), &Pairing{Matches: list})
}

func unpairMatch(v football.View, pool football.PoolID, id football.MatchID, m *Match) {
	list := slices.DeleteFunc(slices.Clone(pairedMatches(v, pool, m.Home, m.Away)), func(other football.MatchID) bool {
		return other == id
	})
	if len(list) == 0 {
		v.Delete(pairingKey(pool, m.Home, m.Away))
		return
	}
	v.Put(pairingKey(pool, m.Home, m.Away), &Pairing{Matches: list})
}
