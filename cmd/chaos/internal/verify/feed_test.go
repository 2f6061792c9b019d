package verify

import (
	"testing"

	"github.com/touchline/touchline/cmd/chaos/internal/feed"
	"github.com/touchline/touchline/schemas/wire"
)

// owing returns facts of one partition: four forecasts of a match at the offsets 10 to 13, and two events.
func owing() *Facts {
	f := NewFacts(nil)
	for i := range int64(4) {
		f.deltas[wire.TopicPredictions][0] = append(f.deltas[wire.TopicPredictions][0],
			Delta{10 + i, "m", "goals", 1 + i, "E0"})
	}
	for i := range int64(2) {
		f.deltas[wire.TopicMatchEvents][0] = append(f.deltas[wire.TopicMatchEvents][0],
			Delta{5 + i, "m", "", 1 + i, "E0"})
	}
	return f
}

// saw returns the history of a subscriber that applied these forecasts and all events, from before offset 11 of the
// forecasts on.
func saw(sequences ...int64) *feed.History {
	h := &feed.History{
		Name: "test", Start: feed.Positions{{11}, {0}}, End: feed.Positions{{14}, {7}},
		Image:   []feed.Applied{{Match: "m", Model: "goals", Sequence: 1}},
		Applied: []feed.Applied{{Match: "m", Sequence: 1}, {Match: "m", Sequence: 2}},
	}
	for _, s := range sequences {
		h.Applied = append(h.Applied, feed.Applied{Match: "m", Model: "goals", Sequence: s})
	}
	return h
}

func TestCheckFeed(t *testing.T) {
	for _, c := range []struct {
		name       string
		history    *feed.History
		want       Result
		superseded int
	}{
		{"all of it", saw(2, 3, 4), Result{}, 0},
		{"a gap that ends in the newest", saw(2, 4), Result{}, 1},
		{"the newest is missing", saw(2, 3), Result{Lost: 1}, 0},
		{"once more", saw(2, 3, 3, 4), Result{Doubled: 1}, 0},
		{"out of order", saw(3, 2, 4), Result{Disordered: 1}, 0},
		{"what the image had", saw(1, 2, 3, 4), Result{Foreign: 1}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, superseded := CheckFeed(c.history, owing())
			if got.Lost != c.want.Lost || got.Doubled != c.want.Doubled || got.Disordered != c.want.Disordered ||
				got.Foreign != c.want.Foreign || superseded != c.superseded {
				t.Errorf("got %+v and %d superseded, want %+v and %d", got, superseded, c.want, c.superseded)
			}
		})
	}
}

func TestAnImageThatIsBehindItsCursorIsALoss(t *testing.T) {
	h := saw(2, 3, 4)
	h.Start = feed.Positions{{12}, {0}} // the cursor says that sequence 2 is in the image
	h.Applied = h.Applied[:0]
	h.End = feed.Positions{{12}, {0}}
	if got, _ := CheckFeed(h, owing()); got.Lost != 1 {
		t.Errorf("got %+v, want 1 lost", got)
	}
}

func TestASubscriberWithoutAnImageIsALoss(t *testing.T) {
	if got, _ := CheckFeed(&feed.History{Name: "nobody"}, owing()); got.Lost != 1 {
		t.Errorf("got %+v, want 1 lost", got)
	}
}
