// Package gate is what every request goes through before a handler sees it, in one order for REST, the live feed and
// the page alike:
//
//	enter       finds the route, gives the request an id (X-Request-Id) and notes what is answered
//	trace       a span named after the route
//	measure     requests, seconds and requests in flight
//	log         one line a request
//	origins     CORS, for the configured origins
//	limits      how long a body and an answer may be and take
//	compress    zstd or gzip, where the client takes it
//	recover     a panic becomes a 500; its stack is logged
//	authenticate, limitRate    slots, empty today
//	route       the handler; what has no route becomes a 404, a wrong method a 405 with Allow
//
// Whatever goes wrong in here is answered as a problem document.
//
//	g, err := gate.New(gate.Config{}, gate.Deps{Logger: logger, Metrics: registry, Tracing: provider})
//	handler := g.Handler([]gate.Route{{Pattern: "GET /v1/matches/{id}", Handler: getMatch}})
//
// Two kinds of routes differ: a stream (websocket, server-sent events) lives for hours, so it is neither compressed by
// the gate nor cut off by the write limit, its seconds are not measured, and it must renew its own deadline at every
// write.
package gate
