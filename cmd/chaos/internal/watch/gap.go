// Package watch observes a running line from outside: how long nothing came out although something went in, and how long
// the API did not answer.
package watch

import (
	"sync"
	"time"
)

// Gap is a time without service.
type Gap struct{ From, To time.Time }

// Length returns how long the gap was.
func (g Gap) Length() time.Duration { return g.To.Sub(g.From) }

func (g Gap) overlaps(from, to time.Time) bool { return g.From.Before(to) && from.Before(g.To) }

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

// Longest returns the length of the longest gap that overlaps the window, one that has not ended included.
func (g *Gaps) Longest(from, to time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	longest := time.Duration(0)
	for _, gap := range g.found {
		if gap.overlaps(from, to) {
			longest = max(longest, gap.Length())
		}
	}
	for _, since := range g.waiting {
		if since.Before(to) {
			longest = max(longest, to.Sub(since))
		}
	}
	return longest
}

// Window is a stretch of time.
type Window struct{ From, To time.Time }

// LongestOutside returns the length of the longest gap between from and to that overlaps none of the windows.
func (g *Gaps) LongestOutside(from, to time.Time, windows []Window) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	longest := time.Duration(0)
	for _, gap := range g.found {
		if gap.overlaps(from, to) && !overlapsAny(gap, windows) {
			longest = max(longest, gap.Length())
		}
	}
	return longest
}

func overlapsAny(gap Gap, windows []Window) bool {
	for _, w := range windows {
		if gap.overlaps(w.From, w.To) {
			return true
		}
	}
	return false
}
