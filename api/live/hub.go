package live

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/api/live/board"
	"github.com/touchline/touchline/api/live/cursor"
	"github.com/touchline/touchline/api/live/door"
	"github.com/touchline/touchline/api/live/frame"
	"github.com/touchline/touchline/api/live/subscribe"
	"github.com/touchline/touchline/api/live/tail"
	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Deps are the parts that the feed rests on.
type Deps struct {
	Kafka     []kgo.Opt // how to connect: brokers, TLS, SASL
	Serde     *wire.Serde
	Store     *readmodel.Store // gives what is current at the start; nil: the log is read from its start
	Reference *football.Reference
	Logger    *slog.Logger
	Metrics   prometheus.Registerer
}

// Hub is the feed of this process: one tail of the log for all connections. It is safe for concurrent use.
type Hub struct {
	board *board.Board
	tail  *tail.Tail
	door  *door.Door
}

// NewHub returns a hub and registers its metrics. It connects in Run.
func NewHub(cfg Config, deps Deps) (*Hub, error) {
	cfg = cfg.withFeedDefaults()
	signer, err := cursor.NewSigner(cfg.CursorKey)
	if err != nil {
		return nil, fmt.Errorf("live: %w", err)
	}
	h := &Hub{}
	h.board = board.New(board.Config{Keep: cfg.Keep, Ring: cfg.Ring, OnRebuilt: func() {
		h.door.EndAll(frame.CloseRebuilt, "the log was rebuilt; connect again without a cursor")
	}})
	h.tail, err = tail.New(
		tail.Config{Keep: cfg.Keep, Names: cfg.Names, OnForecast: cfg.OnForecast},
		tail.Deps{Kafka: deps.Kafka, Serde: deps.Serde, Store: deps.Store, Board: h.board, Logger: deps.Logger,
			Metrics: deps.Metrics})
	if err != nil {
		return nil, fmt.Errorf("live: %w", err)
	}
	starter, err := subscribe.New(subscribe.Deps{
		Board:     h.board,
		Reader:    tail.NewReader(deps.Kafka, deps.Serde, cfg.Replays),
		Store:     deps.Store,
		Serde:     deps.Serde,
		Reference: deps.Reference,
		Cursors:   signer,
		Metrics:   deps.Metrics,
	})
	if err != nil {
		return nil, fmt.Errorf("live: %w", err)
	}
	renderer := &frame.Renderer{Serde: deps.Serde, Reference: deps.Reference, Cursors: signer, Health: h.board.Health}
	h.door, err = door.New(
		door.Config{Queue: cfg.Queue, Connections: cfg.Connections, Subscriptions: cfg.Subscriptions,
			Heartbeat: cfg.Heartbeat, WriteTimeout: cfg.WriteTimeout, Origins: cfg.Origins},
		door.Deps{Board: h.board, Starter: starter, Renderer: renderer, Logger: deps.Logger, Metrics: deps.Metrics})
	if err != nil {
		return nil, fmt.Errorf("live: %w", err)
	}
	if err := deps.Metrics.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "touchline_live_lag_records",
		Help: "Committed records that the feed has not applied.",
	}, func() float64 { return float64(h.board.Lag()) })); err != nil {
		return nil, fmt.Errorf("live: %w", err)
	}
	return h, nil
}

// Run follows the log until ctx is done, then ends the connections. It returns nil then.
func (h *Hub) Run(ctx context.Context) error {
	h.tail.Run(ctx)
	h.door.Stop()
	return nil
}

// Ready closes once the hub follows the log.
func (h *Hub) Ready() <-chan struct{} { return h.tail.Ready() }

// Healthy returns what keeps the hub from being up to date, if anything.
func (h *Hub) Healthy(context.Context) error {
	switch health := h.board.Health(); health {
	case board.HealthLive, board.HealthCatchingUp:
		return nil
	default:
		return fmt.Errorf("live feed: %s", health)
	}
}

// ServeWebsocket is the feed as a websocket.
func (h *Hub) ServeWebsocket(w http.ResponseWriter, r *http.Request) { h.door.ServeWebsocket(w, r) }

// ServeEvents is the feed as server-sent events.
func (h *Hub) ServeEvents(w http.ResponseWriter, r *http.Request) { h.door.ServeEvents(w, r) }
