package live

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/touchline/touchline/projections/projectiontest"
)

// A feed without news polls in vain again and again, and looks whether its topics are still the same ones.
func TestAQuietLogIsHealthy(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	hub, err := NewHub(Config{}, log.Options(), log.Serde, nil, log.Reference, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	hub.quiet = time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- hub.Run(ctx) }()
	<-hub.Ready()
	heard := func() time.Time {
		hub.mu.Lock()
		defer hub.mu.Unlock()
		return hub.heard
	}
	for range 3 { // each look moves it
		for last := heard(); !heard().After(last); {
			<-time.After(time.Millisecond)
		}
	}
	if err := hub.Healthy(ctx); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
