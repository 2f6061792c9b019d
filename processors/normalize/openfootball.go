package normalize

import (
	"encoding/json"

	"github.com/touchline/touchline/schemas/football"
)

// openFootballMatch is a match of a file of openfootball/football.json, as far as the stage reads it.
type openFootballMatch struct {
	Team1 teamName        `json:"team1"`
	Team2 teamName        `json:"team2"`
	Score json.RawMessage `json:"score"` // decoded at its moment only
}

// openFootballScore is its score.
type openFootballScore struct {
	FullTime []int32 `json:"ft"` // after 90 minutes
	HalfTime []int32 `json:"ht"`
}

// teamName is a team as a string, or as an object that has a name.
type teamName string

// UnmarshalJSON reads either form.
func (t *teamName) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '{' {
		var team struct {
			Name string `json:"name"`
		}
		err := json.Unmarshal(data, &team)
		*t = teamName(team.Name)
		return err
	}
	return json.Unmarshal(data, (*string)(t))
}

// readOpenFootball reads one match object. The source has no odds.
func readOpenFootball(raw *football.RawEvent) (statement, *football.Refusal) {
	parsed := statement{moment: raw.Moment}
	var m openFootballMatch
	if err := json.Unmarshal(raw.Payload, &m); err != nil {
		return parsed, newRefusal(football.RefusedMalformed, "payload", "%v", err)
	}
	parsed.home, parsed.away = string(m.Team1), string(m.Team2)
	if parsed.home == "" || parsed.away == "" {
		return parsed, newRefusal(football.RefusedMalformed, "team1", "the match is between %q and %q", parsed.home,
			parsed.away)
	}
	switch raw.Moment {
	case football.MomentScheduled:
		parsed.claims = []football.EventBody{football.FixtureScheduled{Kickoff: kickoffOf(raw)}}
	case football.MomentKickOff:
		parsed.claims = []football.EventBody{football.KickOff{}}
	case football.MomentHalfTime, football.MomentFullTime:
		return parsed, parsed.claimScore(raw.Moment, m.Score)
	case football.MomentUnreadable:
	case football.MomentClosing, football.MomentTick, football.MomentModels, football.MomentEvent:
		return parsed, wrongMoment(raw)
	}
	return parsed, nil
}

// claimScore reads the score of the half-time or full-time moment.
func (s *statement) claimScore(moment football.Moment, text []byte) *football.Refusal {
	var score openFootballScore
	if err := json.Unmarshal(text, &score); err != nil {
		return newRefusal(football.RefusedMalformed, "score", "%v", err)
	}
	goals, field := score.FullTime, "score.ft"
	if moment == football.MomentHalfTime {
		goals, field = score.HalfTime, "score.ht"
	}
	if len(goals) != 2 {
		return newRefusal(football.RefusedMalformed, field, "%d numbers instead of two", len(goals))
	}
	if bad := possibleScore(goals[0], goals[1]); bad != nil {
		bad.Field = field
		return bad
	}
	if moment == football.MomentHalfTime {
		s.claims = []football.EventBody{football.PeriodEnded{Period: 1, HomeGoals: goals[0], AwayGoals: goals[1]}}
		return nil
	}
	s.claims = []football.EventBody{football.FullTime{
		HomeGoals: goals[0], AwayGoals: goals[1], Home: football.NoCounts(), Away: football.NoCounts(),
	}}
	return nil
}
