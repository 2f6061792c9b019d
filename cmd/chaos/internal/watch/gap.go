// Package watch observes a running line from outside: how long nothing came out although something went in, and how long
// the API did not answer.
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

// lead is how long before a blow a gap may have begun that is put down to it: the last answer was on its way.
const lead = 200 * time.Millisecond

func (w Window) holds(at time.Time) bool { return !at.Before(w.From.Add(-lead)) && at.Before(w.To) }

// Longest returns the length of the longest gap that began within the window; one that has not ended counts up to now.
func (g *Gaps) Longest(w Window, now time.Time) time.Duration {
	return g.longest(now, w.holds)
}

// LongestOutside returns the length of the longest gap that began in the whole but in none of the windows.
func (g *Gaps) LongestOutside(whole Window, windows []Window, now time.Time) time.Duration {
	return g.longest(now, func(at time.Time) bool {
		return whole.holds(at) && !slices.ContainsFunc(windows, func(w Window) bool { return w.holds(at) })
	})
}

func (g *Gaps) longest(now time.Time, counts func(began time.Time) bool) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	longest := time.Duration(0)
	for _, gap := range g.found {
		if counts(gap.From) {
			longest = max(longest, gap.Length())
		}
	}
	for _, since := range g.waiting {
		if counts(since) {
			longest = max(longest, now.Sub(since))
		}
	}
	return longest
}
