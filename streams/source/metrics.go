package source

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/touchline/touchline/schemas/football"
)

// collectorMetrics are a collector's.
type collectorMetrics struct {
	events   *prometheus.CounterVec
	bytes    *prometheus.CounterVec
	position *prometheus.GaugeVec
	failed   prometheus.Counter
}

func newCollectorMetrics(registry prometheus.Registerer, collector string) (*collectorMetrics, error) {
	labels := prometheus.Labels{"collector": collector}
	m := &collectorMetrics{
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "touchline_collector_events_total", Help: "Raw events that the brokers acknowledged.",
			ConstLabels: labels,
		}, []string{"pool", "source", "moment"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "touchline_collector_bytes_total", Help: "Bytes of their frames.", ConstLabels: labels,
		}, []string{"pool"}),
		position: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "touchline_collector_event_time_seconds", Help: "Event time of the newest, in seconds since 1970.",
			ConstLabels: labels,
		}, []string{"pool"}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "touchline_collector_failures_total", Help: "Raw events that could not be published.",
			ConstLabels: labels,
		}),
	}
	for _, c := range []prometheus.Collector{m.events, m.bytes, m.position, m.failed} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("register the metrics of collector %s: %w", collector, err)
		}
	}
	return m, nil
}

func (m *collectorMetrics) observe(raw *football.RawEvent, bytes int) {
	pool := string(raw.Pool)
	m.events.WithLabelValues(pool, raw.Source, string(raw.Moment)).Inc()
	m.bytes.WithLabelValues(pool).Add(float64(bytes))
	m.position.WithLabelValues(pool).Set(float64(raw.At) / 1000)
}
