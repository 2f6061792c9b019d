package door

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/touchline/touchline/api/live/board"
	"github.com/touchline/touchline/api/live/frame"
	"github.com/touchline/touchline/api/live/subscribe"
)

// Config holds the door's settings. All but Origins are required.
type Config struct {
	// Queue is how many frames may wait for a connection before it is conflated; at four times as many it is closed.
	Queue int
	// Connections is the most connections.
	Connections int
	// Subscriptions is the most subscriptions of a connection.
	Subscriptions int
	// Heartbeat is how long a connection is silent before it gets a heartbeat, unless the client asks for another time.
	Heartbeat time.Duration
	// WriteTimeout is how long one frame may take to be written. Then the reader counts as gone.
	WriteTimeout time.Duration
	// Origins are the origins of pages that may open a websocket; "*" is any. The server's own may always.
	Origins []string
}

// Deps are the parts that the door opens to.
type Deps struct {
	Board    *board.Board
	Starter  *subscribe.Starter
	Renderer *frame.Renderer
	Logger   *slog.Logger
	Metrics  prometheus.Registerer
}

// Door takes connections in. It is safe for concurrent use.
type Door struct {
	Deps
	cfg         Config
	metrics     *doorMetrics
	connections *connections
}

// New returns a door and registers its metrics.
func New(cfg Config, deps Deps) (*Door, error) {
	metrics, err := newDoorMetrics(deps.Metrics)
	if err != nil {
		return nil, fmt.Errorf("door: %w", err)
	}
	return &Door{Deps: deps, cfg: cfg, metrics: metrics, connections: newConnections(cfg.Connections)}, nil
}

// EndAll ends every open connection with a close code of package frame. It does not wait and calls nobody.
func (d *Door) EndAll(code int, reason string) { d.connections.endAll(code, reason) }

// stopWait is how long a stop waits for clients that neither read nor answer.
const stopWait = 2 * closeWait

// Stop lets nobody in any more, ends all connections, and waits until they are gone.
func (d *Door) Stop() {
	d.connections.stop(frame.CloseGoingAway, "the server stops; connect again and resume from your last cursor",
		stopWait)
}
