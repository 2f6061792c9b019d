package normalize

import (
	"encoding/json"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// named is StatsBomb's pair of id and name, of which the name is read.
type named struct {
	Name string `json:"name"`
}

// statsBombEvent is an event of StatsBomb's format 1.1, as far as the stage reads it.
type statsBombEvent struct {
	Type      named  `json:"type"`
	Period    int32  `json:"period"`
	Timestamp string `json:"timestamp"` // since the period began
	Team      named  `json:"team"`
	Player    named  `json:"player"`
	Tactics   struct {
		LineUp []struct {
			Player named `json:"player"`
		} `json:"lineup"`
	} `json:"tactics"`
	Shot struct {
		XG      *float64 `json:"statsbomb_xg"`
		Outcome named    `json:"outcome"`
		Type    named    `json:"type"`
	} `json:"shot"`
	Substitution struct {
		Replacement named `json:"replacement"`
	} `json:"substitution"`
	FoulCommitted struct {
		Card named `json:"card"`
	} `json:"foul_committed"`
	BadBehaviour struct {
		Card named `json:"card"`
	} `json:"bad_behaviour"`
}

// statsBombMatch is a match of StatsBomb's files of matches, as far as the stage reads it.
type statsBombMatch struct {
	ID   json.Number `json:"match_id"`
	Home struct {
		Name string `json:"home_team_name"`
	} `json:"home_team"`
	Away struct {
		Name string `json:"away_team_name"`
	} `json:"away_team"`
	HomeScore *int32 `json:"home_score"`
	AwayScore *int32 `json:"away_score"`
}

// readStatsBomb reads one event, or a match: at the moment "scheduled" a match object or the array of the two Starting
// XI events, home side first, of which only the teams' names are looked at. A match without events has a match object
// at its other moments too.
func readStatsBomb(raw *football.RawEvent) (statement, *football.Refusal) {
	parsed := statement{moment: raw.Moment}
	if raw.Moment != football.MomentEvent {
		var m statsBombMatch
		if json.Unmarshal(raw.Payload, &m) == nil && m.ID != "" {
			return readStatsBombMatch(raw, &m)
		}
	}
	if raw.Moment == football.MomentScheduled {
		var teams []struct {
			Team named `json:"team"`
		}
		if err := json.Unmarshal(raw.Payload, &teams); err != nil {
			return parsed, newRefusal(football.RefusedMalformed, "payload", "%v", err)
		}
		if len(teams) != 2 || teams[0].Team.Name == "" || teams[1].Team.Name == "" {
			return parsed, newRefusal(football.RefusedMalformed, "team", "the payload does not name two teams")
		}
		parsed.home, parsed.away = teams[0].Team.Name, teams[1].Team.Name
		parsed.claims = []football.EventBody{scheduledFixture(raw)}
		return parsed, nil
	}
	var e statsBombEvent
	if err := json.Unmarshal(raw.Payload, &e); err != nil {
		return parsed, newRefusal(football.RefusedMalformed, "payload", "%v", err)
	}
	clock, bad := e.matchClock()
	if bad != nil {
		return parsed, bad
	}
	if raw.Moment == football.MomentClosing {
		return parsed, wrongMoment(raw)
	}
	claim, bad := e.claimOfType(raw.Moment, clock)
	if bad != nil {
		return parsed, bad
	}
	parsed.claims = []football.EventBody{claim}
	switch claim.(type) {
	case football.LineUp, football.Goal, football.Card, football.Shot, football.Substitution:
		if parsed.team = e.Team.Name; parsed.team == "" {
			return parsed, newRefusal(football.RefusedMalformed, "team", "the event names no team")
		}
	default: // of no side
	}
	return parsed, nil
}

// readStatsBombMatch reads a match object. Its score is with extra time, without penalties.
func readStatsBombMatch(raw *football.RawEvent, m *statsBombMatch) (statement, *football.Refusal) {
	parsed := statement{moment: raw.Moment, home: m.Home.Name, away: m.Away.Name}
	if parsed.home == "" || parsed.away == "" {
		return parsed, newRefusal(football.RefusedMalformed, "home_team", "the match does not name two teams")
	}
	switch raw.Moment {
	case football.MomentScheduled:
		parsed.claims = []football.EventBody{scheduledFixture(raw)}
	case football.MomentKickOff:
		parsed.claims = []football.EventBody{football.KickOff{}}
	case football.MomentFullTime:
		if m.HomeScore == nil || m.AwayScore == nil {
			return parsed, newRefusal(football.RefusedMalformed, "home_score", "the match has no result")
		}
		parsed.claims = []football.EventBody{football.FullTime{
			HomeGoals: *m.HomeScore, AwayGoals: *m.AwayScore, Home: football.NoCounts(), Away: football.NoCounts(),
		}}
	case football.MomentUnreadable:
	case football.MomentHalfTime, football.MomentClosing, football.MomentTick, football.MomentModels,
		football.MomentEvent:
		return parsed, wrongMoment(raw)
	}
	return parsed, nil
}

// claimOfType returns the claim of the event's type. Scores are not in the feed: the goals that count are added up.
func (e *statsBombEvent) claimOfType(moment football.Moment, clock football.Clock) (football.EventBody,
	*football.Refusal) {
	switch e.Type.Name {
	case "Starting XI":
		players := make([]string, len(e.Tactics.LineUp))
		for i, p := range e.Tactics.LineUp {
			players[i] = p.Player.Name
		}
		return football.LineUp{Players: players}, nil
	case "Half Start":
		if e.Period == 1 {
			return football.KickOff{}, nil
		}
		return football.PeriodStarted{Period: e.Period}, nil
	case "Half End":
		if moment == football.MomentFullTime {
			return football.FullTime{HomeGoals: counted, AwayGoals: counted, Home: football.NoCounts(),
				Away: football.NoCounts()}, nil
		}
		return football.PeriodEnded{Period: e.Period, Elapsed: clock.Elapsed, HomeGoals: counted, AwayGoals: counted},
			nil
	case "Shot":
		return e.shotClaim(clock), nil
	case "Own Goal For":
		return football.Goal{Clock: clock, Player: e.Player.Name, OwnGoal: true}, nil
	case "Substitution":
		return football.Substitution{Clock: clock, Off: e.Player.Name, On: e.Substitution.Replacement.Name}, nil
	case "Foul Committed", "Bad Behaviour":
		return e.cardClaim(clock)
	default:
		return nil, newRefusal(football.RefusedMalformed, "type", "an event of the type %q has no meaning here",
			e.Type.Name)
	}
}

func (e *statsBombEvent) shotClaim(clock football.Clock) football.EventBody {
	outcome := e.Shot.Outcome.Name
	if outcome == "Goal" {
		goal := football.Goal{Clock: clock, Player: e.Player.Name, Penalty: e.Shot.Type.Name == "Penalty"}
		if e.Shot.XG != nil {
			goal.XG = max(*e.Shot.XG, 0)
		}
		return goal
	}
	shot := football.Shot{Clock: clock, Player: e.Player.Name, XG: -1, OnTarget: outcome == "Saved" ||
		outcome == "Saved to Post"}
	if e.Shot.XG != nil {
		shot.XG = *e.Shot.XG
	}
	return shot
}

func (e *statsBombEvent) cardClaim(clock football.Clock) (football.EventBody, *football.Refusal) {
	name := e.FoulCommitted.Card.Name
	if name == "" {
		name = e.BadBehaviour.Card.Name
	}
	colours := [...]struct {
		name   string
		colour football.Colour
	}{{"Yellow Card", football.Yellow}, {"Second Yellow", football.SecondYellow}, {"Red Card", football.Red}}
	for _, c := range colours {
		if c.name == name {
			return football.Card{Clock: clock, Colour: c.colour, Player: e.Player.Name}, nil
		}
	}
	return nil, newRefusal(football.RefusedMalformed, "card", "%q is no card", name)
}

// matchClock reads the period and "00:45:59.920".
func (e *statsBombEvent) matchClock() (football.Clock, *football.Refusal) {
	if e.Period < football.PeriodFirstHalf || e.Period > football.PeriodPenalties {
		return football.Clock{}, newRefusal(football.RefusedImpossible, "period", "there is no period %d", e.Period)
	}
	t, err := time.Parse("15:04:05", e.Timestamp)
	if err != nil {
		return football.Clock{}, newRefusal(football.RefusedMalformed, "timestamp", "%q is no time of day", e.Timestamp)
	}
	return football.Clock{Period: e.Period, Elapsed: int32(t.Hour()*3600 + t.Minute()*60 + t.Second())}, nil
}
