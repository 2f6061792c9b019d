package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

func at(t *testing.T, text string) football.Instant {
	t.Helper()
	instant, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		t.Fatal(err)
	}
	return football.At(instant)
}

// items returns them one after the other.
func items(list ...Item) func(context.Context) (Item, error) {
	return func(context.Context) (Item, error) {
		if len(list) == 0 {
			return Item{}, io.EOF
		}
		first := list[0]
		list = list[1:]
		return first, nil
	}
}

func event(at football.Instant, match string, moment football.Moment) *football.RawEvent {
	return &football.RawEvent{Pool: "p", Source: "s", SourceMatchID: match,
		SourceEventID: match + "#" + string(moment), Moment: moment, At: at}
}

// drain reads a feed to its end, one line an event.
func drain(t *testing.T, feed Feed) []string {
	t.Helper()
	var lines []string
	for {
		raw, err := feed.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return lines
		}
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%s %s %s", raw.At.Time().Format("01-02 15:04:05"), raw.Moment,
			raw.SourceMatchID))
	}
}

func TestTheClockTicksBetweenTheFirstAndTheLastEvent(t *testing.T) {
	a, b := at(t, "2026-08-07 18:00:00"), at(t, "2026-08-09 00:00:00")
	got := drain(t, Ticked("p", items(
		Item{Raw: event(0, "", football.MomentUnreadable)},
		Item{Raw: event(a, "m", football.MomentScheduled), Position: a},
		Item{Raw: event(b, "m", football.MomentFullTime), Position: b},
	)))
	want := []string{
		"01-01 00:00:00 unreadable ", "08-07 18:00:00 scheduled m", "08-08 00:00:00 tick ", "08-09 00:00:00 tick ",
		"08-09 00:00:00 full-time m",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestTheClockTicksByTheMinuteInPlay(t *testing.T) {
	a := at(t, "2026-08-07 23:58:30")
	b := a.Add(3 * time.Minute)
	got := drain(t, Ticked("p", items(
		Item{Raw: event(a, "m", football.MomentKickOff), Position: a, Kicks: true},
		Item{Raw: event(b, "m", football.MomentFullTime), Position: b, Ends: true},
		Item{Raw: event(b.Add(time.Hour), "n", football.MomentScheduled), Position: b.Add(time.Hour)},
	)))
	want := []string{
		"08-07 23:58:30 kick-off m", "08-07 23:59:00 tick ", "08-08 00:00:00 tick ", "08-08 00:01:00 tick ",
		"08-08 00:01:30 full-time m",
		"08-08 01:01:30 scheduled n",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestAMatchWithoutAnEndTicksForFourHours(t *testing.T) {
	a := at(t, "2026-08-07 12:00:00")
	got := drain(t, Ticked("p", items(
		Item{Raw: event(a, "m", football.MomentKickOff), Position: a, Kicks: true},
		Item{Raw: event(a.Add(72*time.Hour), "n", football.MomentScheduled), Position: a.Add(72 * time.Hour)},
	)))
	if want := 1 + 240 + 3 + 1; len(got) != want {
		t.Errorf("got %d events, want %d", len(got), want)
	}
}

// feedOf is a feed of these events.
func feedOf(events ...*football.RawEvent) Feed {
	return Feed{Pool: "p", Next: func(context.Context) (*football.RawEvent, error) {
		if len(events) == 0 {
			return nil, io.EOF
		}
		first := events[0]
		events = events[1:]
		return first, nil
	}}
}

func TestMergedFeedsHaveOneClock(t *testing.T) {
	midnight := at(t, "2026-08-08 00:00:00")
	a := feedOf(event(midnight-1, "a", football.MomentScheduled), Tick("p", midnight),
		event(midnight, "a", football.MomentFullTime), event(midnight-5, "a", football.MomentEvent))
	b := feedOf(event(midnight-2, "b", football.MomentScheduled), Tick("p", midnight),
		event(midnight, "b", football.MomentKickOff))
	got := drain(t, Merge(a, b))
	want := []string{
		"08-07 23:59:59 scheduled b", "08-07 23:59:59 scheduled a", "08-08 00:00:00 tick ", "08-08 00:00:00 kick-off b",
		"08-08 00:00:00 full-time a", "08-07 23:59:59 event a",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	broken := Feed{Pool: "p", Next: func(context.Context) (*football.RawEvent, error) {
		return nil,
			errors.New("a torn cable")
	}}
	if _, err := Merge(broken, feedOf()).Next(t.Context()); err == nil || !strings.Contains(err.Error(), "torn") {
		t.Errorf("got error %v", err)
	}
}

func row(t *testing.T, competition, home, away, kickoff string) Row {
	t.Helper()
	return Row{
		Pool: "p", Competition: football.CompetitionID(competition), Season: "2015-16", Home: home, Away: away,
		Kickoff: at(t, kickoff),
		Closing: true, HalfTime: true, FullTime: true, Header: []byte("h"), Body: []byte(home),
	}
}

func TestRowsComeInTheOrderOfTheDecision(t *testing.T) {
	rows := []Row{
		row(t, "E1", "Reading", "Fulham", "2015-08-08 14:00:00"),
		row(t, "E0", "Stoke", "Everton", "2015-08-08 14:00:00"),
		row(t, "E0", "Arsenal", "Chelsea", "2015-08-08 14:00:00"),
		{Pool: "p", Competition: "E0", Season: "2015-16", Problem: "broken", Line: "E0.csv:9",
			Kickoff: at(t, "2015-08-08 14:00:00"), Body: []byte("?")},
		{Pool: "p", Competition: "E0", Season: "2015-16", Home: "Arsenal", Away: "Chelsea",
			Kickoff: at(t, "2016-05-08 14:00:00"), Body: []byte("!")},
		row(t, "E0", "Arsenal", "Chelsea", "2015-08-08 14:00:00"), // the same match in another file
	}
	rows[len(rows)-1].File = 1
	var got []string
	for _, line := range drain(t, Rows("s", "text/csv", rows)[0]) {
		if !strings.Contains(line, " tick ") {
			got = append(got, line)
		}
	}
	var want []string
	for _, m := range []struct{ at, moment string }{
		{"07-25 14:00:00", "scheduled"}, {"08-08 13:59:00", "closing"}, {"08-08 14:00:00", "unreadable"},
		{"08-08 14:00:00", "kick-off"},
		{"08-08 14:47:00", "half-time"}, {"08-08 15:55:00", "full-time"},
	} {
		if m.moment == "unreadable" {
			want = append(want, m.at+" unreadable E0.csv:9")
			continue
		}
		for _, match := range []string{"E0/2015-16/Arsenal/Chelsea", "E0/2015-16/Stoke/Everton",
			"E1/2015-16/Reading/Fulham"} {
			want = append(want, m.at+" "+m.moment+" "+match)
		}
	}
	want = append(want, "04-24 14:00:00 scheduled E0/2015-16/Arsenal/Chelsea/2")
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestDating(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		date, clock, want string
	}{
		{"2015-08-08", "12:45", "2015-08-08T11:45:00Z"},
		{"2015-08-08", "", "2015-08-08T14:00:00Z"},
		{"26/12/2015", "", "2015-12-26T15:00:00Z"},
		{"14/08/93", " 20:00 ", "1993-08-14T19:00:00Z"},
		{"2015-13-08", "", ""},
		{"", "", ""},
		{"08.08.2015", "", "2015-08-08T14:00:00Z"},
		{"5/8/2017", "15:00", "2017-08-05T14:00:00Z"},
		{"16/08/2024", "20:00:00", "2024-08-16T19:00:00Z"},
		{"16 Aug 2024", "8:00 PM", "2024-08-16T19:00:00Z"},
		{"Sat 16-Aug-24", "20h00", "2024-08-16T19:00:00Z"},
		{"August 16, 2024", "20.00", "2024-08-16T19:00:00Z"},
		{"20240816", "2000", "2024-08-16T19:00:00Z"},
		{"45520", "20:00", "2024-08-16T19:00:00Z"}, // the day's number in a spreadsheet
		{"2024-08-16T19:00:00Z", "", "2024-08-16T19:00:00Z"},
		{"16/08/2024 20:00", "NA", "2024-08-16T19:00:00Z"},
		{"2022-12-18", "18:00 UTC+3", "2022-12-18T15:00:00Z"},
		{"2016-06-10", "21:00 CET", "2016-06-10T19:00:00Z"},
		{"2015-08-08", "TBC", "2015-08-08T14:00:00Z"},
		{"2015-08-08", "12:45 XYZ", ""},
		{"31/02/2015", "", ""},
		{"12", "", ""},
		{"2015-08-08", "25:00", ""},
		{"0000-01-01", "", ""},
	} {
		got, ok := Kickoff(c.date, c.clock, london)
		if ok != (c.want != "") || ok && got.String() != c.want {
			t.Errorf("%q %q: got %s, %v, want %s", c.date, c.clock, got, ok, c.want)
		}
	}
}

func TestTheOrderOfDatesIsDecidedByTheFile(t *testing.T) {
	for name, c := range map[string]struct {
		dates []string
		want  DateOrder
	}{
		"a day above 12":                     {[]string{"05/08/2017", "13/08/2017"}, DayFirst},
		"a month's day above 12":             {[]string{"08/05/2017", "08/13/2017"}, MonthFirst},
		"nothing decides":                    {[]string{"05/08/2017"}, DayFirst},
		"a season only with the month first": {[]string{"8/5/2017", "8/12/2017", "12/9/2017", "5/12/2018"}, MonthFirst},
		"a season only with the day first":   {[]string{"5/8/2017", "12/8/2017", "9/12/2017", "12/5/2018"}, DayFirst},
		"sorted only with the month first": {[]string{"8/5/2017", "8/12/2017", "9/2/2017", "9/9/2017", "10/7/2017"},
			MonthFirst},
		"the year first":                     {[]string{"2017-08-05", "2017-08-13"}, DayFirst},
		"no dates at all":                    {nil, DayFirst},
		"more days than months are above 12": {[]string{"13/08/2017", "14/08/2017", "08/15/2017"}, DayFirst},
	} {
		if got := OrderOf(c.dates); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestSeasons(t *testing.T) {
	for file, want := range map[string]football.Season{
		"data/E0/E0_1516.csv": "2015-16", "E0_9900.csv": "1999-00", "E0_9394.csv": "1993-94",
		"mmz4281/2122/E0.csv": "2021-22",
		"2020-21_en.1.json":   "2020-21", "1999-00/en.1.json": "1999-00", "E0.csv": "", "2015-18_x.json": "",
		"http://host/mmz4281/0506/SP1.csv": "2005-06",
		"PL 2015-16":                       "2015-16", "E0_1234567.csv": "",
		"england-2015-2016.csv": "2015-16", "Serie A 20/E0_20-21.csv": "2020-21",
	} {
		if got := SeasonNamed(file); got != want {
			t.Errorf("%s: got %q, want %q", file, got, want)
		}
	}
	for date, want := range map[string]football.Season{"2015-08-08 00:00:00": "2015-16",
		"2016-05-08 00:00:00": "2015-16", "1999-07-01 00:00:00": "1999-00"} {
		if got := SeasonOn(at(t, date)); got != want {
			t.Errorf("%s: got %q, want %q", date, got, want)
		}
	}
	if got := SeasonStart("2015-16"); got != at(t, "2015-07-01 00:00:00") {
		t.Errorf("got %s", got)
	}
	if SeasonStart("") != 0 || SeasonStart("soon") != 0 {
		t.Error("a season that is none has a start")
	}
}

func TestZones(t *testing.T) {
	ref, err := football.ParseReference([]byte(`{"pools":[{"id":"a","zone":"Europe/Rome"},{"id":"b","zone":"Mars/Olympus"},{"id":"c"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if zone, err := Zone(ref, "a"); err != nil || zone.String() != "Europe/Rome" {
		t.Errorf("got %v, %v", zone, err)
	}
	if _, err := Zone(ref, "b"); err == nil || !strings.Contains(err.Error(), "Mars/Olympus") {
		t.Errorf("got error %v", err)
	}
	if zone, err := Zone(ref, "c"); err != nil || zone != time.UTC {
		t.Errorf("got %v, %v", zone, err)
	}
}
