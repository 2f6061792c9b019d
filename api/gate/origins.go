package gate

import (
	"net/http"

	"github.com/rs/cors"

	"github.com/touchline/touchline/api/problem"
)

// allowOrigins lets the configured origins read answers from a browser, without credentials. Without configured origins
// no header is sent, and browsers keep to the server's own pages. Whether a page may open a websocket is decided where
// it is opened, for browsers don't ask about that beforehand.
func (g *Gate) allowOrigins() Middleware {
	if len(g.cfg.Origins) == 0 {
		return func(next http.Handler) http.Handler { return next }
	}
	return cors.New(cors.Options{
		AllowedOrigins: g.cfg.Origins,
		AllowedMethods: []string{http.MethodGet, http.MethodHead},
		AllowedHeaders: []string{"If-None-Match", "Last-Event-ID", problem.RequestIDHeader},
		ExposedHeaders: []string{"ETag", problem.RequestIDHeader},
	}).Handler
}
