package gate

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// requestMetrics counts requests. Labels are the route's pattern and the class of the status ("2xx"), both of few
// values.
type requestMetrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	inFlight *prometheus.GaugeVec
}

func newRequestMetrics(r prometheus.Registerer) (*requestMetrics, error) {
	m := &requestMetrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "touchline_http_requests_total",
			Help: "Requests answered, by route and class of the status.",
		}, []string{"route", "class"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "touchline_http_request_duration_seconds",
			Help:    "Time from request to answer, by route and class of the status. Streams are left out.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 3, 10),
		}, []string{"route", "class"}),
		inFlight: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "touchline_http_requests_in_flight",
			Help: "Requests that are being answered, by route; open connections of the live feed included.",
		}, []string{"route"}),
	}
	return m, errors.Join(r.Register(m.requests), r.Register(m.seconds), r.Register(m.inFlight))
}

// initialise makes every label set exist, at 0: a rate over a counter that is born with its first error misses that
// error.
func (m *requestMetrics) initialise(table *routeTable) {
	routes := []visit{{route: unmatched}}
	for _, v := range table.routes {
		routes = append(routes, v)
	}
	for _, v := range routes {
		m.inFlight.WithLabelValues(v.route)
		for _, class := range []string{"2xx", "3xx", "4xx", "5xx"} {
			m.requests.WithLabelValues(v.route, class)
			if !v.stream {
				m.seconds.WithLabelValues(v.route, class)
			}
		}
		if v.stream {
			m.requests.WithLabelValues(v.route, "1xx") // switched to a websocket
		}
	}
}

// measureRequest counts the request and how long it took.
func (g *Gate) measureRequest(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, began := visitOf(r), time.Now()
		inFlight := g.metrics.inFlight.WithLabelValues(v.route)
		inFlight.Inc()
		defer func() { // also when a handler cut the connection
			inFlight.Dec()
			class := fmt.Sprintf("%dxx", v.answer.finalStatus()/100)
			g.metrics.requests.WithLabelValues(v.route, class).Inc()
			if !v.stream {
				g.metrics.seconds.WithLabelValues(v.route, class).Observe(time.Since(began).Seconds())
			}
		}()
		next.ServeHTTP(w, r)
	})
}
