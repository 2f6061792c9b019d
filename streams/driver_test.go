package streams_test

import (
	"bytes"
	"testing"

	"github.com/touchline/touchline/processors/outlook"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/line/linetest"
)

// TestATakeoverAnywhereChangesNothing folds a league and a cup twice, once with the state dropped and restored from its
// changelogs again and again: what is written must be the same, byte for byte.
func TestATakeoverAnywhereChangesNothing(t *testing.T) {
	t.Run("league", func(t *testing.T) {
		takeOver(t, linetest.Simulated(t, 6000), wire.TopicMatchEvents, wire.TopicMatchFeatures, wire.TopicPredictions,
			wire.TopicPredictionsLatest,
			wire.TopicEvaluations, wire.TopicQuarantine)
	})
	t.Run("cup", func(t *testing.T) {
		takeOver(t, linetest.KnockOuts(t), wire.TopicPredictions, wire.TopicEvaluations)
	})
}

func takeOver(t *testing.T, raws []*football.RawEvent, topics ...string) {
	t.Helper()
	whole := line.Whole(football.DefaultReference(), predict.BuiltInRegistry())
	steady, moved := streams.NewDriver(whole), streams.NewDriver(whole)
	found := map[string]int{}
	for i, raw := range raws {
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
			t.Fatalf("event %d (%s): %d records after a takeover, %d without", i, raw.SourceEventID, len(got),
				len(want))
		}
		for n, w := range want {
			if g := got[n]; g.Topic != w.Topic || g.Key != w.Key || !bytes.Equal(g.Body, w.Body) {
				t.Fatalf("event %d (%s): after a takeover %+v, without %+v", i, raw.SourceEventID, g.Fact, w.Fact)
			}
			found[w.Topic]++
		}
	}
	for _, topic := range topics {
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

// TestATakeoverChangesNoOutlook folds the same league on into outlooks, with and without takeovers; a season of twenty
// teams that were all seen has an outlook for each result.
func TestATakeoverChangesNoOutlook(t *testing.T) {
	stages := line.Stages(football.DefaultReference(), predict.BuiltInRegistry(), wire.Namespace{})
	before := streams.NewDriver(stages[:2])
	few := streams.Bind(outlook.New(outlook.Config{Seasons: 20}), wire.MatchFeatures)
	steady, moved := streams.NewDriver(streams.Chain{few}), streams.NewDriver(streams.Chain{few})
	for i, raw := range linetest.Simulated(t, 6000) {
		written, err := before.Pipe(raw)
		if err != nil {
			t.Fatal(err)
		}
		if i%101 == 0 {
			if err := moved.Restart(); err != nil {
				t.Fatal(err)
			}
		}
		for _, w := range written {
			if w.Topic != wire.TopicMatchFeatures {
				continue
			}
			for _, d := range []*streams.Driver{steady, moved} {
				if _, err := d.Pipe(w.Fact); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	want, got := steady.Read(wire.TopicOutlooks), moved.Read(wire.TopicOutlooks)
	if len(want) < 300 || len(got) != len(want) {
		t.Fatalf("%d outlooks after takeovers, %d without, want 300 or more", len(got), len(want))
	}
	for i, w := range want {
		if got[i].Key != w.Key || !bytes.Equal(got[i].Body, w.Body) {
			t.Fatalf("outlook %d: after a takeover %+v, without %+v", i, got[i].Fact, w.Fact)
		}
	}
	last := want[len(want)-1].Fact.(*football.Outlook)
	if last.Competition != "SIM1" || len(last.Teams) != 20 || last.Settled+last.Remaining != 380 {
		t.Errorf("the last: %+v", last)
	}
}
