package international_test

import (
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/footballtest"
	"github.com/touchline/touchline/streams/source/international"
	"github.com/touchline/touchline/streams/source/sourcetest"
)

const header = "date,home_team,away_team,home_score,away_score,tournament,city,country,neutral"

func file(t testing.TB, rows ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "results.csv.gz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	zip := gzip.NewWriter(f)
	fmt.Fprintln(zip, strings.Join(append([]string{header}, rows...), "\n"))
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMatchesArePublishedOncePerMoment(t *testing.T) {
	final, friendly := `2018-07-15,France,Croatia,4,2,FIFA World Cup,Moscow,Russia,TRUE`,
		`2018-03-27,Côte d'Ivoire,Moldova,2,1,Friendly,"Beauvais, Oise",France,TRUE`
	coming := `2022-06-30,Tonga,Niue,NA,NA,Oceania Cup,Suva,Fiji,TRUE`
	path := file(t, `1966-07-30,England,Germany,4,2,FIFA World Cup,London,England,FALSE`, friendly, final,
		`soon,Peru,Chile,1,0,Friendly,Lima,Peru,FALSE`, coming)
	feeds := sourcetest.Open(t, international.New(football.DefaultReference(), filepath.Dir(path)))
	if len(feeds) != 1 || feeds[0].Pool != "international" {
		t.Fatalf("got %+v", feeds)
	}
	var got []string
	sourcetest.Drain(t, feeds[0], func(raw *football.RawEvent) {
		if raw.Moment != football.MomentTick {
			row := strings.TrimPrefix(string(raw.Payload), header+"\n")
			got = append(got, fmt.Sprintf("%s %s %s %.10s", raw.At, raw.Competition, raw.SourceEventID, row))
		}
	})
	want := []string{
		"2018-03-13T15:00:00Z FRIENDLY FRIENDLY/2018/Côte d'Ivoire/Moldova#scheduled 2018-03-27",
		"2018-03-27T15:00:00Z FRIENDLY FRIENDLY/2018/Côte d'Ivoire/Moldova#kick-off 2018-03-27",
		"2018-03-27T16:55:00Z FRIENDLY FRIENDLY/2018/Côte d'Ivoire/Moldova#full-time 2018-03-27",
		"2018-07-01T15:00:00Z WC WC/2018/France/Croatia#scheduled 2018-07-15",
		"2018-07-15T15:00:00Z FRIENDLY results.csv:5#unreadable soon,Peru,",
		"2018-07-15T15:00:00Z WC WC/2018/France/Croatia#kick-off 2018-07-15",
		"2018-07-15T16:55:00Z WC WC/2018/France/Croatia#full-time 2018-07-15",
		"2022-06-16T15:00:00Z INT INT/2022/Tonga/Niue#scheduled 2022-06-30",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAShootOutComesAfterItsResult(t *testing.T) {
	path := file(t, `2022-12-18,Argentina,France,3,3,FIFA World Cup,Lusail,Qatar,TRUE`)
	shootouts := filepath.Join(filepath.Dir(path), "shootouts.csv")
	if err := os.WriteFile(shootouts,
		[]byte("date,home_team,away_team,winner\n2022-12-18,Argentina,France,Argentina\n1967-08-22,India,Taiwan,Taiwan\nbroken\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	feed := sourcetest.Open(t, international.New(football.DefaultReference(), path, shootouts))[0]
	fold, got := sourcetest.NewFold(), []string{}
	sourcetest.Drain(t, feed, func(raw *football.RawEvent) {
		for _, out := range fold.Step(raw) {
			if e, ok := out.(*football.MatchEvent); ok && raw.Moment == football.MomentFullTime {
				got = append(got, fmt.Sprintf("%s %s %+v", raw.At, raw.SourceEventID, e.Body))
			}
		}
	})
	want := []string{
		"2022-12-18T16:55:00Z WC/2022/Argentina/France#full-time {HomeGoals:3 AwayGoals:3 Home:{Shots:-1 " +
			"ShotsOnTarget:-1 Corners:-1 Fouls:-1 Yellows:-1 Reds:-1} Away:{Shots:-1 ShotsOnTarget:-1 Corners:-1 " +
			"Fouls:-1 Yellows:-1 Reds:-1}}",
		"2022-12-18T16:55:00Z WC/2022/Argentina/France#shootout {Period:5 Elapsed:0 HomeGoals:3 AwayGoals:3 " +
			"Winner:home}",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestWhatStopsTheSourceIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.csv")
	if err := os.WriteFile(path, []byte("date,home_team\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for place, want := range map[string]string{path: `has not the columns`, path + "x": "no such file"} {
		if _, err := international.New(football.DefaultReference(), place).Open(t.Context()); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q in it", place, err, want)
		}
	}
}

// FuzzFiles reads a file of results with one of shoot-outs beside it: it is refused, or each of its events comes to
// something in the fold.
func FuzzFiles(f *testing.F) {
	f.Add([]byte(header+"\n2022-12-18,Argentina,France,3,3,FIFA World Cup,Lusail,Qatar,TRUE\n"),
		[]byte("date,home_team,away_team,winner\n2022-12-18,Argentina,France,Argentina\n"))
	f.Add([]byte(header+"\r\n2018-03-27,Peru,Chile,NA,NA,Friendly,\"Lima, P\",Peru,\r\nsoon,,,1,,,\r\n"),
		[]byte("winner\n\n"))
	f.Add([]byte("date;home_team;away_team;home_score;away_score;tournament\n1966-07-30;A;B;4;2;C\n"), []byte(header))
	f.Fuzz(func(t *testing.T, results, shootouts []byte) {
		dir := t.TempDir()
		for name, text := range map[string][]byte{"results.csv": results, "shootouts.csv": shootouts} {
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		feeds, err := international.New(football.DefaultReference(), dir).Open(t.Context())
		if err != nil {
			return // no file of results
		}
		sourcetest.CheckAllAreUsed(t, feeds)
	})
}

// TestAllRecordedMatchesAreUnderstood folds every match since 1971: each is settled, none is refused.
func TestAllRecordedMatchesAreUnderstood(t *testing.T) {
	data := footballtest.Data(t)
	feeds := sourcetest.Open(t, international.New(football.DefaultReference(), filepath.Join(data, "international")))
	fold, settled, shootouts, refused := sourcetest.NewFold(), 0, 0, map[string]int{}
	sourcetest.Drain(t, feeds[0], func(raw *football.RawEvent) {
		for _, out := range fold.Step(raw) {
			switch out := out.(type) {
			case *football.MatchEvent:
				switch body := out.Body.(type) {
				case football.FullTime:
					settled++
				case football.PeriodEnded:
					if body.Period == 5 && body.Winner != "" {
						shootouts++
					}
				default:
				}
			case *football.Refusal:
				refused[string(out.Reason)+": "+out.Detail]++
			}
		}
	})
	if settled < 37000 || len(refused) > 0 {
		t.Errorf("%d matches are settled, refused %v", settled, refused)
	}
	if shootouts != 589 { // of 591: one was before 1971, one belongs to no match
		t.Errorf("%d shoot-outs were won", shootouts)
	}
}
