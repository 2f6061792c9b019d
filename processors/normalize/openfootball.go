package normalize

import (
	"encoding/json"
	"errors"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/footballjson"
)

// readOpenFootball reads one match object of openfootball's, or at the moment "event" what happened in play: a goal
// with its side, or the period that begins. The source has no odds.
func readOpenFootball(raw *football.RawEvent) (statement, *football.Refusal) {
	parsed := statement{moment: raw.Moment}
	if raw.Moment == football.MomentEvent {
		return parsed, parsed.claimPlay(raw)
	}
	m, err := footballjson.Parse(raw.Payload)
	if err != nil {
		return parsed, newRefusal(football.RefusedMalformed, "payload", "%v", err)
	}
	parsed.home, parsed.away = m.Home, m.Away
	if parsed.home == "" || parsed.away == "" {
		return parsed, newRefusal(football.RefusedMalformed, "team1", "the match is between %q and %q", parsed.home,
			parsed.away)
	}
	switch raw.Moment {
	case football.MomentScheduled:
		parsed.claims = []football.EventBody{scheduledFixture(raw)}
	case football.MomentKickOff:
		parsed.claims = []football.EventBody{football.KickOff{}}
	case football.MomentHalfTime:
		return parsed, parsed.claimHalfTime(m)
	case football.MomentFullTime:
		return parsed, parsed.claimScore(m)
	case football.MomentUnreadable:
	case football.MomentClosing, football.MomentTick, football.MomentModels, football.MomentEvent:
		return parsed, wrongMoment(raw)
	}
	return parsed, nil
}

// scheduledFixture is the fixture of a result row, with what its collector knows of it beyond the row.
func scheduledFixture(raw *football.RawEvent) football.FixtureScheduled {
	fixture := football.FixtureScheduled{
		Kickoff: kickoffOf(raw), Neutral: contentParameter(raw.ContentType, "neutral") == "true",
	}
	if kind := football.TieKind(contentParameter(raw.ContentType, "tie")); kind != football.TieNone {
		fixture.Tie = football.Tie{
			Kind: kind, ExtraTime: true, FirstLeg: football.MatchID(contentParameter(raw.ContentType, "first-leg")),
		}
	}
	return fixture
}

// claimPlay reads {"side":"home","goal":{...}} or {"period":2}.
func (s *statement) claimPlay(raw *football.RawEvent) *football.Refusal {
	var m struct {
		Side   football.Side   `json:"side"`
		Goal   json.RawMessage `json:"goal"`
		Period int32           `json:"period"`
	}
	if err := json.Unmarshal(raw.Payload, &m); err != nil {
		return newRefusal(football.RefusedMalformed, "payload", "%v", err)
	}
	if m.Goal == nil {
		s.claims = []football.EventBody{football.PeriodStarted{Period: m.Period}}
		return nil
	}
	goal, ok := footballjson.ParseGoal(m.Goal)
	switch {
	case !ok:
		return newRefusal(football.RefusedMalformed, "goal", "%.80s is no goal with a minute", m.Goal)
	case m.Side != football.Home && m.Side != football.Away:
		return newRefusal(football.RefusedMalformed, "side", "%q is no side", m.Side)
	}
	s.claims = []football.EventBody{football.Goal{
		Side: m.Side, Clock: goal.Clock(), Player: goal.Player, OwnGoal: goal.OwnGoal, Penalty: goal.Penalty,
	}}
	return nil
}

// claimHalfTime reads the score at half-time. Nothing else of the score is looked at: it lies in the future.
func (s *statement) claimHalfTime(m *footballjson.Match) *football.Refusal {
	half, err := m.HalfTime()
	if err != nil {
		return malformedScore(err)
	}
	if half == nil {
		return newRefusal(football.RefusedMalformed, "score.ht", "the match has no half-time score")
	}
	if bad := possibleScore(half[0], half[1]); bad != nil {
		bad.Field = "score.ht"
		return bad
	}
	s.claims = []football.EventBody{football.PeriodEnded{
		Period: football.PeriodFirstHalf, HomeGoals: half[0], AwayGoals: half[1],
	}}
	return nil
}

// claimScore reads the result: with extra time, where there was any, and without the shoot-out. What the score was
// after 90 minutes comes before it, who won on penalties after it.
func (s *statement) claimScore(m *footballjson.Match) *football.Refusal {
	score, err := m.Score()
	if err != nil {
		return malformedScore(err)
	}
	final, settled := score.Final()
	if !settled {
		return newRefusal(football.RefusedMalformed, "score.ft", "the match has no result")
	}
	if bad := possibleScore(final[0], final[1]); bad != nil {
		bad.Field = "score.ft"
		return bad
	}
	if regular := score.FullTime; regular != nil && score.ExtraTime != nil {
		if regular[0] > final[0] || regular[1] > final[1] || regular[0] < 0 || regular[1] < 0 {
			return newRefusal(football.RefusedImpossible, "score.et",
				"the score %s after 90 minutes is above %s after extra time",
				formatScore(regular[0], regular[1]), formatScore(final[0], final[1]))
		}
		s.claims = append(s.claims,
			football.PeriodEnded{Period: football.PeriodSecondHalf, HomeGoals: regular[0], AwayGoals: regular[1]},
			football.PeriodEnded{Period: football.PeriodExtraSecond, HomeGoals: final[0], AwayGoals: final[1]},
		)
	}
	s.claims = append(s.claims, football.FullTime{
		HomeGoals: final[0], AwayGoals: final[1], Home: football.NoCounts(), Away: football.NoCounts(),
	})
	if kicks := score.Penalties; kicks != nil && kicks[0] != kicks[1] {
		winner := football.Home
		if kicks[1] > kicks[0] {
			winner = football.Away
		}
		s.claims = append(s.claims, football.PeriodEnded{
			Period: football.PeriodPenalties, HomeGoals: counted, AwayGoals: counted, Winner: winner,
		})
	}
	return nil
}

// malformedScore refuses a score that can't be read, with the member that is wrong.
func malformedScore(err error) *football.Refusal {
	var field *footballjson.FieldError
	if errors.As(err, &field) {
		return newRefusal(football.RefusedMalformed, field.Field, "%v", field.Err)
	}
	return newRefusal(football.RefusedMalformed, "score", "%v", err)
}
