package gate

import (
	"context"
	"net/http"
	"strings"

	"github.com/touchline/touchline/api/problem"
)

// Route is a pattern of the mux and what serves it.
type Route struct {
	Pattern string // "GET /v1/matches/{id}"
	Handler http.Handler
	Stream  bool // lives until the client goes: a websocket or server-sent events
}

// unmatched is the route, in logs, metrics and spans, of requests that no route has: paths are the clients' choice, and
// a label of their choice would fill the memory.
const unmatched = "unmatched"

// routeTable finds the route of a request.
type routeTable struct {
	mux    *http.ServeMux
	routes map[string]visit // by pattern
}

// visit is what the gate knows of one request. It travels in the request's context.
type visit struct {
	id     string // the request's
	route  string // the path of its pattern: "/v1/matches/{id}"
	stream bool
	answer *answerRecorder
}

type visitKey struct{}

// visitOf returns the request's visit. Every request behind enter has one.
func visitOf(r *http.Request) *visit { return r.Context().Value(visitKey{}).(*visit) }

func newRouteTable(routes []Route) *routeTable {
	t := &routeTable{mux: http.NewServeMux(), routes: map[string]visit{}}
	for _, r := range routes {
		t.mux.Handle(r.Pattern, r.Handler)
		path := r.Pattern
		if _, after, ok := strings.Cut(path, " "); ok {
			path = after
		}
		t.routes[r.Pattern] = visit{route: path, stream: r.Stream}
	}
	return t
}

// enter begins the visit: the route, the id and the record of the answer.
func (t *routeTable) enter(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := t.mux.Handler(r)
		v, ok := t.routes[pattern]
		if !ok {
			v = visit{route: unmatched}
		}
		v.id = requestID(r)
		v.answer = &answerRecorder{ResponseWriter: w}
		w.Header().Set(problem.RequestIDHeader, v.id)
		next.ServeHTTP(v.answer, r.WithContext(context.WithValue(r.Context(), visitKey{}, &v)))
	})
}

// serveRoute is the end of the chain: the route's handler, or the problem that there is none.
func (t *routeTable) serveRoute(w http.ResponseWriter, r *http.Request) {
	if visitOf(r).route != unmatched {
		t.mux.ServeHTTP(w, r)
		return
	}
	refusal := &refusalRecorder{header: http.Header{}}
	handler, _ := t.mux.Handler(r)
	handler.ServeHTTP(refusal, r)
	switch {
	case refusal.status == http.StatusMethodNotAllowed:
		allow := refusal.header.Get("Allow")
		w.Header().Set("Allow", allow)
		problem.Write(w, r,
			problem.New(refusal.status, "method-not-allowed", "%s is not served here; there is %s", r.Method, allow))
	case refusal.status >= http.StatusMultipleChoices && refusal.status < http.StatusBadRequest: // to the clean path
		w.Header().Set("Location", refusal.header.Get("Location"))
		w.WriteHeader(refusal.status)
	default:
		problem.Write(w, r, problem.NotFound("there is nothing at %q", r.URL.Path))
	}
}

// refusalRecorder takes what the mux answers by itself, of which only status and header count.
type refusalRecorder struct {
	header http.Header
	status int
}

func (r *refusalRecorder) Header() http.Header         { return r.header }
func (r *refusalRecorder) WriteHeader(status int)      { r.status = status }
func (r *refusalRecorder) Write(b []byte) (int, error) { return len(b), nil }
