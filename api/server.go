package api

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/errgroup"

	"github.com/touchline/touchline/api/gate"
	"github.com/touchline/touchline/api/live"
	"github.com/touchline/touchline/api/page"
	"github.com/touchline/touchline/api/rest"
	"github.com/touchline/touchline/projections/cache"
	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

//go:embed openapi.yaml
var openapi []byte

// Config holds the server's settings. Zero values mean the defaults.
type Config struct {
	// Listen is the address, TOUCHLINE_LISTEN. Default ":8080"; port 0 takes a free one, which Addr returns.
	Listen string
	// Origins are the origins of other sites' pages that may use the API from a browser, TOUCHLINE_CORS_ORIGINS; "*" is
	// any. Default: none but the server's own.
	Origins []string
	// SoftStop is how long running requests may take to finish when the server stops. Default 5 s.
	SoftStop time.Duration

	Gate gate.Config // its Origins are the server's
	REST rest.Config
	Live live.Config // its OnForecast and Origins are the server's
}

// gateConfig is the gate's part of the settings.
func (c Config) gateConfig() gate.Config {
	out := c.Gate
	out.Origins = c.Origins
	return out
}

func (c Config) withServerDefaults() Config {
	c.Listen = cmp.Or(c.Listen, ":8080")
	c.SoftStop = cmp.Or(c.SoftStop, 5*time.Second)
	return c
}

// Deps are the parts that the server rests on.
type Deps struct {
	Kafka     []kgo.Opt // how to connect: brokers, TLS, SASL
	Serde     *wire.Serde
	Store     *readmodel.Store
	Cache     *cache.Reader // nil without Redis
	Reference *football.Reference
	Topics    <-chan struct{} // closed when the topics exist, if someone in this process makes them; nil: they do
	Probes    []rest.Probe    // what else must answer before the process is ready, such as the projector
	Logger    *slog.Logger
	Metrics   Metrics
	Tracing   trace.TracerProvider // nil: requests are not traced
}

// Server serves the API and the page.
type Server struct {
	cfg    Config
	hub    *live.Hub
	http   *http.Server
	logger *slog.Logger
	topics <-chan struct{}
	routes []string
	addr   net.Addr
	ready  chan struct{}
}

// New returns a server. Nothing is connected and no port is taken before Run.
func New(cfg Config, deps Deps) (*Server, error) {
	cfg = cfg.withServerDefaults()
	s := &Server{cfg: cfg, logger: deps.Logger, topics: deps.Topics, ready: make(chan struct{})}
	probes := append([]rest.Probe{{Name: "postgres", Check: deps.Store.Ping}}, deps.Probes...)
	probes = append(probes,
		rest.Probe{Name: "live", Check: func(ctx context.Context) error { return s.hub.Healthy(ctx) }})
	handler, err := rest.New(cfg.REST, deps.Store, deps.Reference, deps.Cache, deps.Serde, probes, openapi, deps.Logger,
		deps.Metrics)
	if err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	cfg.Live.OnForecast, cfg.Live.Origins = handler.Observe, cfg.Origins
	s.hub, err = live.NewHub(cfg.Live, live.Deps{Kafka: deps.Kafka, Serde: deps.Serde, Store: deps.Store,
		Reference: deps.Reference, Logger: deps.Logger, Metrics: deps.Metrics})
	if err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	front, err := gate.New(cfg.gateConfig(),
		gate.Deps{Logger: deps.Logger, Metrics: deps.Metrics, Tracing: deps.Tracing})
	if err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	s.serveRoutes(front, append(handler.Routes(),
		gate.Route{Pattern: "GET /v1/ws", Handler: http.HandlerFunc(s.hub.ServeWebsocket), Stream: true},
		gate.Route{Pattern: "GET /v1/stream", Handler: http.HandlerFunc(s.hub.ServeEvents), Stream: true},
		metricsRoute(deps.Metrics),
		gate.Route{Pattern: "GET /", Handler: page.Handler()},
	))
	return s, nil
}

// serveRoutes makes the HTTP server of the routes behind the gate. Time limits of a whole request are the gate's,
// because a stream has none; here is only what ends a connection that sends nothing.
func (s *Server) serveRoutes(front *gate.Gate, routes []gate.Route) {
	for _, r := range routes {
		s.routes = append(s.routes, r.Pattern)
	}
	s.http = &http.Server{
		Handler:           front.Handler(routes),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(s.logger.Handler(), slog.LevelDebug),
	}
}

// Run listens and serves until ctx is done. Then it takes no new requests, ends the live connections with a reason,
// lets running requests finish for SoftStop, and returns nil.
func (s *Server) Run(ctx context.Context) error {
	listener, err := net.Listen("tcp", s.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen on TOUCHLINE_LISTEN %q: %w", s.cfg.Listen, err)
	}
	s.addr = listener.Addr()
	close(s.ready)
	s.logger.Info("serving", "address", s.addr.String())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	if s.hub != nil {
		group.Go(func() error { return s.runFeed(ctx) })
	}
	group.Go(func() error {
		<-ctx.Done()
		soft, cancel := context.WithTimeout(context.Background(), s.cfg.SoftStop)
		defer cancel()
		if err := s.http.Shutdown(soft); err != nil {
			return errors.Join(s.http.Close())
		}
		return nil
	})
	return group.Wait()
}

// live runs the hub once there are topics to follow.
func (s *Server) runFeed(ctx context.Context) error {
	if s.topics != nil {
		select {
		case <-s.topics:
		case <-ctx.Done():
			return nil
		}
	}
	return s.hub.Run(ctx)
}

// Ready closes once the server listens. Whether the parts behind it do is for /readyz.
func (s *Server) Ready() <-chan struct{} { return s.ready }

// Addr is where the server listens. It is nil before Ready.
func (s *Server) Addr() net.Addr {
	select {
	case <-s.ready:
		return s.addr
	default:
		return nil
	}
}

// Routes lists the patterns of all routes.
func (s *Server) Routes() []string { return slices.Clone(s.routes) }
