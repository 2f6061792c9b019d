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
	rows     *prometheus.GaugeVec
	skipped  *prometheus.GaugeVec
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
	m.rows = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "touchline_source_rows", Help: "Rows of the source's files when they were last read, by what became of them.",
		ConstLabels: labels,
	}, []string{"source", "outcome"})
	m.skipped = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "touchline_source_skipped_files", Help: "Files of the source that could not be read.", ConstLabels: labels,
	}, []string{"source"})
	for _, c := range []prometheus.Collector{m.rows, m.skipped, m.events, m.bytes, m.position, m.failed} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("register the metrics of collector %s: %w", collector, err)
		}
	}
	return m, nil
}

// reportFiles sets what a source read of its files.
func (m *collectorMetrics) reportFiles(source string, reports Reports) {
	rows, refused, skipped := reports.Totals()
	m.rows.WithLabelValues(source, "read").Set(float64(rows - refused))
	m.rows.WithLabelValues(source, "refused").Set(float64(refused))
	m.skipped.WithLabelValues(source).Set(float64(skipped))
}

func (m *collectorMetrics) observe(raw *football.RawEvent, bytes int) {
	pool := string(raw.Pool)
	m.events.WithLabelValues(pool, raw.Source, string(raw.Moment)).Inc()
	m.bytes.WithLabelValues(pool).Add(float64(bytes))
	m.position.WithLabelValues(pool).Set(float64(raw.At) / 1000)
}
