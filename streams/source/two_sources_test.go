package source_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/footballtest"
	"github.com/touchline/touchline/streams/source"
	"github.com/touchline/touchline/streams/source/footballdata"
	"github.com/touchline/touchline/streams/source/international"
	"github.com/touchline/touchline/streams/source/openfootball"
	"github.com/touchline/touchline/streams/source/sourcetest"
	"github.com/touchline/touchline/streams/source/statsbomb"
)

// history is what normalize makes of the feeds of one pool.
type history struct {
	became  map[string]int
	results map[football.MatchID][2]int32
	refused []string
}

// foldTogether folds the feeds of sources that have one pool, in order of time.
func foldTogether(t *testing.T, sources ...source.Source) history {
	t.Helper()
	feeds := sourcetest.Open(t, source.Join(sources...))
	if len(feeds) != 1 {
		t.Fatalf("got feeds of %d pools, want one", len(feeds))
	}
	h := history{results: map[football.MatchID][2]int32{}}
	fold := sourcetest.NewFold()
	sourcetest.Drain(t, feeds[0], func(raw *football.RawEvent) {
		for _, out := range fold.Step(raw) {
			switch o := out.(type) {
			case *football.MatchEvent:
				if full, ok := o.Body.(football.FullTime); ok {
					h.results[o.Match] = [2]int32{full.HomeGoals, full.AwayGoals}
				}
			case *football.Refusal:
				h.refused = append(h.refused, raw.SourceEventID+": "+o.Detail)
			}
		}
	})
	h.became = fold.Became
	return h
}

// TestOneSeasonFromTwoSourcesIsOneHistory folds seasons that football-data.co.uk and openfootball both have: each match
// has one id and one result, what only one of them has is added, and what they disagree upon is refused.
func TestOneSeasonFromTwoSourcesIsOneHistory(t *testing.T) {
	dir, ref := footballtest.Data(t), football.DefaultReference()
	for _, season := range []struct {
		results, matches string
		settled, refused int
	}{
		{"E0/E0_2021.csv", "2020-21_en.1.json", 380, 0},
		{"E0/E0_2122.csv", "2021-22_en.1.json", 380, 1}, // of Wolves - Watford they give another half-time score
		{"E1/E1_2021.csv", "2020-21_en.2.json", 552, 0},
		{"E1/E1_2122.csv", "2021-22_en.2.json", 557, 0}, // openfootball has the play-offs
		{"D1/D1_2021.csv", "2020-21_de.1.json", 306, 0},
		{"D1/D1_2122.csv", "2021-22_de.1.json", 306, 0},
	} {
		t.Run(strings.TrimSuffix(season.matches, ".json"), func(t *testing.T) {
			results := func() source.Source {
				return footballdata.New(ref, filepath.Join(dir, "club", season.results))
			}
			matches := func() source.Source {
				return openfootball.New(ref, filepath.Join(dir, "openfootball", season.matches))
			}
			both := foldTogether(t, results(), matches())
			if len(both.results) != season.settled || both.became["kick-off"] != season.settled ||
				both.became["fixture-scheduled"] != season.settled {
				t.Errorf("got %d matches, %v; want %d of each", len(both.results), both.became, season.settled)
			}
			if len(both.refused) != season.refused {
				t.Errorf("got %d refused, want %d: %v", len(both.refused), season.refused, both.refused)
			}
			for _, alone := range []history{foldTogether(t, results()), foldTogether(t, matches())} {
				for id, want := range alone.results {
					if got, ok := both.results[id]; !ok || got != want {
						t.Errorf("%s: got %v, want %v", id, got, want)
					}
				}
			}
			if got, want := both.became["odds-quoted"], foldTogether(t, results()).became["odds-quoted"]; got != want {
				t.Errorf("got odds %d times, want %d: those of the source that has them", got, want)
			}
		})
	}
}

