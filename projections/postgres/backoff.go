package postgres

import (
	"context"
	"time"
)

// backoff is the time between tries: from 50 ms, doubled each time, to 5 s.
type backoff struct{ last time.Duration }

// waitOnce waits until the next try, or until ctx is done.
func (b *backoff) waitOnce(ctx context.Context) {
	b.last = min(max(50*time.Millisecond, 2*b.last), 5*time.Second)
	timer := time.NewTimer(b.last)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
