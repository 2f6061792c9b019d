// Package watch observes a running line from outside: how long nothing came out although something went in, and how
// long the API did not answer.
package watch

import (
	"slices"
	"sync"
	"time"
)

// Gap is a time without service.
type Gap struct{ From, To time.Time }

// Length returns how long the gap was.
func (g Gap) Length() time.Duration { return g.To.Sub(g.From) }

// least is the shortest gap that is remembered: shorter ones are the line at work.
const least = 20 * time.Millisecond

// Gaps finds the gaps of a service that answers what goes in by what comes out, channel by channel. A gap begins with
// the first that went in after the last that came out, and ends with the next that comes out. It is safe for concurrent
// use.
type Gaps struct {
	mu      sync.Mutex
	waiting map[int32]time.Time // since when something that went in waits for an answer
	found   []Gap
}

// NewGaps returns gaps of a service that nobody has used yet.
func NewGaps() *Gaps { return &Gaps{waiting: map[int32]time.Time{}} }

// In notes that something went in.
func (g *Gaps) In(channel int32, at time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, ok := g.waiting[channel]; !ok {
		g.waiting[channel] = at
	}
}

// Out notes that something came out.
func (g *Gaps) Out(channel int32, at time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	since, ok := g.waiting[channel]
	delete(g.waiting, channel)
	if gap := (Gap{since, at}); ok && gap.Length() >= least {
		g.found = append(g.found, gap)
	}
}

// Window is a stretch of time.
type Window struct{ From, To time.Time }

// lead is how long before a blow a gap may have begun that is put down to it when it lasted through the blow: the
// answer was on its way.
const lead = 2 * time.Second

// containsInstant reports whether the gap is the window's: it began in it, or was there when the window began and not
// for long.
func (w Window) containsInstant(g Gap) bool {
	if g.From.Before(w.From) {
		return g.To.After(w.From) && !g.From.Before(w.From.Add(-lead))
	}
	return g.From.Before(w.To)
}

// Longest returns the length of the window's longest gap; one that has not ended counts up to now.
func (g *Gaps) Longest(w Window, now time.Time) time.Duration {
	return g.longest(now, w.containsInstant).Length()
}

// LongestOutside returns the longest gap that began in the whole and is none of the windows'.
func (g *Gaps) LongestOutside(whole Window, windows []Window, now time.Time) Gap {
	return g.longest(now, func(gap Gap) bool {
		return whole.containsInstant(gap) && !slices.ContainsFunc(windows,
			func(w Window) bool { return w.containsInstant(gap) })
	})
}

func (g *Gaps) longest(now time.Time, counts func(Gap) bool) (longest Gap) {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := slices.Clone(g.found)
	for _, since := range g.waiting {
		all = append(all, Gap{since, now})
	}
	for _, gap := range all {
		if counts(gap) && gap.Length() > longest.Length() {
			longest = gap
		}
	}
	return longest
}
