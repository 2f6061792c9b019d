package footballdata_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
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

func TestWhatCannotBeReadIsRefusedWithItsReason(t *testing.T) {
	dir := folder(t, map[string]string{"E0.csv": "\xef\xbb\xbfDiv,Date,HomeTeam,AwayTeam,FTHG,FTAG\n" +
		"E0,soon,Arsenal,Chelsea,1,0\nE0,2015-08-08,Stoke,Everton,1,0,\nE0,never,Leeds,Everton,,\n" +
		"E0,2015-08-09,Fulham\nSP1,2015-08-08,Sevilla,Malaga,,\n" +
		"\"E0\",\"2015-08-08\",\"A\nE0,2015-08-08,,Everton,1,1\nE0,2015-08-10,Arsenal,Everton,1,\n" +
		"E0,2015-08-10,Arsenal,Arsenal,1,1\nE0,2015-08-10,Arsenal,Everton,one,0\n"})
	src := footballdata.New(football.DefaultReference(), dir)
	got := map[string]string{}
	for _, feed := range sourcetest.Open(t, src) {
		sourcetest.Drain(t, feed, func(raw *football.RawEvent) {
			_, problem, _ := strings.Cut(raw.ContentType, "problem=")
			if raw.Moment != football.MomentTick {
				got[raw.SourceEventID] = strings.TrimSpace(raw.At.String() + " " + problem)
			}
		})
	}
	want := map[string]string{
		"E0.csv:2#unreadable":  `2015-07-25T14:00:00Z "the date 'soon' can't be read"`,
		"E0.csv:4#unreadable":  `2015-08-08T14:00:00Z "the date 'never' can't be read"`,
		"E0.csv:5#unreadable":  `2015-08-08T14:00:00Z "the row ends before FTAG"`,
		"E0.csv:7#unreadable":  `2015-08-08T14:00:00Z "the row ends before FTAG"`,
		"E0.csv:8#unreadable":  `2015-08-08T14:00:00Z "the row does not name both teams"`,
		"E0.csv:9#unreadable":  `2015-08-08T14:00:00Z "the score '1'-'' can't be read"`,
		"E0.csv:10#unreadable": `2015-08-08T14:00:00Z "a team plays against itself"`,
		"E0.csv:11#unreadable": `2015-08-08T14:00:00Z "the score 'one'-'0' can't be read"`,

		"E0/2015-16/Stoke/Everton#scheduled":   "2015-07-25T14:00:00Z",
		"E0/2015-16/Stoke/Everton#kick-off":    "2015-08-08T14:00:00Z",
		"E0/2015-16/Stoke/Everton#full-time":   "2015-08-08T15:55:00Z",
		"SP1/2015-16/Sevilla/Malaga#scheduled": "2015-07-25T14:00:00Z", // a coming fixture of another division
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.ReplaceAll(fmt.Sprint(got), "E0", "\nE0"),
			strings.ReplaceAll(fmt.Sprint(want), "E0", "\nE0"))
	}
	reports := src.Reports()
	if rows, refused, _ := reports.Totals(); rows != 10 || refused != 8 {
		t.Errorf("got %d of %d rows refused, want 8 of 10", refused, rows)
	}
	if text := reports[0].String(); !strings.Contains(text,
		"2 of 10 rows read, 8 refused: 2 the date or the time of day can't be read (first: E0.csv:2)") {
		t.Errorf("got the report %s", text)
	}
}

func TestQuotedRowsAreRead(t *testing.T) {
	dir := folder(t, map[string]string{"2122/E0.csv": `"Div","Date","HomeTeam","AwayTeam","FTHG","FTAG"` + "\n" +
		`"E0","2021-08-14","Man United","Leeds","5","1"` + "\n"})
	if got := lines(read(t, dir)); len(got) != 3 || !strings.Contains(got[0], "E0/2021-22/Man United/Leeds#scheduled") {
		t.Errorf("got %q", got)
	}
}

