package normalize_test

import (
	"testing"

	"github.com/touchline/touchline/schemas/football"
)

// fuzz feeds a payload at every moment, to a match that is known and to one that is not.
func fuzz(t *testing.T, source string, payload []byte) {
	t.Helper()
	w := newWorld()
	known := football.RawEvent{
		Pool: "england", Source: source, SourceMatchID: "known", Competition: "E0", Season: "2015-16",
		Moment: football.MomentScheduled, SourceEventID: "f", At: instant(t, "2015-07-25T14:00Z"),
		Payload: []byte(scheduling[source]),
	}
	if refused(w.step(&known)) {
		t.Fatalf("no match of the source %q is scheduled: it needs a row in parsers.go and a payload in scheduling "+
			"that "+
			"its parser reads", source)
	}
	for _, match := range []string{"known", "other"} {
		raw := football.RawEvent{Pool: "england", Source: source, SourceMatchID: match, Competition: "E0",
			Season: "2015-16", Payload: payload}
		for _, e := range rowEvents(raw, instant(t, "2015-08-08T14:00Z"),
			"scheduled,closing,kick-off,half-time,full-time") {
			check(t, w, e)
		}
		for _, moment := range []football.Moment{football.MomentEvent, football.MomentUnreadable} {
			e := raw
			e.Moment, e.At, e.SourceEventID = moment, instant(t, "2015-08-08T14:10Z"), string(moment)
			check(t, w, &e)
		}
	}
}

// scheduling is a payload of each source that schedules a match.
var scheduling = map[string]string{
	"football-data": "HomeTeam,AwayTeam\nArsenal,Chelsea",
	"openfootball":  `{"team1":"Arsenal FC","team2":"Chelsea FC"}`,
	"international": "home_team,away_team,neutral\nArsenal,Chelsea,TRUE",
	"statsbomb":     `[{"team":{"name":"Arsenal"}},{"team":{"name":"Chelsea"}}]`,
	"simulator":     `{"type":"fixture","home":"Arsenal","away":"Chelsea","kickoff":1439042400000}`,
}

// TestEverySourceSchedulesAMatch: each source that can be collected has a parser, and a payload for its fuzz target.
func TestEverySourceSchedulesAMatch(t *testing.T) {
	for _, source := range football.Sources() {
		fuzz(t, source, []byte(scheduling[source]))
	}
}

// check steps and looks at the outputs: an input that comes to nothing says why.
func check(t *testing.T, w *world, raw *football.RawEvent) {
	t.Helper()
	outputs := w.step(raw)
	if len(outputs) == 0 {
		t.Fatalf("%s %s: no output", raw.Source, raw.Moment)
	}
	for _, out := range outputs {
		switch o := out.(type) {
		case *football.Refusal:
			if o.Reason == "" || o.Detail == "" {
				t.Fatalf("a refusal without a reason: %+v", o)
			}
		case *football.MatchEvent:
			if full, ok := o.Body.(football.FullTime); ok && (full.HomeGoals < 0 || full.AwayGoals < 0) {
				t.Fatalf("a result of %d-%d", full.HomeGoals, full.AwayGoals)
			}
		}
	}
}

func FuzzFootballDataRow(f *testing.F) {
	f.Add([]byte("Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,HTHG,HTAG,AvgH,AvgD,AvgA\nE0,2015-08-08,Arsenal,Chelsea,2,1,1,0,2.1,3.2,3.9"))
	f.Add([]byte("\"HomeTeam\",\"AwayTeam\"\r\n\"Arsenal\",\"Che\"\"lsea\"\r\n"))
	f.Add([]byte("\xef\xbb\xbfHome,Away,HG,AG,PSCH\nArsenal,Everton,1e9,,1e5"))
	f.Fuzz(func(t *testing.T, payload []byte) { fuzz(t, "football-data", payload) })
}

func FuzzOpenFootballMatch(f *testing.F) {
	f.Add([]byte(`{"round":"Matchday 1","date":"2020-09-12","time":"12:30","team1":"Fulham FC","team2":"Arsenal FC","score":{"ht":[0,1],"ft":[0,3]}}`))
	f.Add([]byte(`{"team1":{"name":"Fulham FC"},"team2":{"name":"Arsenal FC"},"score":{"ft":[99999999999]}}`))
	f.Fuzz(func(t *testing.T, payload []byte) { fuzz(t, "openfootball", payload) })
}

func FuzzInternationalRow(f *testing.F) {
	f.Add([]byte("date,home_team,away_team,home_score,away_score,tournament,city,country,neutral\n2018-07-15,France,Croatia,4,2,FIFA World Cup,Moscow,Russia,TRUE"))
	f.Add([]byte("home_team,away_team,home_score,away_score,neutral\n\"Tonga, \"\"the\"\"\",Niue,NA,-1,perhaps"))
	f.Fuzz(func(t *testing.T, payload []byte) { fuzz(t, "international", payload) })
}

func FuzzStatsBombEvent(f *testing.F) {
	f.Add([]byte(`{"type":{"name":"Shot"},"period":1,"timestamp":"00:07:09.100","team":{"name":"Arsenal"},"shot":{"statsbomb_xg":0.03,"outcome":{"name":"Goal"}}}`))
	f.Add([]byte(`[{"team":{"name":"Arsenal"}},{"team":{"name":"Chelsea"}}]`))
	f.Add([]byte(`{"type":{"name":"Half End"},"period":2,"timestamp":"00:50:00.000"}`))
	f.Fuzz(func(t *testing.T, payload []byte) { fuzz(t, "statsbomb", payload) })
}

func FuzzSimulatorPayload(f *testing.F) {
	f.Add([]byte(`{"type":"goal","side":"home","clock":{"period":1,"elapsed":610},"player":"A"}`))
	f.Add([]byte(`{"type":"correction","corrects":"event"}`))
	f.Add([]byte(`{"type":"result","home":"Arsenal","away":"Chelsea","kickoff":9223372036854775807,"half_time":[1,0],"full_time":[1,0],"closing":[{"home":0.1}]}`))
	f.Fuzz(func(t *testing.T, payload []byte) { fuzz(t, "simulator", payload) })
}
