package postgres

import (
	"github.com/touchline/touchline/schemas/football"
)

// column is one column of a table: its name and how its value of a row R is encoded. Name and value stand together, so
// that the order of the columns means nothing and two of the same type can't be taken for each other.
type column[R any] struct {
	name   string
	encode func(buffer *copyBuffer, row R)
}

func textColumn[R any, T ~string](name string, value func(R) T) column[R] {
	return column[R]{name, func(b *copyBuffer, row R) { b.appendText(string(value(row))) }}
}

func bytesColumn[R any](name string, value func(R) []byte) column[R] {
	return column[R]{name, func(b *copyBuffer, row R) { b.appendBytes(value(row)) }}
}

func jsonColumn[R any](name string, value func(R) []byte) column[R] {
	return column[R]{name, func(b *copyBuffer, row R) { b.appendJSONB(value(row)) }}
}

func boolColumn[R any](name string, value func(R) bool) column[R] {
	return column[R]{name, func(b *copyBuffer, row R) { b.appendBool(value(row)) }}
}

// smallintColumn holds counts of a match: a number that does not fit becomes the nearest that does.
func smallintColumn[R any](name string, value func(R) int32) column[R] {
	return column[R]{name, func(b *copyBuffer, row R) { b.appendInt2(value(row)) }}
}

func intColumn[R any](name string, value func(R) int32) column[R] {
	return column[R]{name, func(b *copyBuffer, row R) { b.appendInt4(value(row)) }}
}

func bigintColumn[R any](name string, value func(R) int64) column[R] {
	return column[R]{name, func(b *copyBuffer, row R) { b.appendInt8(value(row)) }}
}

func realColumn[R any](name string, value func(R) float64) column[R] {
	return column[R]{name, func(b *copyBuffer, row R) { b.appendFloat4(value(row)) }}
}

func doubleColumn[R any](name string, value func(R) float64) column[R] {
	return column[R]{name, func(b *copyBuffer, row R) { b.appendFloat8(value(row)) }}
}

// optionalProbabilityColumn holds NULL for a negative probability, which means that none is given.
func optionalProbabilityColumn[R any](name string, value func(R) float64) column[R] {
	return column[R]{name, func(b *copyBuffer, row R) { b.appendProbability(value(row)) }}
}

func instantColumn[R any](name string, value func(R) football.Instant) column[R] {
	return column[R]{name, func(b *copyBuffer, row R) { b.appendInstant(value(row)) }}
}

// optionalInstantColumn holds NULL for the instant 0, which means that it is not known.
func optionalInstantColumn[R any](name string, value func(R) football.Instant) column[R] {
	return column[R]{name, func(b *copyBuffer, row R) { b.appendKnownInstant(value(row)) }}
}

// partitionColumn and offsetColumn say where in the topic the row came from.
func partitionColumn[F any]() column[item[F]] {
	return intColumn("partition", func(it item[F]) int32 { return it.record.Partition })
}

func offsetColumn[F any]() column[item[F]] {
	return bigintColumn("log_offset", func(it item[F]) int64 { return it.record.Offset })
}