// TestOneBadFileStopsNothing reads a folder in which one file is good.
func TestOneBadFileStopsNothing(t *testing.T) {
	dir := folder(t, map[string]string{
		"E0.csv":    "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG\nE0,2015-08-08,Stoke,Everton,1,0\n",
		"index.csv": "match_id,date\n1,2015-08-08\n", "empty.csv": "", "page.csv": "<!DOCTYPE html><html>404</html>",
		"binary.csv": "\x00\x01\x02\x03\x04\x05\x06\x07", "torn.csv.gz": "\x1f\x8b\x08\x00",
		"unknown.csv":  "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG\nZZ9,2015-08-08,Alpha,Beta,2,2\n",
		"nameless.csv": "Date,HomeTeam,AwayTeam,FTHG,FTAG\n2015-08-08,Alpha,Beta,2,2\n",
	})
	src := footballdata.New(football.DefaultReference(), dir)
	pools := map[football.PoolID]bool{}
	for _, feed := range sourcetest.Open(t, src) {
		pools[feed.Pool] = true
	}
	if !pools["england"] || !pools["x-zz"] || len(pools) != 2 {
		t.Errorf("got the pools %v, want england and one for the unknown league", pools)
	}
	skipped := map[string]string{}
	for _, report := range src.Reports() {
		if report.Skipped != "" {
			skipped[filepath.Base(report.File)] = report.Skipped
		}
	}
	for name, want := range map[string]string{
		"index.csv": "no header", "empty.csv": "empty", "page.csv": "web page", "binary.csv": "no text",
		"torn.csv":     "EOF",
		"nameless.csv": "name it like E0.csv",
	} {
		if !strings.Contains(skipped[name], want) {
			t.Errorf("%s: got %q, want %q in it", name, skipped[name], want)
		}
	}
	if err := src.Reports().Check(1, true); err == nil || !strings.Contains(err.Error(), "6 files skipped") {
		t.Errorf("strict: got %v", err)
	}
}

// TestTheSecondFixtureOfAPairIsAnotherMatch reads leagues whose pairs meet twice at one ground: the fixture of the
// second meeting is not taken for the first, whichever file is read first. One that was put off is the match.
func TestTheSecondFixtureOfAPairIsAnotherMatch(t *testing.T) {
	for name, c := range map[string]struct{ results, fixtures string }{
		"fixtures first": {"b/SC0.csv", "a/fixtures.csv"}, "results first": {"b/SC0.csv", "c/fixtures.csv"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, map[string]string{
				c.results: "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG\nSC0,01/09/2024,Celtic,Rangers,3,0\n" +
					"SC0,26/12/2024,Hearts,Hibernian,1,2\n",
				c.fixtures: "Div,Date,HomeTeam,AwayTeam\nSC0,16/03/2025,Celtic,Rangers\n" +
					"SC0,05/10/2024,Hearts,Hibernian\n",
			})
			var got []string
			for _, raw := range read(t, dir) {
				if raw.Moment == football.MomentScheduled {
					got = append(got, raw.SourceMatchID)
				}
			}
			want := []string{"SC0/2024-25/Celtic/Rangers", "SC0/2024-25/Hearts/Hibernian",
				"SC0/2024-25/Celtic/Rangers/2"}
			if !slices.Equal(got, want) {
				t.Errorf("got the matches %q, want %q", got, want)
			}
		})
	}
}

