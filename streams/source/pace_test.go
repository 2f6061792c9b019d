package source

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// paced returns after how long each event is let through.
func paced(t *testing.T, pace Pace, liveFrom football.Instant, events ...*football.RawEvent) []time.Duration {
	t.Helper()
	var out []time.Duration
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(pace, liveFrom)
		begin := time.Now()
		for _, e := range events {
			if err := p.waitUntilDue(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			out = append(out, time.Since(begin))
		}
	})
	return out
}

func TestPace(t *testing.T) {
	begin := at(t, "2026-08-07 18:00:00")
	tick := func(after time.Duration) *football.RawEvent { return event(begin.Add(after), "m", football.MomentTick) }
	kick := func(after time.Duration) *football.RawEvent {
		return event(begin.Add(after), "m", football.MomentKickOff)
	}
	end := func(after time.Duration) *football.RawEvent {
		return event(begin.Add(after), "m", football.MomentFullTime)
	}
	const h = time.Hour
	for _, c := range []struct {
		name   string
		pace   Pace
		live   football.Instant
		events []*football.RawEvent
		want   []time.Duration
	}{
		{"as fast as it can", Pace{}, 0, []*football.RawEvent{tick(0), tick(h)}, []time.Duration{0, 0}},
		{"sixty times faster", Pace{Speed: 60}, 0, []*football.RawEvent{tick(0), tick(h), tick(2 * h)},
			[]time.Duration{0, time.Minute, 2 * time.Minute}},
		{"a late event does not wait", Pace{Speed: 60}, 0, []*football.RawEvent{tick(h), tick(0), tick(2 * h)},
			[]time.Duration{0, 0, time.Minute}},
		{"history is not paced", Pace{Speed: 60}, begin.Add(5 * h),
			[]*football.RawEvent{tick(0), tick(h), tick(5 * h), tick(6 * h)}, []time.Duration{0, 0, 0, time.Minute}},
		{"idle time is jumped", Pace{Speed: 60, SkipIdle: h / 2}, 0,
			[]*football.RawEvent{tick(0), tick(h), tick(h + h/2), tick(3 * h)},
			[]time.Duration{0, 0, 30 * time.Second, 30 * time.Second}},
		{"a half-time break is no idle time", Pace{Speed: 60, SkipIdle: h / 2}, 0,
			[]*football.RawEvent{kick(0), end(h), tick(3 * h)}, []time.Duration{0, time.Minute, time.Minute}},
		{"a match without an end is idle in the end", Pace{Speed: 60, SkipIdle: h / 2}, 0,
			[]*football.RawEvent{kick(0), tick(5 * h), tick(7 * h)},
			[]time.Duration{0, 5 * time.Minute, 5 * time.Minute}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := paced(t, c.pace, c.live, c.events...)
			for i := range c.want {
				if got[i] != c.want[i] {
					t.Fatalf("got %v, want %v", got, c.want)
				}
			}
		})
	}
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(Pace{Speed: 1}, 0)
		ctx, cancel := context.WithCancelCause(t.Context())
		asked := errors.New("asked to stop")
		begin := at(t, "2026-08-07 18:00:00")
		if err := p.waitUntilDue(ctx, event(begin, "m", football.MomentTick)); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second, func() { cancel(asked) })
		if err := p.waitUntilDue(ctx, event(begin.Add(time.Hour), "m", football.MomentTick)); !errors.Is(err, asked) {
			t.Errorf("got %v", err)
		}
	})
}
