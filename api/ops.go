package api

import (
	"fmt"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/touchline/touchline/api/gate"
	"github.com/touchline/touchline/api/rest"
)

// Metrics is where a process's metrics are registered and read: usually a *prometheus.Registry.
type Metrics interface {
	prometheus.Registerer
	prometheus.Gatherer
}

// NewOps returns a server of health and metrics alone, for the roles that serve nothing else.
func NewOps(cfg Config, probes []rest.Probe, logger *slog.Logger, metrics Metrics) (*Server, error) {
	cfg = cfg.withServerDefaults()
	s := &Server{cfg: cfg, logger: logger, ready: make(chan struct{})}
	front, err := gate.New(cfg.gateConfig(), gate.Deps{Logger: logger, Metrics: metrics})
	if err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	s.serveRoutes(front, []gate.Route{
		{Pattern: "GET /healthz", Handler: http.HandlerFunc(rest.Alive)},
		{Pattern: "GET /readyz", Handler: rest.Ready(probes)},
		metricsRoute(metrics),
	})
	return s, nil
}

// metricsRoute is the route that Prometheus reads. The gate compresses it, like every answer.
func metricsRoute(metrics prometheus.Gatherer) gate.Route {
	return gate.Route{Pattern: "GET /metrics",
		Handler: promhttp.HandlerFor(metrics, promhttp.HandlerOpts{DisableCompression: true})}
}
