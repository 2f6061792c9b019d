package roles

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// layer is one storey of a process: what it stands on was started before it, and is stopped after it.
type layer struct {
	name string
	run  func(ctx context.Context) error // until ctx is done; nil then
}

// openStack runs layers from the log upwards until ctx is done or one of them ends, then stops them from the listeners
// downwards, each only when the one above it is gone. It returns the first error.
func openStack(ctx context.Context, log *slog.Logger, patience time.Duration, layers ...layer) error {
	type ended struct {
		index int
		err   error
	}
	ends := make(chan ended, len(layers))
	cancels := make([]context.CancelFunc, len(layers))
	done := make([]chan struct{}, len(layers))
	for i, l := range layers {
		var own context.Context
		own, cancels[i] = context.WithCancel(context.WithoutCancel(ctx))
		done[i] = make(chan struct{})
		go func() {
			defer close(done[i])
			ends <- ended{i, l.run(own)}
		}()
	}
	var first error
	select {
	case <-ctx.Done():
		log.Info("stopping")
	case e := <-ends:
		first = fmt.Errorf("%s: %w", layers[e.index].name, cmp.Or(e.err, errors.New("ended by itself")))
	}
	for i := len(layers) - 1; i >= 0; i-- {
		cancels[i]()
		select {
		case <-done[i]:
		case <-time.After(patience):
			log.Warn("did not stop in time, going on", "part", layers[i].name, "setting", "TOUCHLINE_STOP_TIMEOUT")
		}
	}
	return first
}
