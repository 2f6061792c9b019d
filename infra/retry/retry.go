// Package retry is how everything that needs an engine waits for one that is away: longer each time, with some chance
// in it, so that processes that lost one broker together do not come back together.
//
//	err := retry.Run(ctx, follow, func(err error, wait time.Duration) { log.Warn("following again", "error", err) })
//
// Requests of the Kafka client have waits of their own (streams/worker), for theirs are counted in milliseconds.
package retry

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// The waits between tries, before jitter.
const (
	shortest = 100 * time.Millisecond
	longest  = 5 * time.Second
)

// settled is how long work must have run for its next failure to be taken for a new one.
const settled = time.Minute

// Waits are the times between tries, each about twice the one before. They are not safe for concurrent use.
type Waits struct{ exponential *backoff.ExponentialBackOff }

// New returns waits from 100 ms to 5 s, for engines that are away.
func New() *Waits { return NewBetween(shortest, longest) }

// NewBetween returns waits that begin with about least and grow to about most.
func NewBetween(least, most time.Duration) *Waits {
	exponential := backoff.NewExponentialBackOff()
	exponential.InitialInterval, exponential.MaxInterval, exponential.Multiplier = least, most, 2
	exponential.RandomizationFactor = 0.25
	exponential.Reset()
	return &Waits{exponential}
}

// Next returns the next wait.
func (w *Waits) Next() time.Duration { return w.exponential.NextBackOff() }

// Reset begins with the shortest again: the engine has answered.
func (w *Waits) Reset() { w.exponential.Reset() }

// Sleep waits for the next wait, or returns why ctx is done.
func (w *Waits) Sleep(ctx context.Context) error { return sleep(ctx, w.Next()) }

func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Run calls work again and again until ctx is done or it returns nil, and waits in between. failed is called with each
// error before the wait; it may be nil.
func Run(ctx context.Context, work func(context.Context) error, failed func(err error, wait time.Duration)) {
	waits := New()
	for {
		began := time.Now()
		err := work(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		if time.Since(began) > settled {
			waits.Reset()
		}
		wait := waits.Next()
		if failed != nil {
			failed(err, wait)
		}
		if sleep(ctx, wait) != nil {
			return
		}
	}
}
