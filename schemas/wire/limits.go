package wire

import (
	"time"

	"github.com/hamba/avro/v2"
)

// Limits of what one frame may cost its reader, whoever wrote it. Each stands far above what the line writes: decision
// 0017 compares them, and has the cost of the worst accepted frame.
const (
	// maxBody is the greatest length of an Avro body, in bytes. The largest batch that a client of ours sends to Kafka
	// has half of it.
	maxBody = 16 << 20
	// maxItems is the greatest number of items in all lists of a body together. Items bound memory: one that takes a
	// byte on the wire may take some hundred bytes as a struct.
	maxItems = 1 << 16
)

// Limits of a schema that a registry returns for a frame. A schema is read once, but by the process of every reader.
const (
	maxSchemaText  = 64 << 10 // bytes
	maxTextDepth   = 64       // brackets of JSON that are open at once
	maxSchemaDepth = 16       // records, lists and unions that lie in each other
	maxSchemaTypes = 2048     // types, those of a named type counted wherever its name is used
	maxFields      = 256      // of a record: the library's work for one grows with their square
	maxBranches    = 64       // of a union
)

// Limits of what a Serde remembers of schemas that are not its own. A producer can put any id in a frame.
const (
	maxForeign = 256             // schemas and readers of them, those used longest ago forgotten first
	maxUnknown = 1024            // ids that the registry does not know
	unknownFor = 5 * time.Second // after that it is asked again: the schema may be registered by then
)

// maxReason is the greatest length of an UndecodableError's text, in bytes. Errors of the Avro library may quote a
// whole schema, and the text goes to quarantine with each frame.
const maxReason = 500

// libraryConfig is how the Avro library encodes and decodes. Its limits are a second line: layout.checkBody has
// refused what would reach them.
var libraryConfig = avro.Config{
	UnionResolutionError: true,
	MaxByteSliceSize:     maxBody,
	MaxSliceAllocSize:    maxItems,
}
