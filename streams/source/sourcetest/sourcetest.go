// Package sourcetest helps to test sources: it reads their feeds, and folds their events with normalize.
package sourcetest

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/touchline/touchline/processors/features/featurestest"
	"github.com/touchline/touchline/processors/normalize"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
)

// Open returns the source's feeds.
func Open(t testing.TB, s source.Source) []source.Feed {
	t.Helper()
	feeds, err := s.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return feeds
}

// Drain hands each event of the feed on, to the feed's end.
func Drain(t testing.TB, feed source.Feed, each func(*football.RawEvent)) {
	t.Helper()
	for raw := nextEvent(t, feed); raw != nil; raw = nextEvent(t, feed) {
		each(raw)
	}
}

// Take returns the next n events of the feed, or fewer at its end.
func Take(t testing.TB, feed source.Feed, n int) []*football.RawEvent {
	t.Helper()
	var raws []*football.RawEvent
	for len(raws) < n {
		raw := nextEvent(t, feed)
		if raw == nil {
			break
		}
		raws = append(raws, raw)
	}
	return raws
}

// All returns the events of the feed.
func All(t testing.TB, feed source.Feed) []*football.RawEvent {
	t.Helper()
	return Take(t, feed, math.MaxInt)
}

// CheckAllAreUsed folds each event of the feeds by itself, but for ticks: none may come to nothing, which is less than
// a refusal.
func CheckAllAreUsed(t testing.TB, feeds []source.Feed) {
	t.Helper()
	for _, feed := range feeds {
		Drain(t, feed, func(raw *football.RawEvent) {
			if raw.Moment != football.MomentTick && len(NewFold().Step(raw)) == 0 {
				t.Errorf("%s came to nothing", raw.SourceEventID)
			}
		})
	}
}

// nextEvent returns nil at the feed's end.
func nextEvent(t testing.TB, feed source.Feed) *football.RawEvent {
	t.Helper()
	raw, err := feed.Next(t.Context())
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Fold is normalize with a state of its own.
type Fold struct {
	Became map[string]int // how many events became what: "goal", "refused late at", "dropped duplicate"
	stage  *normalize.Stage
	view   *featurestest.View
}

// NewFold returns a fold that has seen nothing.
func NewFold() *Fold {
	return &Fold{Became: map[string]int{}, stage: normalize.New(football.DefaultReference()),
		view: featurestest.NewView()}
}

// Step returns what the event becomes, and counts it.
func (f *Fold) Step(raw *football.RawEvent) []football.Output {
	outputs := f.stage.Step(f.view, raw)
	for _, out := range outputs {
		switch o := out.(type) {
		case *football.MatchEvent:
			f.Became[o.Body.Kind()]++
		case *football.Refusal:
			f.Became[strings.TrimSpace("refused "+string(o.Reason)+" "+o.Field)]++
		case *football.Dropped:
			f.Became["dropped "+o.Reason]++
		default: // normalize writes no other
		}
	}
	return outputs
}

// Keys returns the number of values in the state.
func (f *Fold) Keys() int { return f.view.Len() }
