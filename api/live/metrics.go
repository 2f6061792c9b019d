package live

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	records     prometheus.Counter
	connections *prometheus.GaugeVec
	frames      *prometheus.CounterVec
	conflated   prometheus.Counter
	closed      *prometheus.CounterVec
	resumed     *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer, h *Hub) (*metrics, error) {
	m := &metrics{
		records: prometheus.NewCounter(prometheus.CounterOpts{Name: "touchline_live_records_total", Help: "Records that the feed applied."}),
		connections: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "touchline_live_connections", Help: "Open connections, by kind: websocket, sse."},
			[]string{"kind"}),
		frames: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "touchline_live_frames_total", Help: "Frames written, by kind of connection."},
			[]string{"kind"}),
		conflated: prometheus.NewCounter(prometheus.CounterOpts{Name: "touchline_live_conflated_records_total", Help: "Records dropped for a newer one of their key."}),
		closed: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "touchline_live_closed_total", Help: "Connections that the server ended, by close code."},
			[]string{"code"}),
		resumed: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "touchline_live_resumed_total",
			Help: "Subscriptions with a cursor, by where the rest came from: ring, log, refused."}, []string{"from"}),
	}
	lag := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "touchline_live_lag_records", Help: "Committed records that the feed has not applied."},
		func() float64 {
			h.mu.Lock()
			defer h.mu.Unlock()
			return float64(h.lag())
		})
	return m, errors.Join(r.Register(m.records), r.Register(m.connections), r.Register(m.frames), r.Register(m.conflated), r.Register(m.closed),
		r.Register(m.resumed), r.Register(lag))
}
