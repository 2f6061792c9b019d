package footballdata_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/footballtest"
	"github.com/touchline/touchline/streams/source"
	"github.com/touchline/touchline/streams/source/footballdata"
	"github.com/touchline/touchline/streams/source/sourcetest"
)

// folder writes files and returns their folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// read returns the events of all feeds, ticks apart.
func read(t testing.TB, places ...string) []*football.RawEvent {
	t.Helper()
	var out []*football.RawEvent
	for _, feed := range sourcetest.Open(t, footballdata.New(football.DefaultReference(), places...)) {
		sourcetest.Drain(t, feed, func(raw *football.RawEvent) {
			if raw.Moment != football.MomentTick {
				out = append(out, raw)
			}
		})
	}
	return out
}

func lines(events []*football.RawEvent) []string {
	var out []string
	for _, e := range events {
		out = append(out, fmt.Sprintf("%s %s %s %s", e.At, e.Moment, e.SourceEventID, e.Season))
	}
	return out
}

func TestARowIsPublishedOncePerMoment(t *testing.T) {
	header := "Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG,HTHG,HTAG,PSCH"
	full, short := "E0,2021-08-13,20:00,Brentford,Arsenal,2,0,1,0,3.9", "E0,14/08/2021,,Man United,Leeds,5,1,,,"
	dir := folder(t, map[string]string{"E0_2122.csv": header + "\r\n" + full + "\r\n" + short + "\r\n,,,,,,,,,\r\n"})
	events := read(t, dir)
	want := []string{
		"2021-07-30T19:00:00Z scheduled E0/2021-22/Brentford/Arsenal#scheduled 2021-22",
		"2021-07-31T14:00:00Z scheduled E0/2021-22/Man United/Leeds#scheduled 2021-22",
		"2021-08-13T18:59:00Z closing E0/2021-22/Brentford/Arsenal#closing 2021-22",
		"2021-08-13T19:00:00Z kick-off E0/2021-22/Brentford/Arsenal#kick-off 2021-22",
		"2021-08-13T19:47:00Z half-time E0/2021-22/Brentford/Arsenal#half-time 2021-22",
		"2021-08-13T20:55:00Z full-time E0/2021-22/Brentford/Arsenal#full-time 2021-22",
		"2021-08-14T14:00:00Z kick-off E0/2021-22/Man United/Leeds#kick-off 2021-22",
		"2021-08-14T15:55:00Z full-time E0/2021-22/Man United/Leeds#full-time 2021-22",
	}
	if got := lines(events); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	e := events[0]
	if string(e.Payload) != header+"\n"+full || e.ContentType != "text/csv" || e.Source != "football-data" ||
		e.Pool != "england" || e.Competition != "E0" {
		t.Errorf("got %+v %q", e, e.Payload)
	}
}

