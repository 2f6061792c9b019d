package worker

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams"
)

// Metrics are the counters of all workers of a process.
type Metrics struct {
	read           *prometheus.CounterVec
	written        *prometheus.CounterVec
	refused        *prometheus.CounterVec
	dropped        *prometheus.CounterVec
	transactions   *prometheus.CounterVec
	seconds        *prometheus.HistogramVec
	sessions       *prometheus.CounterVec
	repaired       *prometheus.CounterVec
	ahead          *prometheus.CounterVec
	restored       *prometheus.CounterVec
	followed       *prometheus.CounterVec
	commitSeconds  *prometheus.HistogramVec
	restoreSeconds *prometheus.HistogramVec
	lagRecords     *prometheus.GaugeVec
	lagSeconds     *prometheus.GaugeVec
}

// NewMetrics registers the workers' metrics.
func NewMetrics(registry prometheus.Registerer) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "touchline_stage_" + name, Help: help}, labels)
		registry.MustRegister(c)
		return c
	}
	gauge := func(name, help string) *prometheus.GaugeVec {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "touchline_stage_" + name, Help: help},
			[]string{"stage", "partition"})
		registry.MustRegister(g)
		return g
	}
	m := &Metrics{
		read: counter("input_records_total", "Input records folded in committed transactions.", "stage"),
		written: counter("produced_records_total", "Records produced, those of aborted transactions included.",
			"topic"),
		refused: counter("refused_records_total", "Inputs refused and sent to quarantine.", "stage", "reason"),
		dropped: counter("dropped_records_total", "Inputs recognised that rightly changed nothing.", "stage",
			"reason"),
		transactions: counter("transactions_total", "Transactions ended.", "stage", "result"),
		sessions:     counter("sessions_broken_total", "Kafka sessions that broke and were replaced.", "stage"),
		repaired: counter("startup_repaired_records_total",
			"Outputs found already written by a half-finished commit and not written again. Stays 0 on Apache Kafka.",
			"stage", "topic"),
		ahead: counter("startup_state_ahead_records_total",
			"Changelog records of a half-finished commit that a restore left out. Stays 0 on Apache Kafka.", "stage"),
		restored: counter("restored_records_total", "Changelog records read to restore state.", "stage"),
		followed: counter("standby_records_total",
			"Changelog records read to keep warm copies of other workers' partitions.", "stage"),
		lagRecords: gauge("lag_records",
			"Records between the last one folded and the last stable offset. The markers of transactions may count "+
				"while the stage works."),
		lagSeconds: gauge("lag_seconds",
			"Age of the newest record folded, while there are newer ones that are stable."),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "touchline_stage_transaction_seconds", Help: "From the fetch to the end of the transaction.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14),
		}, []string{"stage"}),
	}
	m.restoreSeconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "touchline_stage_restore_seconds", Help: "From the assignment of partitions until they are folded.",
		Buckets: prometheus.ExponentialBuckets(0.01, 2, 14),
	}, []string{"stage"})
	m.commitSeconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "touchline_stage_commit_seconds",
		Help:    "From the last record produced to the answer that the transaction has ended.",
		Buckets: prometheus.ExponentialBuckets(0.0005, 1.5, 22),
	}, []string{"stage"})
	registry.MustRegister(m.seconds, m.commitSeconds, m.restoreSeconds)
	return m
}

// startAtZero makes the counters of a chain, so that an alert on one has a series to look at before anything goes
// wrong. Of the refusals it makes the one that every stage may have; other reasons begin with their first refusal.
func (m *Metrics) startAtZero(chain streams.Chain) {
	if m == nil {
		return // of a worker that never runs
	}
	m.sessions.WithLabelValues(chain.Name())
	for _, result := range []string{"committed", "aborted"} {
		m.transactions.WithLabelValues(chain.Name(), result)
	}
	for _, stage := range chain {
		m.restored.WithLabelValues(stage.Name)
		m.ahead.WithLabelValues(stage.Name)
		m.refused.WithLabelValues(stage.Name, string(football.RefusedUndecodable))
		for _, topic := range stage.Outputs() {
			m.repaired.WithLabelValues(stage.Name, topic)
		}
	}
}

func (m *Metrics) countTransaction(stage string, committed bool, records int, took, ending time.Duration) {
	m.seconds.WithLabelValues(stage).Observe(took.Seconds())
	m.commitSeconds.WithLabelValues(stage).Observe(ending.Seconds())
	if !committed {
		m.transactions.WithLabelValues(stage, "aborted").Inc()
		return
	}
	m.transactions.WithLabelValues(stage, "committed").Inc()
	m.read.WithLabelValues(stage).Add(float64(records))
}

// setLag notes how far behind the last stable offset a partition is.
func (m *Metrics) setLag(stage string, partition int32, records int64, seconds float64) {
	id := strconv.Itoa(int(partition))
	m.lagRecords.WithLabelValues(stage, id).Set(float64(records))
	m.lagSeconds.WithLabelValues(stage, id).Set(seconds)
}

// forgetPartition drops the gauges of a partition that another worker has now.
func (m *Metrics) forgetPartition(stage string, partition int32) {
	m.lagRecords.DeleteLabelValues(stage, strconv.Itoa(int(partition)))
	m.lagSeconds.DeleteLabelValues(stage, strconv.Itoa(int(partition)))
}
