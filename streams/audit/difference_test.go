package audit

import (
	"fmt"
	"testing"

	"github.com/touchline/touchline/schemas/football"
)

func TestDifferencesNameTheFieldAndBothValues(t *testing.T) {
	goal := func(change func(*football.MatchEvent)) *football.MatchEvent {
		e := &football.MatchEvent{Match: "m", Sequence: 3, Body: football.Goal{Side: football.Home}}
		change(e)
		return e
	}
	plain := goal(func(*football.MatchEvent) {})
	grid := func(n int, last float32) *football.Prediction {
		p := &football.Prediction{Grid: football.ScoreGrid{P: make([]float32, n)}}
		p.Grid.P[n-1] = last
		return p
	}
	for want, pair := range map[string][2]any{
		"[]": {plain, plain},
		"[{sequence 3 4}]": {plain,
			goal(func(e *football.MatchEvent) { e.Sequence = 4 })},
		"[{body.side home away}]": {plain,
			goal(func(e *football.MatchEvent) { e.Body = football.Goal{Side: football.Away} })},
		"[{body Goal KickOff}]": {plain,
			goal(func(e *football.MatchEvent) { e.Body = football.KickOff{} })},
		"[{body Goal nothing}]": {plain,
			goal(func(e *football.MatchEvent) { e.Body = nil })},
		"[{grid.p[3] 0.1 0.2}]":            {grid(4, 0.1), grid(4, 0.2)},
		"[{grid.p 4 elements 5 elements}]": {grid(4, 0), grid(5, 0)},
		"[{payload 1 elements 1 elements}]": {&football.RawEvent{Payload: []byte("a")},
			&football.RawEvent{Payload: []byte("b")}},
		"[{outcome.home 0.5 0.25}]": {&football.Prediction{Outcome: football.Outcome{Home: 0.5}},
			&football.Prediction{Outcome: football.Outcome{Home: 0.25}}},
		"[{at 1970-01-01T00:00:01Z 1970-01-01T00:00:02Z}]": {&football.MatchEvent{At: 1000},
			&football.MatchEvent{At: 2000}},
	} {
		if got := fmt.Sprint(fieldDifferences(pair[0], pair[1])); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	one, other := make([]float32, 40), make([]float32, 40)
	for i := range other {
		other[i] = 1
	}
	many := fieldDifferences(&football.ScoreGrid{P: one}, &football.ScoreGrid{P: other})
	if len(many) != mostDifferences+1 || many[mostDifferences].Field != "and 28 fields more" {
		t.Errorf("of 40 differences: got %v", many)
	}
	if first, last := many[0].As("in the log ", ", folded "),
		many[mostDifferences].As("in the log ", ", folded "); first != "p[0]: in the log 0, folded 1" ||
		last != "and 28 fields more" {
		t.Errorf("got %q and %q", first, last)
	}
}

func TestPlacesInATopic(t *testing.T) {
	got, err := ParseOffsets([]string{"3/1200", "0/0"})
	if err != nil || got[3] != 1200 || len(got) != 2 {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range []string{"", "3", "x/1", "1/x", "1/-1"} {
		if _, err := ParseOffsets([]string{bad}); err == nil {
			t.Errorf("%q passes as a place", bad)
		}
	}
}