func TestWhatCannotBeDatedIsUnreadable(t *testing.T) {
	dir := folder(t, map[string]string{"E0.csv": "\xef\xbb\xbfDiv,Date,HomeTeam,AwayTeam,FTHG,FTAG\n" +
		"E0,soon,Arsenal,Chelsea,1,0\nE0,2015-08-08,Stoke,Everton,1,0,\nE0,never,Leeds,Everton,,\nE0,2015-08-09,Fulham\nSP1,2015-08-08,Sevilla,Malaga,,\n" +
		"\"E0\",\"2015-08-08\",\"A\nE0,2015-08-08,,Everton,1,1\n"})
	want := []string{
		"2015-07-01T00:00:00Z unreadable E0.csv:2#unreadable 2015-16",
		"2015-07-25T14:00:00Z scheduled E0/2015-16/Stoke/Everton#scheduled 2015-16",
		"2015-08-08T14:00:00Z unreadable E0.csv:8#unreadable 2015-16",
		"2015-08-08T14:00:00Z unreadable E0.csv:4#unreadable 2015-16",
		"2015-08-08T14:00:00Z unreadable E0.csv:7#unreadable 2015-16",
		"2015-08-08T14:00:00Z kick-off E0/2015-16/Stoke/Everton#kick-off 2015-16",
		"2015-08-08T15:55:00Z full-time E0/2015-16/Stoke/Everton#full-time 2015-16",
		"2015-08-09T14:00:00Z unreadable E0.csv:5#unreadable 2015-16",
		// a coming fixture of another division
		"2015-07-25T14:00:00Z scheduled SP1/2015-16/Sevilla/Malaga#scheduled 2015-16",
	}
	got := lines(read(t, dir))
	count := map[string]int{}
	for _, line := range got {
		count[line]++
	}
	for _, line := range want {
		if count[line] != 1 {
			t.Errorf("no %s in\n%s", line, strings.Join(got, "\n"))
			break
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %d events, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
}

func TestQuotedRowsAreRead(t *testing.T) {
	dir := folder(t, map[string]string{"2122/E0.csv": `"Div","Date","HomeTeam","AwayTeam","FTHG","FTAG"` + "\n" +
		`"E0","2021-08-14","Man United","Leeds","5","1"` + "\n"})
	if got := lines(read(t, dir)); len(got) != 3 || !strings.Contains(got[0], "E0/2021-22/Man United/Leeds#scheduled") {
		t.Errorf("got %q", got)
	}
}

func TestAFileThatIsNoResultFileIsNamed(t *testing.T) {
	for name, text := range map[string]string{
		"index.csv": "match_id,date\n1,2015-08-08\n", "ZZ9.csv": "Div,Date,HomeTeam,AwayTeam\nZZ9,2015-08-08,A,B\n",
		"empty.csv": "",
	} {
		file := filepath.Join(folder(t, map[string]string{name: text}), name)
		_, err := footballdata.New(football.DefaultReference(), file).Open(t.Context())
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got error %v", name, err)
		}
	}
	if _, err := footballdata.New(football.DefaultReference(), "/no/such/place").Open(t.Context()); err == nil {
		t.Error("a missing place is no error")
	}
	ref, err := football.ParseReference([]byte(`{"pools":[{"id":"p","zone":"Mars/Olympus"}],"competitions":[{"id":"E0","pool":"p"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := footballdata.New(ref, folder(t, map[string]string{"E0.csv": "x"})).Open(t.Context()); err == nil ||
		!strings.Contains(err.Error(), "Mars") {
		t.Errorf("got error %v", err)
	}
}

func FuzzFile(f *testing.F) {
	f.Add([]byte("Div,Date,HomeTeam,AwayTeam,FTHG\nE0,2015-08-08,Stoke,Everton,1\n"))
	f.Add([]byte("\"Div\",Date,HomeTeam,AwayTeam\r\nE0,08/08/15,\"Stoke\",Everton,\r\n,,\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := folder(t, map[string]string{"E0_1516.csv": string(data)})
		feeds, err := footballdata.New(football.DefaultReference(), dir).Open(context.Background())
		if err != nil {
			return // no result file
		}
		for _, feed := range feeds {
			sourcetest.Drain(t, feed, func(raw *football.RawEvent) {
				if raw.Moment != football.MomentTick && len(sourcetest.NewFold().Step(raw)) == 0 {
					t.Errorf("%s came to nothing", raw.SourceEventID)
				}
			})
		}
	})
}

// TestAllSeasons folds every file: the counts of what is published and of what becomes of it are known.
func TestAllSeasons(t *testing.T) {
	dir := filepath.Join(footballtest.Data(t), "club")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	feeds := sourcetest.Open(t, footballdata.New(football.DefaultReference(), dir))
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 100<<20 {
		t.Errorf("the open feeds hold %d MiB", grown>>20)
	}
	published, became := map[string]int{}, map[string]int{}
	keys := 0
	for _, feed := range feeds {
		fold := sourcetest.NewFold()
		last, lastRank := football.Instant(0), 0
		sourcetest.Drain(t, feed, func(raw *football.RawEvent) {
			published[string(raw.Moment)]++
			if rank := source.Rank(raw.Moment); raw.At < last || raw.At == last && rank < lastRank {
				t.Fatalf("%s at %s is out of order", raw.SourceEventID, raw.At)
			}
			last, lastRank = raw.At, source.Rank(raw.Moment)
			fold.Step(raw)
			keys = max(keys, fold.Keys())
		})
		for what, n := range fold.Became {
			became[what] += n
		}
	}
	if want := map[string]int{"scheduled": 40060, "closing": 23675, "kick-off": 40060, "half-time": 40056,
		"full-time": 40060, "tick": 30693}; !reflect.DeepEqual(published, want) {
		t.Errorf("published %v, want %v", published, want)
	}
	want := map[string]int{
		"fixture-scheduled": 40060, "odds-quoted": 63734, "kick-off": 40060, "period-ended": 40056,
		"full-time": 40060, "tick": 30693,
		"refused impossible B365H": 2, "refused impossible AvgC>2.5": 1,
	}
	if !reflect.DeepEqual(became, want) {
		t.Errorf("became %v, want %v", became, want)
	}
	if keys > 4000 { // a season's matches in their 30 days, and a year of meetings
		t.Errorf("a pool's state grew to %d keys", keys)
	}
}

func BenchmarkFoldAllSeasons(b *testing.B) {
	var events []*football.RawEvent
	for _, feed := range sourcetest.Open(b, footballdata.New(football.DefaultReference(),
		filepath.Join(footballtest.Data(b), "club"))) {
		events = append(events, sourcetest.All(b, feed)...)
	}
	for b.Loop() {
		fold := sourcetest.NewFold()
		for _, raw := range events {
			fold.Step(raw)
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(events))/b.Elapsed().Seconds(), "events/s")
}
