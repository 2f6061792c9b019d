package gate

import (
	"net/http"
	"time"

	"github.com/touchline/touchline/api/problem"
)

// limitRequest bounds what a request may cost: the bytes of its body, how long they take to come, and how long the
// answer takes to go. A stream has no limit for its answer and clears what an earlier request on the connection left
// behind.
//
// Not every writer has deadlines (those of tests have none), so their errors are ignored.
func (g *Gate) limitRequest(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > g.cfg.BodyLimit {
			problem.Write(w, r, problem.New(http.StatusRequestEntityTooLarge, "body-too-large",
				"the body has %d bytes; %d are the most", r.ContentLength, g.cfg.BodyLimit))
			return
		}
		control := http.NewResponseController(w)
		if r.ContentLength != 0 { // without a body a deadline of reads would only cancel the request
			_ = control.SetReadDeadline(time.Now().Add(g.cfg.ReadTimeout))
			r.Body = http.MaxBytesReader(w, r.Body, g.cfg.BodyLimit)
		}
		if visitOf(r).stream {
			_ = control.SetWriteDeadline(time.Time{})
		} else {
			_ = control.SetWriteDeadline(time.Now().Add(g.cfg.WriteTimeout))
		}
		next.ServeHTTP(w, r)
	})
}
