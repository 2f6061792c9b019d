package normalize_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/touchline/touchline/processors/normalize"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// TestStateSurvivesItsChangelog folds the stories' payloads and compares every value of the state with what its Avro
// schema brings back.
func TestStateSurvivesItsChangelog(t *testing.T) {
	w := newWorld()
	if w.stage.Name() != "normalize" || w.stage.Version() != 3 {
		t.Fatalf("got stage %s %d", w.stage.Name(), w.stage.Version())
	}
	schemas := map[string]wire.Codec{}
	for _, kind := range w.stage.State() {
		schemas[kind.Kind] = wire.StateCodec(w.stage.Name(), kind)
	}
	raw := football.RawEvent{Pool: "england", Source: "simulator", SourceMatchID: "m", Competition: "E0",
		Season: "2015-16", Payload: []byte(
			`{"type":"goal","side":"away","clock":{"period":1,"elapsed":5},"home":"Arsenal","away":"Chelsea","kickoff":1439042400000,"odds":[{"bookmaker":"a","home":2,"draw":3,"away":4}],"full_time":[0,1],"half_time":[0,1]}`)}
	for _, e := range rowEvents(raw, instant(t, "2015-08-08T14:00Z"), "scheduled,kick-off,half-time,full-time") {
		w.step(e)
	}
	for _, day := range []string{"2015-09-08T00:00Z", "2015-09-09T00:00Z"} {
		w.step(&football.RawEvent{Pool: "england", Source: "clock", Moment: football.MomentTick, At: instant(t, day)})
		other := raw
		other.SourceMatchID, other.Payload = day,
			[]byte(strings.ReplaceAll(string(raw.Payload), "1439042400000", "1442000000000"))
		other.SourceEventID, other.Moment, other.At = day, football.MomentScheduled, instant(t, day)
		w.step(&other)
	}
	seen := map[string]bool{}
	for key, value := range w.view.base {
		kind, _, _ := strings.Cut(key, "/")
		seen[kind] = true
		body, err := schemas[kind].AppendValue(nil, value)
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		back, err := schemas[kind].UnmarshalValue(body)
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		if got, want := fmt.Sprintf("%+v", back), fmt.Sprintf("%+v", value); got != want ||
			!reflect.DeepEqual(reflect.TypeOf(back), reflect.TypeOf(value)) {
			t.Errorf("%s: got %s, want %s", key, got, want)
		}
	}
	for kind := range schemas {
		if !seen[kind] {
			t.Errorf("no value of the kind %s was tried", kind)
		}
	}
}

func BenchmarkFoldRows(b *testing.B) {
	const header = "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR,HTHG,HTAG,HTR,Referee,HS,AS,HST,AST,HF,AF,HC,AC,HY,AY,HR,AR,B365H,B365D,B365A,PSH,PSD,PSA,BbAvH,BbAvD,BbAvA,WHH,WHD,WHA,BbAv>2.5,BbAv<2.5,PSCH,PSCD,PSCA\n"
	const row = "E0,2015-08-08,Bournemouth,Aston Villa,0,1,A,0,0,D,M " +
		"Clattenburg,11,7,2,3,13,13,6,3,3,4,0,0,2.0,3.6,4.0,1.95,3.65,4.27,1.96,3.48,3.98,1.91,3.5,4.0,2.02,1.79,1.82,3.88,4.7"
	ref := football.DefaultReference()
	stage := normalize.New(ref)
	kickoff := football.Instant(1439042400000)
	raw := football.RawEvent{Pool: "england", Source: "football-data", Competition: "E0", SourceMatchID: "m",
		Payload: []byte(header + row)}
	var raws []*football.RawEvent
	for season := range 100 {
		e := raw
		e.Season = football.Season(fmt.Sprintf("%d", 2000+season))
		e.SourceMatchID = fmt.Sprintf("m%d", season)
		raws = append(raws, rowEvents(e, kickoff, "scheduled,closing,kick-off,half-time,full-time")...)
	}
	b.ReportAllocs()
	for b.Loop() {
		view := newMemory()
		for _, raw := range raws {
			view.commit(stage.Step(view, raw))
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(raws))/b.Elapsed().Seconds(), "events/s")
}
