package features_test

import (
	"testing"
	"time"

	"github.com/touchline/touchline/processors/features"
	"github.com/touchline/touchline/processors/features/featurestest"
	"github.com/touchline/touchline/schemas/football"
)

// TestRealHistoryKeepsTheBoundsOfOutputs folds all matches and checks, at every step, that no more records come than
// the contract says, that they are numbered without gaps, and that state does not grow with history.
func TestRealHistoryKeepsTheBoundsOfOutputs(t *testing.T) {
	if testing.Short() {
		t.Skip("folds 40,000 matches")
	}
	events := featurestest.History(featurestest.Load(t, featurestest.Divisions(), 2005, 2021))
	stage, view := features.New(features.Config{}), featurestest.NewView()
	sequence := map[football.MatchID]int64{}
	matches, records, most := 0, 0, 0
	began := time.Now()
	for _, e := range events {
		bound := features.MaxPerEvent
		if _, tick := e.Body.(football.Tick); tick {
			bound = features.MaxPerTick(inPlay(view, e.Pool), horizon(view, e))
		}
		out := stage.Step(view, e)
		if len(out) > bound {
			t.Fatalf("%s of %q at %s: %d records, want at most %d", e.Body.Kind(), e.Match, e.At, len(out), bound)
		}
		for _, o := range out {
			f, ok := o.(*football.MatchFeatures)
			if !ok {
				t.Fatalf("%s of %q: got %T", e.Body.Kind(), e.Match, o)
			}
			if sequence[f.Match]++; f.Sequence != sequence[f.Match] {
				t.Fatalf("%s: record %d after %d", f.Match, f.Sequence, sequence[f.Match]-1)
			}
			if f.Live.Phase == football.Settled {
				matches++
			}
		}
		records, most = records+len(out), max(most, len(out))
	}
	t.Logf("%d events, %d records, at most %d a step, %d settled, %d keys at the end, %d writes, %s",
		len(events), records, most, matches, len(view.Keys()), view.Writes, time.Since(began).Round(time.Millisecond))
	if matches < 40_000 {
		t.Errorf("%d matches settled, want all of some 40,000", matches)
	}
	if keys := len(view.Keys()); keys > 2_500 {
		t.Errorf("%d keys at the end, want a month's worth", keys)
	}
}

func inPlay(v *featurestest.View, pool football.PoolID) int {
	p := football.Get[features.Pool](v, "pool/"+string(pool))
	if p == nil {
		return 0
	}
	return len(p.InPlay)
}

// horizon counts the fixtures of the pool that kick off within 14 days after the event.
func horizon(v *featurestest.View, e *football.MatchEvent) int {
	n := 0
	for d := 0; d <= 14; d++ {
		key := "fixtures/" + string(e.Pool) + "/" + e.At.Add(time.Duration(d)*24*time.Hour).Time().Format(time.DateOnly)
		if f := football.Get[features.Fixtures](v, key); f != nil {
			n += len(f.List)
		}
	}
	return n
}
