package statsbomb_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/footballtest"
	"github.com/touchline/touchline/streams/source/sourcetest"
	"github.com/touchline/touchline/streams/source/statsbomb"
)

func write(t testing.TB, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// read returns a line for each event, ticks apart.
func read(t testing.TB, dir string) (lines []string, ticks int) {
	t.Helper()
	for _, feed := range sourcetest.Open(t, statsbomb.New(football.DefaultReference(), dir)) {
		sourcetest.Drain(t, feed, func(raw *football.RawEvent) {
			if raw.Moment == football.MomentTick {
				ticks++
				return
			}
			lines = append(lines, fmt.Sprintf("%s %s %s %s %s %s", raw.At, raw.Moment, raw.SourceMatchID,
				raw.SourceEventID, raw.Competition, raw.Season))
		})
	}
	return lines, ticks
}

func event(index, period int, timestamp, kind, team, more string) string {
	return fmt.Sprintf(`{"id":"e%d","index":%d,"period":%d,"timestamp":%q,"type":{"name":%q},"team":{"name":%q}%s}`,
		index, index, period, timestamp, kind, team, more)
}

func match(events ...string) string { return "[" + strings.Join(events, ",") + "]" }

var liverpool = match(
	event(1, 1, "00:00:00.000", "Starting XI", "Liverpool", ""),
	event(2, 1, "00:00:00.000", "Starting XI", "Stoke City", ""),
	event(3, 1, "00:00:00.000", "Half Start", "Stoke City", ""),
	event(4, 1, "00:00:01.000", "Pass", "Stoke City", ""),
	event(6, 1, "00:02:00.000", "Shot", "Stoke City", ""), // out of the order of the index
	event(5, 1, "00:03:00.000", "Foul Committed", "Stoke City", `,"foul_committed":{"card":{"name":"Yellow Card"}}`),
	event(7, 1, "00:04:00.000", "Foul Committed", "Stoke City", ""),
	event(8, 1, "00:46:00.000", "Half End", "Liverpool", ""),
	event(9, 2, "00:00:00.000", "Half Start", "Liverpool", ""),
	event(10, 2, "later", "Shot", "Liverpool", ""),
	event(11, 2, "00:48:00.500", "Half End", "Liverpool", ""),
)

func TestAMatchIsPublishedAsItWasPlayed(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "matches_index.csv", "match_id,competition,date\n7,PL 2015-16,2016-04-10\n")
	write(t, dir, "events/7.json", liverpool)
	got, ticks := read(t, dir)
	want := []string{
		"2016-03-27T14:00:00Z scheduled 7 7 E0 2015-16",
		"2016-04-10T13:00:00Z event 7 e1 E0 2015-16",
		"2016-04-10T13:00:00Z event 7 e2 E0 2015-16",
		"2016-04-10T14:00:00Z kick-off 7 e3 E0 2015-16",
		"2016-04-10T14:03:00Z event 7 e5 E0 2015-16",
		"2016-04-10T14:02:00Z event 7 e6 E0 2015-16",
		"2016-04-10T14:46:00Z half-time 7 e8 E0 2015-16",
		"2016-04-10T15:01:00Z event 7 e9 E0 2015-16",
		"2016-04-10T15:01:00Z unreadable 7 7:10 E0 2015-16",
		"2016-04-10T15:49:00Z full-time 7 e11 E0 2015-16",
	}
	if len(got) != len(want) {
		t.Fatalf("got\n%s", strings.Join(got, "\n"))
	}
	seen := strings.Join(got, "\n")
	for _, line := range want {
		if !strings.Contains(seen, line) {
			t.Errorf("no %s in\n%s", line, seen)
		}
	}
	if want := 14 + 109; ticks != want { // midnights, and minutes from 14:01 to 15:49
		t.Errorf("got %d ticks, want %d", ticks, want)
	}
}

