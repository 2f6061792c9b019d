package tail

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/api/live/board"
	"github.com/touchline/touchline/api/live/record"
	"github.com/touchline/touchline/infra/retry"
	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Config holds the tail's settings.
type Config struct {
	// Keep is how long, in stream time, a match stays current after it was settled; as far back the tables are asked.
	Keep time.Duration
	// Names returns the names of the installation's topics in their current versions. Default: the zero Namespace.
	Names func() wire.Namespace
	// OnForecast is called with every forecast once it is applied. It must not block.
	OnForecast func(position wire.Position, match football.MatchID, model string, frame []byte)
}

// Deps are the parts that the tail rests on.
type Deps struct {
	Kafka   []kgo.Opt // how to connect: brokers, TLS, SASL
	Serde   *wire.Serde
	Store   *readmodel.Store // nil: it begins at the start of the log
	Board   *board.Board
	Logger  *slog.Logger
	Metrics prometheus.Registerer
}

// Tail follows the log for a board.
type Tail struct {
	Deps
	cfg       Config
	records   prometheus.Counter
	quiet     time.Duration // how long a poll waits for news; after three times that the topics are looked at
	ready     chan struct{}
	readyOnce sync.Once
}

// New returns a tail. It connects in Run.
func New(cfg Config, deps Deps) (*Tail, error) {
	if cfg.Names == nil {
		cfg.Names = func() wire.Namespace { return wire.Namespace{} }
	}
	t := &Tail{Deps: deps, cfg: cfg, quiet: 5 * time.Second, ready: make(chan struct{}),
		records: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "touchline_live_records_total",
			Help: "Records that the feed applied.",
		})}
	if err := deps.Metrics.Register(t.records); err != nil {
		return nil, fmt.Errorf("tail: %w", err)
	}
	return t, nil
}

// Ready closes once the tail follows the log.
func (t *Tail) Ready() <-chan struct{} { return t.ready }

// Run follows the log until ctx is done. Whatever else ends it is logged, and it begins again.
func (t *Tail) Run(ctx context.Context) {
	retry.Run(ctx, t.runSession, func(err error, wait time.Duration) {
		t.Logger.Warn("live feed starts again", "error", err, "wait", wait)
	})
}

// constants are the feed's topics as the program and the tables call them.
var constants = [record.TopicCount]string{
	record.Predictions: wire.TopicPredictions,
	record.Events:      wire.TopicMatchEvents,
}

// currentNames returns what the feed's topics are called in Kafka now.
func (t *Tail) currentNames() [record.TopicCount]string {
	names, current := [record.TopicCount]string{}, t.cfg.Names()
	for topic, constant := range constants {
		names[topic] = current.Topic(constant)
	}
	return names
}
