package normalize_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/touchline/touchline/schemas/football"
)

// stream draws raw events of a few matches from all sources: in order and out of it, twice, and broken.
func stream(t *rapid.T) []*football.RawEvent {
	begin := football.At(time.Date(2015, time.August, 8, 14, 0, 0, 0, time.UTC))
	n := rapid.IntRange(1, 60).Draw(t, "events")
	var out []*football.RawEvent
	at := begin.Add(-20 * 24 * time.Hour)
	for range n {
		at = at.Add(time.Duration(rapid.IntRange(-900, 3*24*3600).Draw(t,
			"seconds")) * time.Second / time.Duration(rapid.SampledFrom([]int{1, 100}).Draw(t, "pace")))
		raw := draw(t, at)
		out = append(out, raw)
		if rapid.IntRange(0, 9).Draw(t, "again") == 0 {
			out = append(out, out[rapid.IntRange(0, len(out)-1).Draw(t, "which")])
		}
	}
	return out
}

func draw(t *rapid.T, at football.Instant) *football.RawEvent {
	match := rapid.IntRange(1, 3).Draw(t, "match")
	home, away := []string{"", "Arsenal", "Everton", "Stoke"}[match], "Chelsea"
	goals := rapid.SliceOfN(rapid.Int32Range(0, 2), 4, 4).Draw(t, "goals")
	raw := &football.RawEvent{
		Pool: "england", Competition: "E0", Season: "2015-16", At: at,
		Source: rapid.SampledFrom([]string{"football-data", "openfootball", "simulator", "clock"}).Draw(t,
			"source"),
		SourceMatchID: fmt.Sprintf("m%d", match),
		Moment: rapid.SampledFrom([]football.Moment{
			football.MomentScheduled, football.MomentScheduled, football.MomentClosing, football.MomentKickOff,
			football.MomentEvent,
			football.MomentEvent, football.MomentHalfTime, football.MomentFullTime,
		}).Draw(t, "moment"),
	}
	raw.SourceEventID = fmt.Sprintf("%s#%s-%d", raw.SourceMatchID, raw.Moment, rapid.IntRange(1, 4).Draw(t, "id"))
	switch raw.Source {
	case "clock":
		raw.Moment, raw.At, raw.SourceMatchID = football.MomentTick, at-at%60000, ""
	case "football-data":
		raw.Payload = fmt.Appendf(nil,
			"HomeTeam,AwayTeam,FTHG,FTAG,HTHG,HTAG,AvgH,AvgD,AvgA,AvgCH,AvgCD,AvgCA\n%s,%s,%d,%d,%d,%d,2.1,3.2,%d,2,3,4",
			home, away, goals[0], goals[1], goals[2], goals[3], rapid.IntRange(0, 4).Draw(t, "odds"))
	case "openfootball":
		raw.Payload = fmt.Appendf(nil, `{"team1":%q,"team2":%q,"score":{"ft":[%d,%d],"ht":[%d,%d]}}`, home, away,
			goals[0], goals[1], goals[2], goals[3])
	case "simulator":
		raw.Payload = simulated(t, raw, home, away, goals)
	}
	if rapid.IntRange(0, 30).Draw(t, "broken") == 0 {
		raw.Payload = raw.Payload[:len(raw.Payload)/2]
	}
	return raw
}

func simulated(t *rapid.T, raw *football.RawEvent, home, away string, goals []int32) []byte {
	m := map[string]any{
		"type": rapid.SampledFrom([]string{"goal", "goal", "card", "shot", "second-half", "postponed",
			"correction"}).Draw(t, "type"),
		"home": home, "away": away, "side": "home", "colour": "red", "kickoff": raw.At.Add(14 * 24 * time.Hour),
		"clock": map[string]any{"period": rapid.IntRange(1, 2).Draw(t, "period"),
			"elapsed": rapid.IntRange(0, 3000).Draw(t, "elapsed")},
		"half_time": goals[2:4], "full_time": goals[0:2],
		"corrects": fmt.Sprintf("%s#%s-%d", raw.SourceMatchID,
			rapid.SampledFrom([]string{"event", "full-time", "half-time", "scheduled"}).Draw(t, "of"),
			rapid.IntRange(1, 4).Draw(t, "corrected")),
	}
	payload, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return payload
}

