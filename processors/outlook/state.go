package outlook

import (
	"slices"
	"strconv"
	"strings"

	"github.com/touchline/touchline/schemas/football"
)

// Season is what the stage keeps of a competition's season: its teams and settled matches.
type Season struct {
	Sequence int64                        `avro:"sequence"` // of the last outlook
	League   football.CompetitionFeatures `avro:"league"`
	Teams    []football.TeamID            `avro:"teams"` // in the order in which they were first seen
	// of each pair at most one, in the order in which they were settled
	Results []Result `avro:"results"`
}

// Result is a settled match between two of the season's teams, by their places in Teams.
type Result struct {
	Home      int32 `avro:"home"`
	Away      int32 `avro:"away"`
	Ordinal   int32 `avro:"ordinal"` // of the match: a pair that meets again in a play-off has another one
	HomeGoals int32 `avro:"home_goals"`
	AwayGoals int32 `avro:"away_goals"`
}

// Team is the newest features of a team in a season.
type Team struct {
	At       football.Instant      `avro:"at"`
	Features football.TeamFeatures `avro:"features"`
}

// Competition lists which of its seasons have state.
type Competition struct {
	Seasons []football.Season `avro:"seasons"` // oldest first
}

// State lists the kinds of state that the stage keeps.
func (s *Stage) State() []football.StateKind {
	return []football.StateKind{
		{Kind: "season", Blank: new(Season)},
		{Kind: "team", Blank: new(Team)},
		{Kind: "competition", Blank: new(Competition)},
		{Kind: "slot", Blank: new(Slot)},
	}
}

func competitionKey(id football.CompetitionID) string { return "competition/" + string(id) }

func seasonKey(id football.CompetitionID, season football.Season) string {
	return "season/" + string(id) + "/" + string(season)
}

func teamKey(id football.CompetitionID, season football.Season, team football.TeamID) string {
	return "team/" + string(id) + "/" + string(season) + "/" + string(team)
}

func slotKey(id football.CompetitionID, season football.Season) string {
	return "slot/" + string(id) + "/" + string(season)
}

// withTeam returns the season with the team in it, never changing the old list, and its place.
func (s Season) withTeam(team football.TeamID) (Season, int32) {
	i := slices.Index(s.Teams, team)
	if i < 0 {
		i = len(s.Teams)
		s.Teams = slices.Concat(s.Teams, []football.TeamID{team})
	}
	return s, int32(i)
}

// pairIndex returns the place of the result of a pair at the first one's ground, or -1.
func (s Season) pairIndex(home, away int32) int {
	return slices.IndexFunc(s.Results, func(r Result) bool { return r.Home == home && r.Away == away })
}

// withResult returns the season with the result in the place of its match's old one, and whether anything changed. A
// second match of a pair is a play-off, which the table does not count.
func (s Season) withResult(r Result) (Season, bool) {
	i := s.pairIndex(r.Home, r.Away)
	switch {
	case i < 0:
		s.Results = slices.Concat(s.Results, []Result{r})
	case s.Results[i].Ordinal != r.Ordinal || s.Results[i] == r:
		return s, false
	default:
		s.Results = slices.Clone(s.Results)
		s.Results[i] = r
	}
	return s, true
}

// withoutResult returns the season without the match's result, and whether there was one.
func (s Season) withoutResult(home, away, ordinal int32) (Season, bool) {
	i := s.pairIndex(home, away)
	if i < 0 || s.Results[i].Ordinal != ordinal {
		return s, false
	}
	s.Results = slices.Concat(s.Results[:i], s.Results[i+1:])
	return s, true
}

// matchOrdinal returns the last part of a match id, which tells a pair's meetings apart; 0 where it is no number.
func matchOrdinal(id football.MatchID) int32 {
	n, err := strconv.Atoi(string(id)[strings.LastIndexByte(string(id), '.')+1:])
	if err != nil {
		return 0
	}
	return int32(n)
}
