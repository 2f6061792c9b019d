package normalize

import (
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// sameMeeting is how far apart two kick-offs of one settled match may be given; a later one is another meeting.
const sameMeeting = 24 * time.Hour

// identifyMatch finds the match that a statement is about, or makes it when the statement schedules one.
func (s *step) identifyMatch(parsed statement) *football.Refusal {
	if s.raw.SourceMatchID == "" {
		return newRefusal(football.RefusedMalformed, "source_match_id", "the raw event does not name its match")
	}
	if alias := football.Get[Alias](s.view, aliasKey(s.raw.Pool, s.raw.Source, s.raw.SourceMatchID)); alias != nil {
		s.id = alias.Match
		s.match = football.Get[Match](s.view, matchKey(alias.Match)).cloneMatch() // they are dropped together
		return nil
	}
	home, away, refusal := s.resolveTeams(parsed)
	if refusal != nil {
		return refusal
	}
	for _, claim := range parsed.claims {
		if fixture, ok := claim.(football.FixtureScheduled); ok && fixture.Kickoff != 0 {
			return s.findMeeting(home, away, fixture.Kickoff)
		}
	}
	return s.unknownMatch()
}

// resolveTeams resolves the names of the two teams; "" where the payload names none.
func (s *step) resolveTeams(parsed statement) (home, away football.TeamID, _ *football.Refusal) {
	if parsed.home == "" && parsed.away == "" {
		return "", "", s.unknownMatch()
	}
	h, ok := s.ref.Team(s.raw.Pool, parsed.home)
	if !ok {
		return "", "", s.unknownTeam("home", parsed.home)
	}
	a, ok := s.ref.Team(s.raw.Pool, parsed.away)
	if !ok {
		return "", "", s.unknownTeam("away", parsed.away)
	}
	if h.ID == a.ID {
		return "", "", newRefusal(football.RefusedImpossible, "away", "%q plays against itself", parsed.home)
	}
	s.names = [2]string{h.Name, a.Name}
	return h.ID, a.ID, nil
}

// findMeeting finds the match of two teams that the source means by a name that it uses for the first time, or makes
// one.
func (s *step) findMeeting(home, away football.TeamID, kickoff football.Instant) *football.Refusal {
	first := football.NewMatchID(s.raw.Pool, s.raw.Season, home, away, 1)
	met := Meeting{}
	if known := football.Get[Meeting](s.view, meetingKey(meetingOf(first))); known != nil {
		met = *known
	} else if s.view.Get(matchKey(first)) != nil {
		met.Last = 1
	}
	s.alias = true
	if ordinal := s.nearest(home, away, kickoff, met); ordinal > 0 {
		s.id = football.NewMatchID(s.raw.Pool, s.raw.Season, home, away, ordinal)
		s.match = football.Get[Match](s.view, matchKey(s.id)).cloneMatch()
		return nil
	}
	if met.Dropped > 0 && kickoff <= met.Kickoff.Add(sameMeeting) || kickoff.Add(window) <= s.pool.Now {
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
	return nil
}

// nearest returns the ordinal of the meeting that the kick-off belongs to, or 0. A meeting that this source has another
// name for is not meant, nor is one of another competition, nor one that was settled before.
func (s *step) nearest(home, away football.TeamID, kickoff football.Instant, met Meeting) int {
	best, distance := 0, time.Duration(0)
	for n := int(met.Dropped) + 1; n <= int(met.Last); n++ {
		m := football.Get[Match](s.view, matchKey(football.NewMatchID(s.raw.Pool, s.raw.Season, home, away, n)))
		if m == nil || m.knownTo(s.raw.Source) || m.Competition != s.raw.Competition || m.Phase == football.Settled &&
			kickoff > m.Kickoff.Add(sameMeeting) {
			continue
		}
		if d := kickoff.Sub(m.Kickoff).Abs(); best == 0 || d < distance {
			best, distance = n, d
		}
	}
	return best
}

func (s *step) unknownMatch() *football.Refusal {
	return newRefusal(football.RefusedUnknownMatch, "source_match_id",
		"no source has scheduled the match %q of %s, or more than 30 days have passed since", s.raw.SourceMatchID,
		s.raw.Source)
}

func (s *step) unknownTeam(field, name string) *football.Refusal {
	return newRefusal(football.RefusedUnknownTeam, field, "no team of the pool %s is called %q", s.raw.Pool, name)
}
