package openfootball_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/footballtest"
	"github.com/touchline/touchline/streams/source"
	"github.com/touchline/touchline/streams/source/footballdata"
	"github.com/touchline/touchline/streams/source/openfootball"
	"github.com/touchline/touchline/streams/source/sourcetest"
)

func file(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// read returns a line for each event of the files, ticks apart.
func read(t testing.TB, places ...string) []string {
	t.Helper()
	var out []string
	for _, feed := range sourcetest.Open(t, openfootball.New(football.DefaultReference(), places...)) {
		sourcetest.Drain(t, feed, func(raw *football.RawEvent) {
			if raw.Moment != football.MomentTick {
				out = append(out, fmt.Sprintf("%s %s %s", raw.At, raw.SourceEventID, raw.Payload))
			}
		})
	}
	return out
}

func TestMatchesArePublishedOncePerMoment(t *testing.T) {
	played := `{"round":"Matchday 1","date":"2020-09-18","time":"20:30","team1":"FC Bayern München","team2":"FC Schalke 04","score":{"ht":[3,0],"ft":[8,0]}}`
	coming := `{"date":"2021-05-22","team1":{"name":"SC Freiburg"},"team2":{"name":"Hertha BSC"}}`
	undated := `{"date":"soon","team1":"SC Freiburg","team2":"Hertha BSC"}`
	nameless := `{"date":"2020-09-18","team1":7,"team2":"Hertha BSC"}`
	for name, text := range map[string]string{
		"2020-21_de.1.json": `{"name":"x","matches":[` + played + "," + coming + "," + undated + "," + nameless + `]}`,
		"bundesliga.json":   `{"extra":{"a":[1]},"name":"Deutsche Bundesliga 2020/21","rounds":[{"name":"1","matches":[` + played + `]},{"matches":[` + coming + "," + undated + "," + nameless + `]}]}`,
	} {
		path := file(t, name, text)
		want := []string{
			"2020-09-04T18:30:00Z D1/2020-21/FC Bayern München/FC Schalke 04#scheduled " + played, // local to Berlin
			"2020-09-18T18:30:00Z D1/2020-21/FC Bayern München/FC Schalke 04#kick-off " + played,
			"2020-09-18T19:17:00Z D1/2020-21/FC Bayern München/FC Schalke 04#half-time " + played,
			"2020-09-18T20:25:00Z D1/2020-21/FC Bayern München/FC Schalke 04#full-time " + played,
			"2021-05-08T13:00:00Z D1/2020-21/SC Freiburg/Hertha BSC#scheduled " + coming,
			"2021-05-22T13:00:00Z " + name + ":4#unreadable " + nameless, // where the match before it is
			"2021-05-22T13:00:00Z " + name + ":3#unreadable " + undated,
		}
		if got := read(t, path); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got\n%s", name, strings.Join(got, "\n"))
		}
	}
}

func TestWhatFollowsAMistakeIsUnreadable(t *testing.T) {
	const match = `{"date":"2020-09-18","team1":"SC Freiburg","team2":"Hertha BSC"}`
	for text, rest := range map[string]string{
		`{"matches":[` + match + `,{"date":`:           `{"date":`,
		`{"matches":[` + match + `,`:                   `,`,
		`{"matches":[` + match + `]} and more`:         `and more`,
		`{"matches":[` + match + `],"rounds":[{"a":}]`: `}]`,
	} {
		got := read(t, file(t, "2020-21_de.1.json", text))
		found := false
		for _, line := range got {
			found = found || strings.Contains(line, "#unreadable") && strings.Contains(line, rest)
		}
		if !found {
			t.Errorf("%s: got %q, want the rest %s", text, got, rest)
		}
	}
}

func TestAnUnknownLeagueGetsAPoolByRule(t *testing.T) {
	path := file(t, "2020-21_zz.2.json",
		`{"name":"Zedland Second League 2020/21","matches":[{"date":"2020-09-18","team1":"Alpha","team2":"Beta","score":{"ft":[1,0]}}]}`)
	src := openfootball.New(football.DefaultReference(), path)
	feeds := sourcetest.Open(t, src)
	if len(feeds) != 1 || feeds[0].Pool != "x-zz" {
		t.Fatalf("got %+v", feeds)
	}
	fold := sourcetest.NewFold()
	sourcetest.Drain(t, feeds[0], func(raw *football.RawEvent) { fold.Step(raw) })
	if fold.Became[football.KindFullTime] != 1 {
		t.Errorf("got %v", fold.Became)
	}
	if note := src.Reports()[0].String(); !strings.Contains(note, "Zedland Second League") {
		t.Errorf("got the report %s", note)
	}
}

