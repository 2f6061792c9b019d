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
			"2020-09-18T13:00:00Z " + name + ":4#unreadable " + nameless,
			"2020-09-18T18:30:00Z D1/2020-21/FC Bayern München/FC Schalke 04#kick-off " + played,
			"2020-09-18T19:17:00Z D1/2020-21/FC Bayern München/FC Schalke 04#half-time " + played,
			"2020-09-18T20:25:00Z D1/2020-21/FC Bayern München/FC Schalke 04#full-time " + played,
			"2021-05-08T13:00:00Z D1/2020-21/SC Freiburg/Hertha BSC#scheduled " + coming,
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
		`{"matches":[` + match + `,{"date":`:   `{"date":`,
		`{"matches":[` + match + `,`:           `,`,
		`{"matches":[` + match + `]} and more`: `and more`,
		`{"matches":7}`:                        `}`,
		`[]`:                                   `]`,
		`{`:                                    `{`,
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

func TestAFileOfAnUnknownCompetitionIsNamed(t *testing.T) {
	path := file(t, "chess.json", `{"name":"Chess Olympiad 2020/21","matches":[]}`)
	_, err := openfootball.New(football.DefaultReference(), path).Open(t.Context())
	if err == nil || !strings.Contains(err.Error(), "chess.json") || !strings.Contains(err.Error(), "Chess Olympiad") {
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
		for _, feed := range sourcetest.Open(t, openfootball.New(football.DefaultReference(),
			file(t, "2020-21_de.1.json", string(data)))) {
			sourcetest.Drain(t, feed, func(raw *football.RawEvent) {
				if raw.Moment != football.MomentTick && len(sourcetest.NewFold().Step(raw)) == 0 {
					t.Errorf("%s came to nothing", raw.SourceEventID)
				}
			})
		}
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