func TestMatchesWithoutADateArePutOnSaturdays(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "8.json", liverpool)
	write(t, dir, "11.json", strings.ReplaceAll(liverpool, "Stoke City", "Arsenal"))
	got, _ := read(t, dir)
	seen := strings.Join(got, "\n")
	for _, want := range []string{"2015-08-15T15:00:00Z kick-off 8 e3 E0 2015-16",
		"2015-08-22T15:00:00Z kick-off 11 e3 E0 2015-16"} {
		if !strings.Contains(seen, want) {
			t.Errorf("no %s in\n%s", want, seen)
		}
	}
}

func TestATornFileIsPublishedAsFarAsItGoes(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "matches_index.csv",
		"match_id,competition,date\n7,PL 2015-16,2016-04-10\n9,PL 2015-16,\n10,PL,2016-04-10\n")
	write(t, dir, "7.json", liverpool[:len(liverpool)/2])
	write(t, dir, "9.json", "")
	write(t, dir, "10.json", "[7, {}]")
	got, _ := read(t, dir)
	seen := strings.Join(got, "\n")
	for _, want := range []string{"kick-off 7 e3", "unreadable 7 7:rest", "unreadable 10 10:1",
		"unreadable 10 10:2"} {
		if !strings.Contains(seen, want) {
			t.Errorf("no %s in\n%s", want, seen)
		}
	}
}

func TestWhatStopsTheSourceIsNamed(t *testing.T) {
	ref := football.DefaultReference()
	dir := t.TempDir()
	write(t, dir, "7.json", strings.ReplaceAll(liverpool, "Liverpool", "Gotham"))
	if _, err := statsbomb.New(ref, dir).Open(t.Context()); err == nil || !strings.Contains(err.Error(), "Gotham") ||
		!strings.Contains(err.Error(), "7.json") {
		t.Errorf("got error %v", err)
	}
	write(t, dir, "8.json", "\x1f\x8b")
	if _, err := statsbomb.New(ref, filepath.Join(dir, "8.json")).Open(t.Context()); err == nil ||
		!strings.Contains(err.Error(), "8.json") {
		t.Errorf("got error %v", err)
	}
	if _, err := statsbomb.New(ref, "/no/such/place").Open(t.Context()); err == nil {
		t.Error("a missing place is no error")
	}
	if name := statsbomb.New(ref).Name(); name != "statsbomb" {
		t.Errorf("got name %s", name)
	}
}

// TestOpenDataIsReadAsItIs reads the layout of the public repository: files of matches date the files of events.
func TestOpenDataIsReadAsItIs(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "competitions.json", `[{"competition_id":2,"competition_gender":"male"},
		{"competition_id":37,"competition_gender":"female","competition_name":"Super League"}]`)
	write(t, dir, "matches/37/90.json", `[{"match_id":11,"match_date":"2021-02-07","kick_off":"15:00:00.000",
		"competition":{"competition_id":37,"country_name":"England","competition_name":"Super League"},
		"season":{"season_name":"2020/2021"},"home_team":{"home_team_name":"Chelsea FCW"},
		"away_team":{"away_team_name":"Brighton & Hove Albion WFC"},"home_score":1,"away_score":2}]`)
	write(t, dir, "matches/2/27.json", `[{"match_id":7,"match_date":"2016-04-10","kick_off":"16:00:00.000",
		"competition":{"country_name":"England","competition_name":"Premier League"},"season":{"season_name":"2015/2016"},
		"home_team":{"home_team_name":"Liverpool"},"away_team":{"away_team_name":"Stoke City"},"home_score":4,"away_score":1}]`)
	write(t, dir, "matches/72/107.json", `[{"match_id":9,"match_date":"2023-07-20","kick_off":"09:00:00.000",
		"competition":{"country_name":"International","competition_name":"Women's World Cup"},"season":{"season_name":"2023"},
		"home_team":{"home_team_name":"New Zealand Women's","home_team_gender":"female"},
		"away_team":{"away_team_name":"Norway Women's"},"home_score":1,"away_score":0}]`)
	write(t, dir, "events/7.json", liverpool)
	write(t, dir, "lineups/7.json", `[{"team_id":1}]`)
	write(t, dir, "three-sixty/7.json", `[{"event_uuid":"a"}]`)
	got, _ := read(t, dir)
	seen := strings.Join(got, "\n")
	for _, want := range []string{
		"2016-03-27T15:00:00Z scheduled 7 7 E0 2015-16", "2016-04-10T15:00:00Z kick-off 7 e3 E0 2015-16",
		"full-time WWC/2023/New Zealand Women's/Norway Women's",
		"2021-02-07T16:55:00Z full-time WSL/2020-21/Chelsea FCW/Brighton & Hove Albion WFC",
	} {
		if !strings.Contains(seen, want) {
			t.Errorf("no %s in\n%s", want, seen)
		}
	}
}