// TestGoalsAreEventsOfPlay reads goals with their minutes, and leaves out those that do not add up to the score.
func TestGoalsAreEventsOfPlay(t *testing.T) {
	const match = `{"date":"2022-12-18","time":"18:00","team1":"Argentina","team2":"France","round":"Final",
		"score":{"p":[4,2],"et":[3,3],"ft":[2,2],"ht":[2,0]},
		"goals1":[{"name":"Messi","minute":23,"penalty":true},{"name":"Di María","minute":36},{"name":"Messi","minute":108}],
		"goals2":[{"name":"Mbappé","minute":80,"penalty":true},{"name":"Mbappé","minute":"90+1"},{"name":"Mbappé","minute":118,"penalty":true}]}`
	goals := func(text string) (lines []string) {
		fold := sourcetest.NewFold()
		for _, feed := range sourcetest.Open(t, openfootball.New(football.DefaultReference(), file(t, "worldcup.json",
			`{"name":"World Cup 2022","matches":[`+text+`]}`))) {
			sourcetest.Drain(t, feed, func(raw *football.RawEvent) {
				for _, out := range fold.Step(raw) {
					switch o := out.(type) {
					case *football.Refusal:
						t.Errorf("%s: %s", raw.SourceEventID, o.Detail)
					case *football.MatchEvent:
						if goal, ok := o.Body.(football.Goal); ok {
							lines = append(lines, fmt.Sprintf("%s %s %s", goal.Side, goal.Clock, goal.Player))
						}
					}
				}
			})
		}
		return lines
	}
	want := []string{
		"home 23' Messi", "home 36' Di María", "away 80' Mbappé", "away 90' Mbappé", "home 108' Messi",
		"away 118' Mbappé",
	}
	want[3] = "away 90+1' Mbappé"
	if got := goals(match); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := goals(strings.Replace(match, `{"name":"Messi","minute":108}`, `{"name":"Messi","minute":88}`,
		1)); got != nil {
		t.Errorf("goals that contradict the score: got %q", got)
	}
}

