package telemetry

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
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

// NewTracing sends traces to an OTLP/HTTP collector, such as http://localhost:4318. Without an endpoint it does
// nothing, at no cost. Spans are sent in batches; what can't be sent is dropped.
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
