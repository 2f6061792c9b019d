package board

import "time"

// The states of the feed, as every frame has them.
const (
	HealthLive       = "live"        // all that is committed was applied
	HealthCatchingUp = "catching-up" // there is more in the log
	HealthStale      = "stale"       // the log has not answered for staleAfter, or not yet
)

// staleAfter is how long the log may be silent. An idle log answers every few seconds.
const staleAfter = 30 * time.Second

// Health returns the state of the feed. It takes no lock.
func (b *Board) Health() string {
	switch {
	case !b.loaded.Load() || time.Since(b.AnsweredAt()) > staleAfter:
		return HealthStale
	case b.lag.Load() > 0:
		return HealthCatchingUp
	}
	return HealthLive
}

// Lag returns how many committed offsets are not applied, as of the last fetch; 0 before Load. It takes no lock.
func (b *Board) Lag() int64 { return b.lag.Load() }

// NoteAnswer notes that the log has answered just now.
func (b *Board) NoteAnswer() { b.answered.Store(time.Now().UnixNano()) }

// AnsweredAt returns when the log last answered. It takes no lock.
func (b *Board) AnsweredAt() time.Time { return time.Unix(0, b.answered.Load()) }
