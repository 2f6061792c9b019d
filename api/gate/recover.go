package gate

import (
	"errors"
	"net/http"
	"runtime/debug"

	"github.com/touchline/touchline/api/problem"
)

// recoverPanic turns a panic into a 500 and a log line with the stack. Where the answer has begun it can only be cut
// off, so that the client does not take a part for the whole. It is inside of the compression, which would otherwise
// flush a part of the answer on the way out, and which keeps the beginning of an answer back: hence a record of its
// own.
func (g *Gate) recoverPanic(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner := &answerRecorder{ResponseWriter: w}
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			// a handler's own way to cut the connection
			if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(cause)
			}
			v := visitOf(r)
			g.logger.ErrorContext(r.Context(), "panic in a handler", "route", v.route, "path", r.URL.Path, "error",
				cause, "stack", string(debug.Stack()), "request", v.id)
			if inner.begun() {
				panic(http.ErrAbortHandler)
			}
			for _, name := range []string{"ETag", "Cache-Control", "Last-Modified"} { // of the answer that did not come
				w.Header().Del(name)
			}
			problem.Write(w, r, problem.Internal("a defect of the server; its log says more"))
		}()
		next.ServeHTTP(inner, r)
	})
}
