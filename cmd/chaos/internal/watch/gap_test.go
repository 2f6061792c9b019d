package watch

import (
	"testing"
	"time"
)

func TestGaps(t *testing.T) {
	begin := time.Date(2026, 8, 7, 18, 0, 0, 0, time.UTC)
	at := func(seconds float64) time.Time { return begin.Add(time.Duration(seconds * float64(time.Second))) }
	g := NewGaps()
	g.Out(0, at(0)) // nothing had gone in
	g.In(0, at(1))
	g.In(0, at(2)) // the wait began with the first
	g.Out(0, at(4))
	g.Out(0, at(9)) // nothing went in before: silence is no gap
	g.In(1, at(5))
	g.Out(0, at(5.5)) // another channel answers
	g.Out(1, at(6))
	g.In(0, at(20)) // never answered
	for _, c := range []struct {
		name     string
		from, to float64
		want     float64
	}{
		{"from its beginning", 0, 1.5, 3},
		{"just before the blow", 1.1, 2, 3},
		{"what began before and ended before", 4.1, 4.9, 0},
		{"what was there at the blow", 2.5, 4.9, 3},
		{"what had been there for long", 3.1, 4.9, 0},
		{"a channel of its own", 5, 5.2, 1},
		{"silence", 7, 12, 0},
		{"a gap that lasts", 18, 27, 10},
	} {
		if got := g.Longest(Window{at(c.from), at(c.to)}, at(30)); got != at(c.want).Sub(begin) {
			t.Errorf("%s: got %v, want %v s", c.name, got, c.want)
		}
	}
	whole, windows := Window{at(0), at(10)}, []Window{{at(0.5), at(1.5)}}
	if got := g.LongestOutside(whole, windows, at(30)); got != (Gap{at(5), at(6)}) {
		t.Errorf("outside the window: got %v", got)
	}
}
