// Package telemetry makes the logger, the metrics registry and the tracer that the parts of one program are given, and
// carries trace contexts in the headers of Kafka records. Nothing here is global: two instances live in one test.
//
//	log, err := telemetry.NewLogger(os.Stderr, cfg.LogLevel, cfg.LogFormat)
//	metrics := telemetry.NewMetrics(version)
//	tracing, err := telemetry.NewTracing(ctx, cfg.OTLPEndpoint, version, cfg.Instance)
//	defer tracing.Stop(ctx)
//
// It registers no metric of the line: each part registers its own with the registry it is given.
package telemetry
