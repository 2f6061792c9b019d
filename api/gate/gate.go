package gate

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
)

// Middleware wraps a handler with one concern.
type Middleware func(next http.Handler) http.Handler

// Config holds the gate's settings. Zero values mean the defaults.
type Config struct {
	// Origins are the origins of other sites' pages that may read the answers from a browser; "*" is any. Default: none
	// but the server's own. Credentials are never allowed across origins.
	Origins []string
	// BodyLimit is the most bytes of a request's body. Default 64 KiB. Nothing that is served takes a larger one.
	BodyLimit int64
	// ReadTimeout is how long a request's body may take to arrive. Default 10 s.
	ReadTimeout time.Duration
	// WriteTimeout is how long the answer of a route that is no stream may take, from its request on. Default 30 s.
	// Less than what the handlers themselves allow cuts answers off.
	WriteTimeout time.Duration
	// AccessLog is the level of the line that each request gets: "debug", "info", or "off" for none. Default "debug".
	AccessLog string
	// Authenticate is the slot of whoever decides who asks. Default: everybody is let in.
	Authenticate Middleware
	// LimitRate is the slot of whoever decides how often one may ask. It knows who asks. Default: as often as one
	// likes.
	LimitRate Middleware
}

func (c Config) withGateDefaults() Config {
	c.BodyLimit = cmp.Or(c.BodyLimit, 64<<10)
	c.ReadTimeout = cmp.Or(c.ReadTimeout, 10*time.Second)
	c.WriteTimeout = cmp.Or(c.WriteTimeout, 30*time.Second)
	c.AccessLog = cmp.Or(c.AccessLog, "debug")
	pass := func(next http.Handler) http.Handler { return next }
	if c.Authenticate == nil {
		c.Authenticate = pass
	}
	if c.LimitRate == nil {
		c.LimitRate = pass
	}
	return c
}

// Deps are what the gate reports to.
type Deps struct {
	Logger  *slog.Logger
	Metrics prometheus.Registerer
	Tracing trace.TracerProvider // nil: no spans
}

// Gate is the chain. It is safe for concurrent use.
type Gate struct {
	cfg      Config
	logger   *slog.Logger
	metrics  *requestMetrics
	tracer   trace.Tracer // nil: no spans
	compress Middleware

	accessLevel slog.Level
}

// New returns a gate and registers its metrics.
func New(cfg Config, deps Deps) (*Gate, error) {
	metrics, err := newRequestMetrics(deps.Metrics)
	if err != nil {
		return nil, fmt.Errorf("gate: %w", err)
	}
	compress, err := newCompression()
	if err != nil {
		return nil, fmt.Errorf("gate: %w", err)
	}
	g := &Gate{cfg: cfg.withGateDefaults(), logger: deps.Logger, metrics: metrics, compress: compress,
		accessLevel: slog.LevelDebug}
	switch g.cfg.AccessLog {
	case "off", "debug":
	case "info":
		g.accessLevel = slog.LevelInfo
	default:
		return nil, fmt.Errorf("gate: access log %q is none of off, debug, info", g.cfg.AccessLog)
	}
	if deps.Tracing != nil {
		g.tracer = deps.Tracing.Tracer("github.com/touchline/touchline/api/gate")
	}
	return g, nil
}

// Handler returns the routes behind the gate. Their label sets exist in the metrics from now on. A pattern that the mux
// does not take, or has twice, panics, as the mux does: the routes are the program's.
func (g *Gate) Handler(routes []Route) http.Handler {
	table := newRouteTable(routes)
	g.metrics.initialise(table)
	chain := []Middleware{ // the first is the outermost
		table.enter,
		g.traceRequest,
		g.measureRequest,
		g.logRequest,
		g.allowOrigins(),
		g.limitRequest,
		g.compressAnswer,
		g.recoverPanic,
		g.cfg.Authenticate,
		g.cfg.LimitRate,
	}
	handler := http.Handler(http.HandlerFunc(table.serveRoute))
	for _, wrap := range slices.Backward(chain) {
		handler = wrap(handler)
	}
	return handler
}