// events returns the match events that a stream becomes.
func events(raws []*football.RawEvent) []*football.MatchEvent {
	w := newWorld()
	var out []*football.MatchEvent
	for _, raw := range raws {
		for _, output := range w.step(raw) {
			if e, ok := output.(*football.MatchEvent); ok {
				out = append(out, e)
			}
		}
	}
	return out
}

func TestTheSameStreamGivesTheSameOutputs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raws := stream(t)
		a, b := newWorld(), newWorld()
		for i, raw := range raws {
			if x, y := a.step(raw), b.step(raw); !reflect.DeepEqual(x, y) {
				t.Fatalf("event %d: got %v and %v", i, x, y)
			}
		}
		if x, y := printed(a.view.base), printed(b.view.base); x != y {
			t.Fatalf("states differ:\n%s\n%s", x, y)
		}
	})
}

func TestSequencesHaveNoGaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		last := map[football.MatchID]int64{}
		for _, e := range events(stream(t)) {
			if e.Match == "" {
				continue
			}
			if err := e.Match.Validate(); err != nil {
				t.Fatal(err)
			}
			if last[e.Match]++; e.Sequence != last[e.Match] {
				t.Fatalf("%s: got sequence %d, want %d", e.Match, e.Sequence, last[e.Match])
			}
			if c, ok := e.Body.(football.Correction); ok && (c.Corrects < 1 || c.Corrects >= e.Sequence) {
				t.Fatalf("%s #%d corrects %d", e.Match, e.Sequence, c.Corrects)
			}
		}
	})
}

func TestStreamTimeNeverGoesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		last := football.Instant(0)
		for _, e := range events(stream(t)) {
			if e.Match == "" {
				if e.At <= last {
					t.Fatalf("a tick at %s after one at %s", e.At, last)
				}
				last = e.At
			}
		}
	})
}

// TestADuplicateLeavesNoTrace delivers every event a second time, at once or later: no match event comes of it.
func TestADuplicateLeavesNoTrace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raws := stream(t)
		w := newWorld()
		var taken []*football.RawEvent // with an effect: what was refused may be taken later
		for _, raw := range raws {
			outputs := w.step(raw)
			if !refused(outputs) {
				taken = append(taken, raw)
			}
			if len(taken) == 0 {
				continue
			}
			again := taken[rapid.IntRange(max(0, len(taken)-5), len(taken)-1).Draw(t, "again")]
			before := printed(w.view.base)
			for _, output := range w.step(again) {
				if e, ok := output.(*football.MatchEvent); ok {
					t.Fatalf("delivered again, %s at %s gave %s #%d", again.SourceEventID, again.At, e.Body.Kind(),
						e.Sequence)
				}
			}
			if after := printed(w.view.base); after != before {
				t.Fatalf("delivered again, %s changed the state:\n%s\n%s", again.SourceEventID, before, after)
			}
		}
	})
}

// TestValuesOfTheViewAreNeverMutated compares what the view holds before and after each step, the overlay apart.
func TestValuesOfTheViewAreNeverMutated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		for _, raw := range stream(t) {
			before := printed(w.view.base)
			payload := string(raw.Payload)
			outputs := w.stage.Step(w.view, raw)
			if after := printed(w.view.base); after != before {
				t.Fatalf("%s changed a value in place:\n%s\n%s", raw.SourceEventID, before, after)
			}
			if string(raw.Payload) != payload {
				t.Fatalf("%s changed its payload", raw.SourceEventID)
			}
			w.view.commit(outputs)
		}
	})
}

// TestARefusalStandsAlone checks that a refusal of the input is the only output of its step.
func TestARefusalStandsAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		for _, raw := range stream(t) {
			outputs := w.step(raw)
			if len(outputs) == 0 {
				t.Fatalf("%s vanished", raw.SourceEventID)
			}
			if refused(outputs) && len(outputs) > 1 {
				t.Fatalf("%s: a refusal among %d outputs", raw.SourceEventID, len(outputs))
			}
		}
	})
}

func printed(state map[string]any) string {
	keys := make([]string, 0, len(state))
	for key := range state {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	text := ""
	for _, key := range keys {
		text += fmt.Sprintf("%s %+v\n", key, state[key])
	}
	return text
}
