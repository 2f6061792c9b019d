package normalize_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/touchline/touchline/schemas/football"
)

// drawnMatch is a match that two sources have.
type drawnMatch struct {
	home, away string
	kickoff    football.Instant
	score      [2]int32
}

// drawMatches draws matches of a few clubs at most four days apart, some of a pair on consecutive days.
func drawMatches(t *rapid.T) []drawnMatch {
	clubs := []string{"Arsenal", "Everton", "Stoke", "Chelsea"}
	at := football.At(time.Date(2015, time.August, 8, 15, 0, 0, 0, time.UTC))
	var matches []drawnMatch
	for range rapid.IntRange(1, 12).Draw(t, "matches") {
		home := rapid.IntRange(0, 3).Draw(t, "home")
		m := drawnMatch{
			home: clubs[home], away: clubs[(home+rapid.IntRange(1, 3).Draw(t, "away"))%4], kickoff: at,
			score: [2]int32{rapid.Int32Range(0, 4).Draw(t, "home goals"), rapid.Int32Range(0, 4).Draw(t, "away goals")},
		}
		matches = append(matches, m)
		if rapid.IntRange(0, 3).Draw(t, "again") == 0 {
			m.kickoff, m.score = at.Add(24*time.Hour), [2]int32{m.score[1], 1}
			matches = append(matches, m)
			at = m.kickoff
		}
		at = at.Add(time.Duration(rapid.IntRange(3, 4).Draw(t, "days")) * 24 * time.Hour)
	}
	return matches
}

// rowsFromSource returns the raw events of the matches as a source has them: its kick-offs are the same time off, and
// its season may have another name.
func rowsFromSource(
	source string, matches []drawnMatch, off time.Duration, season football.Season,
) []*football.RawEvent {
	var raws []*football.RawEvent
	for i, m := range matches {
		payload := fmt.Sprintf("HomeTeam,AwayTeam,FTHG,FTAG\n%s,%s,%d,%d", m.home, m.away, m.score[0], m.score[1])
		if source == "openfootball" {
			payload = fmt.Sprintf(`{"team1":%q,"team2":%q,"score":{"ft":[%d,%d]}}`, m.home, m.away, m.score[0],
				m.score[1])
		}
		raws = append(raws, rowEvents(football.RawEvent{
			Pool: "england", Competition: "E0", Season: season, Source: source,
			SourceMatchID: fmt.Sprintf("%s/%d", source, i), Payload: []byte(payload),
		}, m.kickoff.Add(off), "scheduled,kick-off,full-time")...)
	}
	return raws
}

// TestTwoSourcesOfOneSeasonAreOneHistory: whatever hours and names the sources have, there are as many matches as were
// played, each with one result, and nothing is refused.
func TestTwoSourcesOfOneSeasonAreOneHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		matches := drawMatches(t)
		off := time.Duration(rapid.IntRange(-11*60, 11*60).Draw(t, "minutes")) * time.Minute
		season := rapid.SampledFrom([]football.Season{"2015-16", "2015"}).Draw(t, "season")
		raws := append(rowsFromSource("football-data", matches, 0, "2015-16"),
			rowsFromSource("openfootball", matches, off, season)...)
		slices.SortStableFunc(raws, func(a, b *football.RawEvent) int { return cmp.Compare(a.At, b.At) })
		w := newWorld()
		results := map[football.MatchID]int{}
		got := map[string]int{}
		for _, raw := range raws {
			for _, output := range w.step(raw) {
				switch o := output.(type) {
				case *football.Refusal:
					t.Fatalf("%s at %s: refused %s: %s", raw.SourceEventID, raw.At, o.Reason, o.Detail)
				case *football.MatchEvent:
					if full, ok := o.Body.(football.FullTime); ok {
						results[o.Match]++
						got[fmt.Sprint(o.Home, o.Away, full.HomeGoals, full.AwayGoals)]++
					}
				}
			}
		}
		want := map[string]int{}
		for _, m := range matches {
			want[fmt.Sprint(football.TeamID(football.Slug(m.home)), football.TeamID(football.Slug(m.away)), m.score[0],
				m.score[1])]++
		}
		if len(results) != len(matches) || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("got %d matches with %v, want %d with %v", len(results), got, len(matches), want)
		}
	})
}
