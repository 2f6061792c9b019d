package postgres

import (
	"errors"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	records *prometheus.CounterVec
	parked  *prometheus.CounterVec
	lag     *prometheus.GaugeVec
	behind  *prometheus.GaugeVec
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		records: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "touchline_projection_records_total",
			Help: "Records written to Postgres."}, []string{"topic"}),
		parked: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "touchline_projection_parked_records_total",
			Help: "Records that can't be written and went to parked_records."}, []string{"topic"}),
		lag: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "touchline_projection_lag_records",
			Help: "Committed records that are not yet written, as of the last batch."}, []string{"topic", "partition"}),
		behind: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "touchline_projection_lag_seconds",
			Help: "Age of the last written record while there are more; 0 when all is written."}, []string{"topic",
			"partition"}),
	}
	return m, errors.Join(r.Register(m.records), r.Register(m.parked), r.Register(m.lag), r.Register(m.behind))
}

// startAtZero makes the counters of a topic, so that an alert on them has a series to look at before the first record
// is written or parked.
func (m *metrics) startAtZero(topic string) {
	m.records.WithLabelValues(topic)
	m.parked.WithLabelValues(topic)
}

func (m *metrics) publishLagPoint(topic string, partition int32, p lagPoint) {
	label := strconv.Itoa(int(partition))
	m.lag.WithLabelValues(topic, label).Set(float64(max(0, p.end-p.next)))
	m.behind.WithLabelValues(topic, label).Set(p.behind.Seconds())
}

func (m *metrics) dropLag(topic string, partition int32) {
	label := strconv.Itoa(int(partition))
	m.lag.DeleteLabelValues(topic, label)
	m.behind.DeleteLabelValues(topic, label)
}
