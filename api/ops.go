package api

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/touchline/touchline/api/rest"
)

// NewOps returns a server of health and metrics alone, for the roles that serve nothing else.
func NewOps(listen string, probes []rest.Probe, logger *slog.Logger, metrics prometheus.Gatherer) *Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", rest.Alive)
	mux.HandleFunc("GET /readyz", rest.Ready(probes))
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	return &Server{
		cfg: Config{Listen: listen}.withDefaults(), logger: logger, ready: make(chan struct{}),
		http: &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second},
	}
}
