package door

import (
	"errors"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/touchline/touchline/api/live/frame"
)

// The kinds of connections, as labels.
const (
	kindWebsocket = "websocket"
	kindEvents    = "sse"
)

// doorMetrics counts connections and what is written to them.
type doorMetrics struct {
	connections *prometheus.GaugeVec
	frames      *prometheus.CounterVec
	conflated   prometheus.Counter
	closed      *prometheus.CounterVec
}

// newDoorMetrics registers the metrics with every label set at 0.
func newDoorMetrics(r prometheus.Registerer) (*doorMetrics, error) {
	m := &doorMetrics{
		connections: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "touchline_live_connections",
			Help: "Open connections, by kind: websocket, sse.",
		}, []string{"kind"}),
		frames: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "touchline_live_frames_total",
			Help: "Frames written, by kind of connection.",
		}, []string{"kind"}),
		conflated: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "touchline_live_conflated_records_total",
			Help: "Records dropped for a newer one of their key, counted when their connection ends.",
		}),
		closed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "touchline_live_closed_total",
			Help: "Websockets that the server ended, by close code.",
		}, []string{"code"}),
	}
	for _, kind := range []string{kindWebsocket, kindEvents} {
		m.connections.WithLabelValues(kind)
		m.frames.WithLabelValues(kind)
	}
	for _, code := range []int{frame.CloseNormal, frame.CloseGoingAway, frame.CloseTooBig, frame.CloseBadClient,
		frame.CloseSlow, frame.CloseRebuilt} {
		m.closed.WithLabelValues(strconv.Itoa(code))
	}
	return m, errors.Join(r.Register(m.connections), r.Register(m.frames), r.Register(m.conflated),
		r.Register(m.closed))
}
