package gate

import (
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// traceRequest makes a span of the request, a child of the caller's when it sent a traceparent. The span's name is the
// method and the route, never the path: names of spans are counted.
func (g *Gate) traceRequest(next http.Handler) http.Handler {
	if g.tracer == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := visitOf(r)
		parent := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, span := g.tracer.Start(
			parent,
			r.Method+" "+v.route,
			trace.WithSpanKind(trace.SpanKindServer),
			trace.WithAttributes(attribute.String("http.request.method", r.Method),
				attribute.String("http.route", v.route), attribute.String("url.path", r.URL.Path),
				attribute.String("touchline.request", v.id)),
		)
		defer span.End()
		next.ServeHTTP(w, r.WithContext(ctx))
		status := v.answer.finalStatus()
		span.SetAttributes(attribute.Int("http.response.status_code", status))
		if status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, http.StatusText(status))
		}
	})
}
