package telemetry

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Tracing is a tracer provider with its end.
type Tracing struct {
	trace.TracerProvider
	stop func(context.Context) error
}

// NewTracing sends traces to an OTLP/HTTP collector, such as http://localhost:4318. Without an endpoint it does nothing,
// at no cost. Spans are sent in batches; what can't be sent is dropped.
func NewTracing(ctx context.Context, endpoint, version, instance string) (*Tracing, error) {
	if endpoint == "" {
		return &Tracing{TracerProvider: noop.NewTracerProvider(), stop: func(context.Context) error { return nil }}, nil
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(endpoint+"/v1/traces"))
	if err != nil {
		return nil, fmt.Errorf("trace to %s: %w", endpoint, err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(resource.NewSchemaless(
		attribute.String("service.name", "touchline"),
		attribute.String("service.version", version),
		attribute.String("service.instance.id", instance),
	)))
	return &Tracing{TracerProvider: provider, stop: provider.Shutdown}, nil
}

// Stop sends what is left.
func (t *Tracing) Stop(ctx context.Context) error {
	if err := t.stop(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}

// Inject returns the headers with the context's span as W3C trace context (traceparent, tracestate). A context without
// a span changes nothing.
func Inject(ctx context.Context, headers []kgo.RecordHeader) []kgo.RecordHeader {
	c := carrier(headers)
	propagation.TraceContext{}.Inject(ctx, &c)
	return c
}

// Extract returns the context with the span that the headers name as its remote parent. Headers that name none, or a
// broken one, change nothing.
func Extract(ctx context.Context, headers []kgo.RecordHeader) context.Context {
	c := carrier(headers)
	return propagation.TraceContext{}.Extract(ctx, &c)
}

// carrier lets OpenTelemetry read and write record headers.
type carrier []kgo.RecordHeader

func (c *carrier) Get(key string) string {
	for _, h := range *c {
		if h.Key == key {
			return string(h.Value)
		}
	}
	return ""
}

// Set replaces a header in a copy: the headers may belong to a record that others read.
func (c *carrier) Set(key, value string) {
	headers := make([]kgo.RecordHeader, 0, len(*c)+1)
	for _, h := range *c {
		if h.Key != key {
			headers = append(headers, h)
		}
	}
	*c = append(headers, kgo.RecordHeader{Key: key, Value: []byte(value)})
}

func (c *carrier) Keys() []string {
	keys := make([]string, len(*c))
	for i, h := range *c {
		keys[i] = h.Key
	}
	return keys
}
