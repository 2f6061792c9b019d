package normalize

import (
	"encoding/json"

	"github.com/touchline/touchline/schemas/football"
)

// simulated is a payload of the simulator: one message of a live feed, or (type "result") a result row. Its twin, the
// message of streams/source/simulator, lists the fields of each type.
type simulated struct {
	Type     string           `json:"type"`
	Home     string           `json:"home"`
	Away     string           `json:"away"`
	Kickoff  football.Instant `json:"kickoff"`
	Odds     []football.Quote `json:"odds"`
	Closing  []football.Quote `json:"closing"`
	HalfTime *[2]int32        `json:"half_time"`
	FullTime *[2]int32        `json:"full_time"`
	Counts   *[2]counts       `json:"counts"`
	Tie      football.Tie     `json:"tie"` // its first leg by the simulator's name
	Score    *[2]int32        `json:"score"`

	Neutral  bool            `json:"neutral"`
	Side     football.Side   `json:"side"`
	Clock    football.Clock  `json:"clock"`
	Player   string          `json:"player"`
	On       string          `json:"on"`
	Players  []string        `json:"players"`
	Colour   football.Colour `json:"colour"`
	OwnGoal  bool            `json:"own_goal"`
	Penalty  bool            `json:"penalty"`
	OnTarget bool            `json:"on_target"`
	XG       float64         `json:"xg"`
	Corrects string          `json:"corrects"`
	Reason   string          `json:"reason"`
}

type counts = football.SideCounts

// readSimulator reads one message.
func readSimulator(raw *football.RawEvent) (statement, *football.Refusal) {
	parsed := statement{moment: raw.Moment}
	var m simulated
	if err := json.Unmarshal(raw.Payload, &m); err != nil {
		return parsed, newRefusal(football.RefusedMalformed, "payload", "%v", err)
	}
	parsed.home, parsed.away = m.Home, m.Away
	switch raw.Moment {
	case football.MomentScheduled:
		if m.Kickoff <= 0 {
			return parsed, newRefusal(football.RefusedMalformed, "kickoff", "the fixture has no kick-off")
		}
		parsed.claims = append(parsed.claims, football.FixtureScheduled{Kickoff: m.Kickoff, Neutral: m.Neutral,
			Tie: m.Tie})
		parsed.simulatedOdds(football.OddsEarly, m.Odds)
	case football.MomentClosing:
		if parsed.simulatedOdds(football.OddsClosing, m.Closing); len(parsed.claims)+len(parsed.refused) == 0 {
			return parsed, newRefusal(football.RefusedMalformed, "closing", "the message has no closing odds")
		}
	case football.MomentKickOff:
		parsed.claims = append(parsed.claims, football.KickOff{})
	case football.MomentHalfTime:
		if m.HalfTime == nil {
			return parsed, newRefusal(football.RefusedMalformed, "half_time", "the message has no half-time score")
		}
		parsed.claims = append(parsed.claims, football.PeriodEnded{Period: 1, Elapsed: m.Clock.Elapsed,
			HomeGoals: m.HalfTime[0], AwayGoals: m.HalfTime[1]})
		return parsed, possibleScore(m.HalfTime[0], m.HalfTime[1])
	case football.MomentFullTime:
		return parsed, parsed.simulatedResult(&m)
	case football.MomentEvent:
		return parsed, parsed.simulatedEvent(&m)
	case football.MomentUnreadable:
	case football.MomentTick, football.MomentModels:
		return parsed, wrongMoment(raw)
	}
	return parsed, nil
}

