package line_test

import (
	"bytes"
	"testing"

	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/source/simulator"
	"github.com/touchline/touchline/streams/source/sourcetest"
)

// simulated returns the first raw events of one simulated pool: a season of results, then live matches with broken
// payloads among them.
func simulated(t *testing.T, events int) []*football.RawEvent {
	t.Helper()
	sim, err := simulator.New(simulator.Config{Seed: 11, Leagues: simulator.Worlds()[:1], History: 1, Malformed: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	return sourcetest.Take(t, sourcetest.Open(t, sim)[0], events)
}

// TestATakeoverAnywhereChangesNothing folds a league twice, once with the state dropped and restored from its changelogs
// again and again: what is written must be the same, byte for byte.
func TestATakeoverAnywhereChangesNothing(t *testing.T) {
	whole := line.Whole(football.DefaultReference(), predict.Live())
	steady, moved := streams.NewDriver(whole), streams.NewDriver(whole)
	found := map[string]int{}
	for i, raw := range simulated(t, 6000) {
		if i%101 == 0 {
			if err := moved.Restart(); err != nil {
				t.Fatal(err)
			}
		}
		want, err := steady.Pipe(raw)
		if err != nil {
			t.Fatal(err)
		}
		got, err := moved.Pipe(raw)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) {
			t.Fatalf("event %d (%s): %d records after a takeover, %d without", i, raw.SourceEventID, len(got), len(want))
		}
		for n, w := range want {
			if g := got[n]; g.Topic != w.Topic || g.Key != w.Key || !bytes.Equal(g.Body, w.Body) {
				t.Fatalf("event %d (%s): after a takeover %+v, without %+v", i, raw.SourceEventID, g.Fact, w.Fact)
			}
			found[w.Topic]++
		}
	}
	for _, topic := range []string{wire.TopicMatchEvents, wire.TopicMatchFeatures, wire.TopicPredictions, wire.TopicPredictionsLatest, wire.TopicEvaluations, wire.TopicQuarantine} {
		if found[topic] == 0 {
			t.Errorf("nothing was written to %s, so nothing was compared", topic)
		}
		if kept := steady.Read(topic); len(kept) != found[topic] {
			t.Errorf("%s: read %d records, %d were written", topic, len(kept), found[topic])
		}
		if left := steady.Read(topic); len(left) != 0 {
			t.Errorf("%s: %d records were read twice", topic, len(left))
		}
	}
}
