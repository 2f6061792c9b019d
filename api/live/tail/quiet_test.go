package tail

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/touchline/touchline/api/live/board"
	"github.com/touchline/touchline/projections/projectiontest"
)

// A feed without news polls in vain again and again, and looks whether its topics are still the same ones.
func TestAQuietLogIsHealthy(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	b := board.New(board.Config{Keep: time.Hour, Ring: 1, OnRebuilt: func() { t.Error("the log was not rebuilt") }})
	follower, err := New(Config{}, Deps{Kafka: log.Options(), Serde: log.Serde, Board: b,
		Logger: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	follower.quiet = time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); follower.Run(ctx) }()
	<-follower.Ready()
	for range 3 { // each look moves it
		for last := b.AnsweredAt(); !b.AnsweredAt().After(last); {
			<-time.After(time.Millisecond)
		}
	}
	if got := b.Health(); got != board.HealthLive {
		t.Errorf("got health %q", got)
	}
	cancel()
	<-done
}
