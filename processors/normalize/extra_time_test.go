package normalize_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/touchline/touchline/processors/match"
	"github.com/touchline/touchline/schemas/football"
)

// statsBombResults stands for a match of StatsBomb's without events.
const statsBombResults = "statsbomb, no events"

// playedOut returns the raw events of a final as a source has it: 2-2 after 90 minutes, 3-3 after extra time, and won
// by the side named first on penalties.
func playedOut(t *testing.T, source string) []*football.RawEvent {
	t.Helper()
	kickoff := instant(t, "2022-12-18T15:00Z")
	raw := football.RawEvent{Pool: "international", Competition: "WC", Season: "2022", Source: source,
		SourceMatchID: "final"}
	switch source {
	case football.SourceOpenFootball:
		raw.Payload = []byte(`{"team1":"Argentina","team2":"France","score":{"ft":[2,2],"et":[3,3],"p":[4,2]}}`)
	case football.SourceInternational:
		raw.Payload = []byte("date,home_team,away_team,home_score,away_score,neutral\n" +
			"2022-12-18,Argentina,France,3,3,TRUE")
		winner := raw
		winner.Moment, winner.SourceEventID = football.MomentFullTime, "shootout"
		winner.At = kickoff.Add(115 * time.Minute)
		winner.Payload = []byte("date,home_team,away_team,winner\n2022-12-18,Argentina,France,Argentina")
		return append(rowEvents(raw, kickoff, "scheduled,kick-off,full-time"), &winner)
	default:
		raw.Source = football.SourceStatsBomb
		raw.Payload = []byte(`{"match_id":1,"home_team":{"home_team_name":"Argentina"},` +
			`"away_team":{"away_team_name":"France"},"home_score":3,"away_score":3}`)
		if source == football.SourceStatsBomb {
			return append(rowEvents(raw, kickoff, "scheduled,kick-off"), playedEvents(raw, kickoff)...)
		}
	}
	return rowEvents(raw, kickoff, "scheduled,kick-off,full-time")
}

// playedEvents returns the match as StatsBomb's events: the goals of each period, and of the shoot-out the misses too.
func playedEvents(raw football.RawEvent, kickoff football.Instant) []*football.RawEvent {
	var raws []*football.RawEvent
	add := func(moment football.Moment, period int, kind, team, outcome string) {
		e := raw
		e.Moment, e.SourceEventID = moment, fmt.Sprintf("event-%d", len(raws))
		e.At = kickoff.Add(time.Duration(period-1) * 50 * time.Minute)
		e.Payload = fmt.Appendf(nil, `{"type":{"name":%q},"period":%d,"timestamp":"00:10:00.000","team":{"name":%q},`+
			`"shot":{"outcome":{"name":%q}}}`, kind, period, team, outcome)
		raws = append(raws, &e)
	}
	for _, period := range []struct {
		number int
		goals  string // by the first letter of the side; m: France misses
	}{{2, "AAFF"}, {3, "A"}, {4, "F"}, {5, "AFAFAmAm"}} {
		for _, shot := range period.goals {
			switch shot {
			case 'A':
				add(football.MomentEvent, period.number, "Shot", "Argentina", "Goal")
			case 'F':
				add(football.MomentEvent, period.number, "Shot", "France", "Goal")
			default:
				add(football.MomentEvent, period.number, "Shot", "France", "Saved")
			}
		}
		end := football.MomentEvent
		if period.number == 5 {
			end = football.MomentFullTime
		}
		add(end, period.number, "Half End", "France", "")
	}
	return raws
}

// TestAResultAfterExtraTimeMeansOneThing: the score has the goals of extra time and not the kicks of the shoot-out,
// whatever source it comes from; the score after 90 minutes is known where a source has it.
func TestAResultAfterExtraTimeMeansOneThing(t *testing.T) {
	for source, want := range map[string]string{
		football.SourceOpenFootball:  "3-3, 2-2 after 90 minutes, won by home",
		football.SourceStatsBomb:     "3-3, 2-2 after 90 minutes, won by home",
		football.SourceInternational: "3-3, 3-3 after 90 minutes, won by home",
		statsBombResults:             "3-3, 3-3 after 90 minutes, won by ",
	} {
		w, state := newWorld(), match.State{}
		for _, raw := range playedOut(t, source) {
			for _, output := range w.step(raw) {
				if e, ok := output.(*football.MatchEvent); ok {
					state = state.Apply(e)
				} else if _, dropped := output.(*football.Dropped); !dropped {
					t.Errorf("%s: %s", source, describe(output))
				}
			}
		}
		live := state.Live()
		home, away := live.Regular()
		got := fmt.Sprintf("%d-%d, %d-%d after 90 minutes, won by %s", live.HomeGoals, live.AwayGoals, home, away,
			live.ShootoutWinner)
		if got != want || live.Phase != football.Settled {
			t.Errorf("%s: got %s, %s; want it settled, %s", source, got, live.Phase, want)
		}
	}
}