// TestEventsAreAddedToResults folds a season of results and the events of 24 of its matches: each has its goals, cards
// and shots once, and nothing contradicts.
func TestEventsAreAddedToResults(t *testing.T) {
	dir, ref := footballtest.Data(t), football.DefaultReference()
	events, err := filepath.Glob(filepath.Join(dir, "statsbomb", "events", "37*.json.gz"))
	if err != nil || len(events) != 24 {
		t.Fatalf("got %d files of events, %v; want 24", len(events), err)
	}
	got := foldTogether(t, footballdata.New(ref, filepath.Join(dir, "club", "E0", "E0_1516.csv")),
		statsbomb.New(ref, events...))
	alone := foldTogether(t, statsbomb.New(ref, events...))
	for kind, want := range map[string]int{
		football.KindFixtureScheduled: 380, football.KindKickOff: 380, football.KindFullTime: 380,
		football.KindOddsQuoted: 760, football.KindPeriodEnded: 380, football.KindLineUp: 48,
		football.KindGoal: alone.became[football.KindGoal], football.KindShot: alone.became[football.KindShot],
		football.KindCard: alone.became[football.KindCard],
	} {
		if got.became[kind] != want {
			t.Errorf("%s: got %d, want %d", kind, got.became[kind], want)
		}
	}
	if len(got.results) != 380 || len(got.refused) != 0 {
		t.Errorf("got %d matches, refused %v; want 380 and none", len(got.results), got.refused)
	}
}

// TestOneFolderHasFilesOfTwoSources: joined, each reads the files that are its own.
func TestOneFolderHasFilesOfTwoSources(t *testing.T) {
	dir, ref := t.TempDir(), football.DefaultReference()
	for name, text := range map[string]string{
		"E0.csv": "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG\nE0,14/08/2021,Arsenal,Chelsea,2,1\n",
		"2021-22_en.1.json": `{"name":"Premier League 2021/22","matches":[{"date":"2021-08-14","time":"17:30",` +
			`"team1":"Arsenal FC","team2":"Chelsea FC","score":{"ft":[2,1],"ht":[1,1]}}]}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	src := source.Join(footballdata.New(ref, dir), openfootball.New(ref, dir))
	got := foldTogether(t, src)
	if len(got.results) != 1 || got.became["period-ended"] != 1 || got.became["full-time"] != 1 || got.refused != nil {
		t.Errorf("got %v, refused %v; want one match with both scores", got.became, got.refused)
	}
	reports := src.(source.Reporter).Reports()
	if rows, refused, skipped := reports.Totals(); rows != 2 || refused+skipped != 0 ||
		src.Name() != "football-data+openfootball" {
		t.Errorf("%s: got %d rows, %d refused, %d files skipped, want 2 rows", src.Name(), rows, refused, skipped)
	}
	if err := os.WriteFile(filepath.Join(dir, "results.csv"), []byte("date,home_team,away_team,home_score,away_score,"+
		"tournament,city,country,neutral\n2021-06-01,France,Wales,3,0,Friendly,Nice,France,FALSE\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	src = source.Join(footballdata.New(ref, dir), international.New(ref, dir), openfootball.New(ref, dir))
	sourcetest.Open(t, src)
	reports = src.(source.Reporter).Reports()
	if rows, refused, skipped := reports.Totals(); rows != 3 || refused+skipped != 0 {
		t.Errorf("got %d rows, %d refused, %d files skipped; want 3 rows, for each file was read by one of the sources",
			rows, refused, skipped)
	}
	places := []string{filepath.Join(dir, "tables"), filepath.Join(dir, "lists")}
	for i, name := range []string{"E0.csv", "2021-22_en.1.json"} {
		if err := os.Mkdir(places[i], 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, name), filepath.Join(places[i], name)); err != nil {
			t.Fatal(err)
		}
	}
	src = source.Join(footballdata.New(ref, places...), openfootball.New(ref, places...))
	sourcetest.Open(t, src)
	reports = src.(source.Reporter).Reports()
	if rows, refused, skipped := reports.Totals(); rows != 2 || refused+skipped != 0 {
		t.Errorf("a folder each: got %d rows, %d refused, %d skipped; want 2 rows", rows, refused, skipped)
	}
	lacking := source.Join(footballdata.New(ref, dir), openfootball.New(ref, filepath.Join(dir, "none")))
	if _, err := lacking.Open(t.Context()); err == nil || !strings.Contains(err.Error(), "source openfootball") {
		t.Errorf("got %v, want which source can't be opened", err)
	}
}
