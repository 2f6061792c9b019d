package openfootball

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/footballjson"
	"github.com/touchline/touchline/streams/source"
)

// When periods begin, from kick-off, in a match of usual length, and the latest instant of a goal in each.
var periods = [...]struct {
	starts, ends time.Duration
}{
	football.PeriodFirstHalf:   {0, source.HalfTimeAfter - time.Second},
	football.PeriodSecondHalf:  {62 * time.Minute, source.FullTimeAfter - time.Second},
	football.PeriodExtraFirst:  {118 * time.Minute, 135 * time.Minute},
	football.PeriodExtraSecond: {137 * time.Minute, source.ExtraTimeAfter - time.Second},
}

// playEvents returns the goals as events of play, and the starts of the periods after the first. Where the goals do not
// add up to the score there are none: a score in play that the result takes back is worse than none.
func playEvents(goals []footballjson.Goal, score footballjson.Score, final [2]int32) []source.PlayEvent {
	if !goalsAddUp(goals, football.PeriodExtraSecond, &final) ||
		!goalsAddUp(goals, football.PeriodFirstHalf, score.HalfTime) ||
		!goalsAddUp(goals, football.PeriodSecondHalf, score.FullTime) {
		return nil
	}
	if len(goals) == 0 {
		return nil // nothing shows that the file knows minutes
	}
	last := football.PeriodSecondHalf
	if score.ExtraTime != nil {
		last = football.PeriodExtraSecond
	}
	var events []source.PlayEvent
	period := football.PeriodFirstHalf
	begin := func(upTo int32) {
		for period < upTo {
			period++
			events = append(events, source.PlayEvent{
				Name: fmt.Sprintf("period-%d", period), After: periods[period].starts,
				Payload: fmt.Appendf(nil, `{"period":%d}`, period),
			})
		}
	}
	for i, g := range goals {
		at := g.Clock()
		begin(at.Period)
		after := periods[at.Period].starts + time.Duration(at.Elapsed)*time.Second + 30*time.Second
		payload, err := json.Marshal(struct {
			Side football.Side   `json:"side"`
			Goal json.RawMessage `json:"goal"`
		}{g.Side, g.Text})
		if err != nil {
			return nil // it was decoded from JSON
		}
		events = append(events, source.PlayEvent{
			Name: fmt.Sprintf("goal-%d", i+1), After: min(after, periods[at.Period].ends), Payload: payload,
		})
	}
	begin(last)
	return events
}

// goalsAddUp reports whether the goals up to the end of a period are the score then; a score that is not known agrees.
func goalsAddUp(goals []footballjson.Goal, period int32, score *[2]int32) bool {
	if score == nil {
		return true
	}
	var sum [2]int32
	for _, g := range goals {
		switch {
		case g.Clock().Period > period:
		case g.Side == football.Home:
			sum[0]++
		default:
			sum[1]++
		}
	}
	return sum == *score
}
