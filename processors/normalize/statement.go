package normalize

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// schedulingAhead is how long before kick-off a result row counts as scheduled.
const schedulingAhead = 14 * 24 * time.Hour

// counted marks a score that the payload does not give: the goals that count are added up instead.
const counted = -1

// statement is the content of one payload at one moment, in canonical form.
type statement struct {
	home, away string // the teams, where the payload names them
	// the team that the claims are about, where the payload names it instead of the side
	team     string
	claims   []football.EventBody // in order
	moment   football.Moment
	corrects string // the source event id that is taken back
	reason   string // why
	refused  []*football.Refusal
}

// isLiveEvent reports whether the rule for late events applies to it.
func (s statement) isLiveEvent() bool { return s.moment == football.MomentEvent && s.corrects == "" }

// deliveryKey returns the identity of the delivery. A source may change a fixture or a
// result, which the same id with the same content is not.
func (s statement) deliveryKey(raw *football.RawEvent) int64 {
	content := ""
	scores := 0
	for _, claim := range s.claims {
		switch c := claim.(type) {
		case football.FixtureScheduled:
			content = strconv.FormatInt(int64(c.Kickoff), 36)
			if c.Tie.Kind != football.TieNone {
				content += fmt.Sprintf(" %v", c.Tie)
			}
		case football.PeriodEnded:
			if scores++; scores > 1 {
				content += " " + string(c.Winner) + " "
			} else {
				content = ""
			}
			content += formatScore(c.HomeGoals, c.AwayGoals)
		case football.FullTime:
			if scores++; scores > 1 {
				content += " "
			} else {
				content = ""
			}
			content += formatScore(c.HomeGoals, c.AwayGoals)
		default: // an event under the same id is the same event
		}
	}
	return hashKey(raw.Source, raw.SourceEventID, string(raw.Moment), content)
}

// kickoffOf returns the kick-off that the scheduling of a result row implies.
func kickoffOf(raw *football.RawEvent) football.Instant { return raw.At.Add(schedulingAhead) }

// withSide returns the body about the given side.
func withSide(body football.EventBody, side football.Side) football.EventBody {
	switch b := body.(type) {
	case football.LineUp:
		b.Side = side
		return b
	case football.Goal:
		b.Side = side
		return b
	case football.Card:
		b.Side = side
		return b
	case football.Shot:
		b.Side = side
		return b
	case football.Substitution:
		b.Side = side
		return b
	case football.PeriodEnded:
		b.Winner = side
		return b
	default:
		return body
	}
}

func formatScore(home, away int32) string {
	return strconv.Itoa(int(home)) + "-" + strconv.Itoa(int(away))
}

// oversized reports whether the collector cut the payload off.
func oversized(contentType string) bool { return strings.Contains(contentType, "oversized=") }
