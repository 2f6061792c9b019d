package normalize

import "github.com/touchline/touchline/schemas/football"

// identifyMatch finds the match that a statement is about, or makes it when the statement schedules one.
func (s *step) identifyMatch(parsed statement) *football.Refusal {
	if s.raw.SourceMatchID == "" {
		return newRefusal(football.RefusedMalformed, "source_match_id", "the raw event does not name its match")
	}
	if alias := football.Get[Alias](s.view, aliasKey(s.raw.Pool, s.raw.Source, s.raw.SourceMatchID)); alias != nil {
		s.id, s.alias = alias.Match, *alias
		s.match = football.Get[Match](s.view, matchKey(alias.Match)).cloneMatch() // they are dropped together
		return nil
	}
	home, away, refusal := s.resolveTeams(parsed)
	if refusal != nil {
		return refusal
	}
	for _, claim := range parsed.claims {
		if fixture, ok := claim.(football.FixtureScheduled); ok && fixture.Kickoff != 0 {
			return s.findMeeting(home, away, fixture)
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

func (s *step) unknownMatch() *football.Refusal {
	return newRefusal(football.RefusedUnknownMatch, "source_match_id",
		"no source has scheduled the match %q of %s, or more than 30 days have passed since", s.raw.SourceMatchID,
		s.raw.Source)
}

func (s *step) unknownTeam(field, name string) *football.Refusal {
	return newRefusal(football.RefusedUnknownTeam, field, "no team of the pool %s is called %q", s.raw.Pool, name)
}
