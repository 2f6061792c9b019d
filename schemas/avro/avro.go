// Package avro embeds the Avro schemas of every topic. One file a schema; the wire format is in schemas/wire.
package avro

import "embed"

// Files holds the schemas, *.avsc, as they are registered, and under released/ every version that was ever released.
//
//go:embed *.avsc released/*/*.avsc
var Files embed.FS