func TestNothingLeftIsAnError(t *testing.T) {
	file := filepath.Join(folder(t, map[string]string{"index.csv": "match_id,date\n1,2015-08-08\n"}), "index.csv")
	_, err := footballdata.New(football.DefaultReference(), file).Open(t.Context())
	if err == nil || !strings.Contains(err.Error(), "index.csv") {
		t.Errorf("got error %v", err)
	}
	if _, err := footballdata.New(football.DefaultReference(), "/no/such/place").Open(t.Context()); err == nil {
		t.Error("a missing place is no error")
	}
	ref, err := football.ParseReference(
		[]byte(`{"pools":[{"id":"p","zone":"Mars/Olympus"}],"competitions":[{"id":"E0","pool":"p"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := footballdata.New(ref, folder(t, map[string]string{"E0.csv": "x"})).Open(t.Context()); err == nil ||
		!strings.Contains(err.Error(), "Mars") {
		t.Errorf("got error %v", err)
	}
}

// TestTheSameRowsInEveryForm writes a file in the encodings, line ends, delimiters and names of columns that are in
// use.
func TestTheSameRowsInEveryForm(t *testing.T) {
	const plain = "Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG,FTR,Referee\n" +
		"E0,16/08/2024,20:00,Man United,Fulham,1,0,H,R Jones\nE0,17/08/2024,12:30,Ipswich,Liverpool,0,2,A,T Robinson\n"
	utf16 := func(text string, mark string, big bool) string {
		out := mark
		for _, r := range text {
			if big {
				out += "\x00" + string([]byte{byte(r)})
			} else {
				out += string([]byte{byte(r)}) + "\x00"
			}
		}
		return out
	}
	for name, text := range map[string]string{
		"plain": plain, "with a byte order mark": "\xef\xbb\xbf" + plain,
		"CRLF": strings.ReplaceAll(plain, "\n", "\r\n"),
		"CR":   strings.ReplaceAll(plain, "\n", "\r"), "semicolons": strings.ReplaceAll(plain, ",", ";"),
		"tabs": strings.ReplaceAll(plain, ",", "\t"), "bars": strings.ReplaceAll(plain, ",", "|"),
		"UTF-16 LE": utf16(plain, "\xff\xfe", false), "UTF-16 BE": utf16(plain, "\xfe\xff", true),
		"UTF-16 without a mark": utf16(plain, "", false),
		"Windows-1252":          strings.ReplaceAll(plain, "Jones", "J\xf6nes"),
		"quoted": `"` + strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(plain), ",", `","`),
			"\n", "\"\n\"") + `"`,
		"lower case":            strings.ToLower(plain[:60]) + plain[60:],
		"spaces":                strings.ReplaceAll(plain, ",", " , "),
		"a header again":        plain + plain,
		"empty rows":            strings.ReplaceAll(plain, "\n", "\n,,,,,,,,\n\n"),
		"sep= of a spreadsheet": "sep=,\n" + plain,
		"a title":               "English Premier League\n\n" + plain,
		"old names": strings.NewReplacer("HomeTeam", "HT", "AwayTeam", "AT", "FTHG", "HG", "FTAG", "AG",
			"FTR", "Res").Replace(plain),
		"names of others": strings.NewReplacer("HomeTeam", "home_team", "AwayTeam", "away_team", "FTHG", "home_score",
			"FTAG",
			"away_score").Replace(plain),
		"the month first": strings.NewReplacer("16/08", "08/16", "17/08", "08/17").Replace(plain),
		"without FTR and referee": "Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG\nE0,16/08/2024,20:00,Man " +
			"United,Fulham,1,0\n" +
			"E0,17/08/2024,12:30,Ipswich,Liverpool,0,2",
		"country and league": strings.NewReplacer("Div,", "Country,League,Season,", "E0,",
			"England,Premier League,2024/2025,").Replace(plain),
		"a short row":            strings.Replace(plain, ",H,R Jones", "", 1),
		"a long row":             strings.Replace(plain, "R Jones", "R Jones,7,8", 1),
		"goals of a spreadsheet": strings.NewReplacer(",1,0,H", ",1.0,0.0,H").Replace(plain),
	} {
		dir := folder(t, map[string]string{"data.csv": text})
		fold := sourcetest.NewFold()
		var got []string
		for _, feed := range sourcetest.Open(t, footballdata.New(football.DefaultReference(), dir)) {
			sourcetest.Drain(t, feed, func(raw *football.RawEvent) {
				for _, out := range fold.Step(raw) {
					if e, ok := out.(*football.MatchEvent); ok {
						if result, ok := e.Body.(football.FullTime); ok {
							got = append(got, fmt.Sprintf("%s %s %d-%d", e.Match, e.At, result.HomeGoals,
								result.AwayGoals))
						}
					}
				}
			})
		}
		want := []string{
			"england.2024-25.man-united.fulham.1 2024-08-16T20:55:00Z 1-0",
			"england.2024-25.ipswich.liverpool.1 2024-08-17T13:25:00Z 0-2",
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, %v", name, got, fold.Became)
		}
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
		sourcetest.CheckAllAreUsed(t, feeds)
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
