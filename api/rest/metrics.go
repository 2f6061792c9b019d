package rest

import (
	"github.com/prometheus/client_golang/prometheus"
)

// readMetrics counts where latest forecasts were found.
type readMetrics struct {
	reads *prometheus.CounterVec
}

// newReadMetrics registers the metrics with every level at 0, so that a rate can be computed from the first read.
func newReadMetrics(r prometheus.Registerer) (*readMetrics, error) {
	m := &readMetrics{
		reads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "touchline_forecast_reads_total",
			Help: "Reads of a latest forecast, by where it was found: process, redis, postgres; " +
				"none when there is none; redis-error when Redis did not answer.",
		}, []string{"level"}),
	}
	for _, level := range []string{"process", "redis", "postgres", "none", "redis-error"} {
		m.reads.WithLabelValues(level)
	}
	return m, r.Register(m.reads)
}