// simulatedEvent reads a message of the live feed.
func (s *statement) simulatedEvent(m *simulated) *football.Refusal {
	var claim football.EventBody
	switch m.Type {
	case "correction":
		if m.Corrects == "" {
			return newRefusal(football.RefusedMalformed, "corrects", "the correction does not name what it corrects")
		}
		s.corrects, s.reason = m.Corrects, m.Reason
		return nil
	case "postponed":
		s.claims = []football.EventBody{football.FixtureScheduled{}}
		return nil
	case "second-half":
		s.claims = []football.EventBody{football.PeriodStarted{Period: 2}}
		return nil
	case "period-start":
		s.claims = []football.EventBody{football.PeriodStarted{Period: m.Clock.Period}}
		return nil
	case "period-end":
		return s.simulatedEnd(m)
	case "line-up":
		claim = football.LineUp{Side: m.Side, Players: m.Players}
	case "goal":
		claim = football.Goal{Side: m.Side, Clock: m.Clock, Player: m.Player, OwnGoal: m.OwnGoal, Penalty: m.Penalty}
	case "card":
		if m.Colour != football.Yellow && m.Colour != football.SecondYellow && m.Colour != football.Red {
			return newRefusal(football.RefusedMalformed, "colour", "%q is no colour of a card", m.Colour)
		}
		claim = football.Card{Side: m.Side, Clock: m.Clock, Colour: m.Colour, Player: m.Player}
	case "shot":
		claim = football.Shot{Side: m.Side, Clock: m.Clock, Player: m.Player, OnTarget: m.OnTarget, XG: m.XG}
	case "substitution":
		claim = football.Substitution{Side: m.Side, Clock: m.Clock, Off: m.Player, On: m.On}
	default:
		return newRefusal(football.RefusedMalformed, "type", "no message is of the type %q", m.Type)
	}
	if m.Side != football.Home && m.Side != football.Away {
		return newRefusal(football.RefusedMalformed, "side", "%q is no side", m.Side)
	}
	s.claims = []football.EventBody{claim}
	return nil
}

// simulatedEnd reads the end of a period; that of the shoot-out names the side that won it.
func (s *statement) simulatedEnd(m *simulated) *football.Refusal {
	switch {
	case m.Score == nil:
		return newRefusal(football.RefusedMalformed, "score", "the message has no score")
	case m.Clock.Period == football.PeriodPenalties && m.Side != football.Home && m.Side != football.Away:
		return newRefusal(football.RefusedMalformed, "side", "%q is no side", m.Side)
	}
	s.claims = []football.EventBody{football.PeriodEnded{
		Period: m.Clock.Period, Elapsed: m.Clock.Elapsed, HomeGoals: m.Score[0], AwayGoals: m.Score[1], Winner: m.Side,
	}}
	return possibleScore(m.Score[0], m.Score[1])
}

func (s *statement) simulatedResult(m *simulated) *football.Refusal {
	if m.FullTime == nil {
		return newRefusal(football.RefusedMalformed, "full_time", "the message has no full-time score")
	}
	result := football.FullTime{HomeGoals: m.FullTime[0], AwayGoals: m.FullTime[1], Home: football.NoCounts(),
		Away: football.NoCounts()}
	if m.Counts != nil {
		result.Home, result.Away = m.Counts[0], m.Counts[1]
	}
	s.claims = []football.EventBody{result}
	return possibleScore(result.HomeGoals, result.AwayGoals)
}

// simulatedOdds adds the quotes; one with impossible odds is refused by itself.
func (s *statement) simulatedOdds(stage football.OddsStage, quotes []football.Quote) {
	var good []football.Quote
	for _, q := range quotes {
		bad := false
		for _, odds := range [...]float64{q.Home, q.Draw, q.Away, q.Over25, q.Under25} {
			bad = bad || odds != 0 && !possibleOdds(odds)
		}
		if !bad {
			good = append(good, q)
			continue
		}
		refused := newRefusal(football.RefusedImpossible, "odds", "%s offers %v, %v, %v", q.Bookmaker, q.Home, q.Draw,
			q.Away)
		refused.Original, _ = json.Marshal(q) // numbers and a string: it can't fail
		s.refused = append(s.refused, refused)
	}
	if len(good) > 0 {
		s.claims = append(s.claims, football.OddsQuoted{Stage: stage, Quotes: good})
	}
}