// TestKnockOutsAreRecognised reads the names of rounds and stages, in the match and around it. The clubs of a tie have
// met at the same ground in the league.
func TestKnockOutsAreRecognised(t *testing.T) {
	match := func(date, home, away, more string) string {
		return fmt.Sprintf(`{"date":%q,"team1":%q,"team2":%q,"score":{"ft":[1,0]}%s}`, date, home, away, more)
	}
	text := `{"name":"English Championship 2021/22","rounds":[` +
		`{"name":"Matchday 1","matches":[` + match("2021-08-07", "Luton", "Fulham", "") + "," +
		match("2022-04-23", "Luton", "Huddersfield", "") + `]},` +
		`{"name":"Playoffs Semi-finals","matches":[` + match("2022-05-13", "Luton", "Huddersfield", "") + "," +
		match("2022-05-16", "Huddersfield", "Luton", "") + `]},` +
		`{"name":"Playoffs Final","matches":[` + match("2022-05-29", "Huddersfield", "Fulham", "") + `]}]}`
	got := map[string]football.Tie{}
	fold := sourcetest.NewFold()
	for _, feed := range sourcetest.Open(t, openfootball.New(football.DefaultReference(),
		file(t, "2021-22_en.2.json", text))) {
		sourcetest.Drain(t, feed, func(raw *football.RawEvent) {
			for _, out := range fold.Step(raw) {
				if e, ok := out.(*football.MatchEvent); ok {
					if fixture, ok := e.Body.(football.FixtureScheduled); ok {
						got[string(e.Home+" "+e.Away)] = fixture.Tie
					}
				}
			}
		})
	}
	want := map[string]football.Tie{
		"luton fulham": {}, "luton huddersfield": {Kind: football.TieFirstLeg, ExtraTime: true},
		"huddersfield luton": {
			Kind: football.TieSecondLeg, ExtraTime: true, FirstLeg: "england.2021-22.luton.huddersfield.2",
		},
		"huddersfield fulham": {Kind: football.TieSingle, ExtraTime: true},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestMatchesOfTeamsThatAreNotKnownYetAreLeftOut reads a tournament before its draw: what stands for a team is none. A
// name that begins like that is a team's.
func TestMatchesOfTeamsThatAreNotKnownYetAreLeftOut(t *testing.T) {
	matches := `{"date":"2026-06-11","time":"13:00 UTC-6","team1":"Mexico","team2":"South Africa"}`
	for _, team := range []string{"2A", "3A/B/C/D/F", "3ABCD", "W73", "L101", "TBD", "Winner Group A", "Runner-up Match 4",
		"Winner of QF1", "1st Group C"} {
		matches += `,{"date":"2026-06-28","time":"12:00 UTC-7","team1":"` + team + `","team2":"Canada"}`
	}
	matches += `,{"date":"2026-06-12","time":"13:00 UTC-6","team1":"Winners Park","team2":"Canada"}`
	src := openfootball.New(football.DefaultReference(), file(t, "worldcup.json", `{"name":"World Cup 2026","matches":[`+
		matches+`]}`))
	var got []string
	sourcetest.Drain(t, sourcetest.Open(t, src)[0], func(raw *football.RawEvent) {
		if raw.Moment != football.MomentTick {
			got = append(got, raw.SourceEventID)
		}
	})
	want := []string{"WC/2026/Mexico/South Africa#scheduled", "WC/2026/Winners Park/Canada#scheduled"}
	report := src.Reports()[0]
	if !reflect.DeepEqual(got, want) || report.Rows != 2 || !strings.Contains(report.String(), "10 matches whose teams") {
		t.Errorf("got %q, %s; want %q, and 10 matches noted", got, report, want)
	}
}

func TestWhatStopsTheSourceIsNamed(t *testing.T) {
	path := file(t, "chess.json", `{"name":"Chess Olympiad 2020/21","matches":[]}`)
	if _, err := openfootball.New(football.DefaultReference(), path).Open(t.Context()); err == nil ||
		!strings.Contains(err.Error(), "chess.json") {
		t.Errorf("got error %v", err)
	}
	if _, err := openfootball.New(football.DefaultReference(), "/no/such/place").Open(t.Context()); err == nil {
		t.Error("a missing place is no error")
	}
	gone := file(t, "gone.json.gz", "\x1f\x8b")
	if _, err := openfootball.New(football.DefaultReference(), gone).Open(t.Context()); err == nil ||
		!strings.Contains(err.Error(), "gone.json") {
		t.Errorf("got error %v", err)
	}
	if name := openfootball.New(nil).Name(); name != "openfootball" {
		t.Errorf("got name %s", name)
	}
}

func FuzzFile(f *testing.F) {
	f.Add([]byte(`{"name":"x","matches":[{"date":"2020-09-18","team1":"SC Freiburg","team2":"Hertha BSC","score":{"ft":[1,0]}}]}`))
	f.Add([]byte(`{"rounds":[{"matches":[{}]}],"matches":[[]]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		feeds, err := openfootball.New(football.DefaultReference(),
			file(t, "2020-21_de.1.json", string(data))).Open(t.Context())
		if err != nil {
			return // no file of matches
		}
		sourcetest.CheckAllAreUsed(t, feeds)
	})
}

// TestItAgreesWithFootballData folds the seasons that both sources have as one feed: what the second says again is
// dropped, and what it says otherwise is known.
func TestItAgreesWithFootballData(t *testing.T) {
	dir := footballtest.Data(t)
	ref := football.DefaultReference()
	var feeds []source.Feed
	for _, s := range []source.Source{
		openfootball.New(ref, filepath.Join(dir, "openfootball")),
		footballdata.New(ref,
			filepath.Join(dir, "club/E0/E0_2021.csv"), filepath.Join(dir, "club/E0/E0_2122.csv"),
			filepath.Join(dir, "club/E1/E1_2021.csv"),
			filepath.Join(dir, "club/E1/E1_2122.csv"), filepath.Join(dir, "club/D1/D1_2021.csv"),
			filepath.Join(dir, "club/D1/D1_2122.csv")),
	} {
		feeds = append(feeds, sourcetest.Open(t, s)...)
	}
	fold, published := sourcetest.NewFold(), map[string]int{}
	for _, pool := range []football.PoolID{"england", "germany"} {
		var of []source.Feed
		for _, f := range feeds {
			if f.Pool == pool {
				of = append(of, f)
			}
		}
		sourcetest.Drain(t, source.Merge(of...), func(raw *football.RawEvent) {
			published[raw.Source+" "+string(raw.Moment)]++
			for _, out := range fold.Step(raw) {
				if refusal, ok := out.(*football.Refusal); ok {
					t.Logf("%s: %s", raw.SourceEventID, refusal.Detail)
				}
			}
		})
	}
	t.Logf("published %v", published)
	t.Logf("became %v", fold.Became)
	if n := fold.Became["full-time"]; n < 2481 || n > 2490 {
		t.Errorf("got %d results of 2,481 matches", n)
	}
}