func FuzzFile(f *testing.F) {
	f.Add([]byte(liverpool))
	f.Add([]byte(`[{"id":"a","period":1,"timestamp":"00:00:00"},7`))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		write(t, dir, "matches_index.csv", "match_id,competition,date\n7,PL 2015-16,2016-04-10\n")
		write(t, dir, "7.json", string(data))
		feeds, err := statsbomb.New(football.DefaultReference(), dir).Open(t.Context())
		if err != nil {
			return // a packed file that is torn
		}
		fold := sourcetest.NewFold()
		for _, feed := range feeds {
			sourcetest.Drain(t, feed, func(raw *football.RawEvent) {
				if len(fold.Step(raw)) == 0 {
					t.Errorf("%s came to nothing", raw.SourceEventID)
				}
			})
		}
	})
}

// TestEveryScoreIsTheIndexs folds all matches and compares half-time and full-time scores, red cards and shots with the
// index, which was checked against the results.
func TestEveryScoreIsTheIndexs(t *testing.T) {
	dir := filepath.Join(footballtest.Data(t), "statsbomb")
	fold := sourcetest.NewFold()
	type tally struct {
		half, full  string
		reds, shots int
		unrated     int // shots, goals among them, without expected goals
	}
	got := map[string]*tally{}
	for _, feed := range sourcetest.Open(t, statsbomb.New(football.DefaultReference(), dir)) {
		sourcetest.Drain(t, feed, func(raw *football.RawEvent) {
			if got[raw.SourceMatchID] == nil {
				got[raw.SourceMatchID] = &tally{}
			}
			m := got[raw.SourceMatchID]
			for _, out := range fold.Step(raw) {
				if refusal, ok := out.(*football.Refusal); ok {
					t.Errorf("%s: %s", raw.SourceEventID, refusal.Detail)
				}
				e, ok := out.(*football.MatchEvent)
				if !ok {
					continue
				}
				switch body := e.Body.(type) {
				case football.PeriodEnded:
					m.half = fmt.Sprintf("%d-%d", body.HomeGoals, body.AwayGoals)
				case football.FullTime:
					m.full = fmt.Sprintf("%d-%d", body.HomeGoals, body.AwayGoals)
				case football.Card:
					if body.Colour.SendsOff() {
						m.reds++
					}
				case football.Shot:
					m.shots++
					if body.XG <= 0 {
						m.unrated++
					}
				case football.Goal:
					if !body.OwnGoal {
						m.shots++
					}
					if body.OwnGoal != (body.XG == 0) {
						m.unrated++
					}
				}
			}
		})
	}
	f, err := os.Open(filepath.Join(dir, "matches_index.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines[1:] {
		want := tally{half: l[9] + "-" + l[10], full: l[7] + "-" + l[8]}
		fmt.Sscan(l[11], &want.reds)
		fmt.Sscan(l[12], &want.shots)
		if m := got[l[0]]; m == nil || *m != want {
			t.Errorf("match %s (%s - %s): got %+v, want %+v", l[0], l[3], l[4], m, want)
		}
	}
}
