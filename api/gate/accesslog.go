package gate

import (
	"net/http"
	"time"
)

// logRequest writes one line a request once it is answered; of a stream, once it has ended. The query is left out: it
// may carry a cursor or, one day, a key.
func (g *Gate) logRequest(next http.Handler) http.Handler {
	if g.cfg.AccessLog == "off" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, began := visitOf(r), time.Now()
		defer func() {
			g.logger.Log(r.Context(), g.accessLevel, "request", "method", r.Method, "path", r.URL.Path, "route",
				v.route, "status", v.answer.finalStatus(), "bytes", v.answer.bytes, "elapsed", time.Since(began),
				"remote", r.RemoteAddr, "request", v.id)
		}()
		next.ServeHTTP(w, r)
	})
}
