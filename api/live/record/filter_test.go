package record_test

import (
	"testing"

	"github.com/touchline/touchline/api/live/record"
)

func TestAFilterWantsWhatAllItsFieldsFit(t *testing.T) {
	t.Parallel()
	forecast := &record.Record{
		Topic:       record.Predictions,
		Match:       "m",
		Competition: "E0",
		Home:        "a",
		Away:        "b",
		Model:       "goals",
	}
	shadow := &record.Record{
		Topic:       record.Predictions,
		Match:       "m",
		Competition: "E0",
		Home:        "a",
		Away:        "b",
		Model:       "goals@3",
	}
	event := &record.Record{Topic: record.Events, Match: "m", Competition: "E0", Home: "a", Away: "b"}
	tick := &record.Record{Topic: record.Events}
	for name, test := range map[string]struct {
		filter                         record.Filter
		forecast, shadow, event, ticks bool
	}{
		"everything":          {record.Filter{}, true, false, true, false},
		"the match":           {record.Filter{Match: "m"}, true, false, true, false},
		"another match":       {record.Filter{Match: "n"}, false, false, false, false},
		"the home side":       {record.Filter{Team: "a"}, true, false, true, false},
		"the away side":       {record.Filter{Team: "b"}, true, false, true, false},
		"another side":        {record.Filter{Team: "c"}, false, false, false, false},
		"another competition": {record.Filter{Match: "m", Competition: "E1"}, false, false, false, false},
		"the model":           {record.Filter{Model: "goals"}, true, false, true, false},
		"the shadow":          {record.Filter{Model: "goals@3"}, false, true, true, false},
	} {
		got := [...]bool{
			test.filter.Wants(forecast),
			test.filter.Wants(shadow),
			test.filter.Wants(event),
			test.filter.Wants(tick),
		}
		if want := [...]bool{test.forecast, test.shadow, test.event, test.ticks}; got != want {
			t.Errorf("%s: got %v, want %v (forecast, shadow, event, tick)", name, got, want)
		}
	}
}

func TestPositions(t *testing.T) {
	t.Parallel()
	at := func(predictions, events int64) record.Positions {
		return record.Positions{Next: [record.TopicCount][]int64{{predictions}, {events}}}
	}
	if got := record.LaterOf(at(3, 5), at(4, 1)); got.Next[0][0] != 4 || got.Next[1][0] != 5 {
		t.Errorf("got %v, want the later of both", got)
	}
	if !at(3, 5).Covers(at(3, 4)) || at(3, 5).Covers(at(4, 0)) {
		t.Error("positions cover what is nowhere before them, and nothing else")
	}
	r := &record.Record{Topic: record.Events, Offset: 4}
	p := at(0, 4)
	copied := p.Clone()
	p.PassRecord(r)
	if !p.CoversRecord(r) || copied.CoversRecord(r) || (record.Positions{}).CoversRecord(r) {
		t.Error("a record is covered once it was passed, by the positions that passed it")
	}
	if !(record.Positions{}).IsZero() || p.IsZero() {
		t.Error("positions without offsets are none")
	}
}
