package rest

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	latency *prometheus.HistogramVec
	hits    *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "touchline_http_request_duration_seconds",
			Help: "Time from request to answer, by route and status.", Buckets: prometheus.ExponentialBuckets(0.0001, 3, 10)},
			[]string{"route", "status"}),
		hits: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "touchline_forecast_reads_total",
			Help: "Reads of a latest forecast, by where it was found: process, redis, postgres; redis-error when Redis did not answer."},
			[]string{"level"}),
	}
	return m, errors.Join(r.Register(m.latency), r.Register(m.hits))
}

// statusRecorder notes the status that a handler gives.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (s *statusRecorder) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// observed measures a route's handler.
func (s *Handler) observed(route string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		next(recorder, r)
		took := time.Since(began)
		s.metrics.latency.WithLabelValues(route, strconv.Itoa(recorder.status)).Observe(took.Seconds())
		s.logger.Debug("request", "method", r.Method, "path", r.URL.Path, "status", recorder.status, "took", took)
	}
}
