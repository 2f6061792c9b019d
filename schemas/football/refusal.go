package football

// Refusal records why an input could not be applied. A refusal of the input itself (Original empty) is the only output
// of its step, and the step's writes are dropped. A refusal of something else that the step held (Original set) goes
// along with the step's other outputs. The runtime carries both to quarantine.
type Refusal struct {
	Reason   RefusalReason
	Field    string // the field of the payload that is wrong; "" when it is the whole
	Detail   string // one sentence that a person understands, with the value that was found
	Original []byte // what is refused; empty means the step's input
}

// RefusalReason is the class of a refusal: what a counter counts by.
type RefusalReason string

// The reasons for refusing an input.
const (
	RefusedMalformed     RefusalReason = "malformed"      // it does not parse: a broken row, truncated JSON, bad UTF-8
	RefusedUnknownTeam   RefusalReason = "unknown-team"   // no team of the pool has this name or alias
	RefusedUnknownMatch  RefusalReason = "unknown-match"  // the event is of a match that was never scheduled
	RefusedUnknownSource RefusalReason = "unknown-source" // no parser for this source or content type
	// it contradicts football: negative goals, a half-time score above the final one
	RefusedImpossible    RefusalReason = "impossible"
	RefusedAfterFullTime RefusalReason = "after-full-time"
	RefusedLate          RefusalReason = "late"        // older than the window of stream time
	RefusedConflict      RefusalReason = "conflict"    // another source gave something else about the same thing
	RefusedUndecodable   RefusalReason = "undecodable" // not an Avro frame of a known schema
	RefusedOversized     RefusalReason = "oversized"
	// a raw event that its producer wrote to another partition than its pool's: there it has no history to be folded on
	RefusedWrongPartition RefusalReason = "wrong-partition"
	RefusedPanic          RefusalReason = "panic" // the step panicked: a defect of the stage, with its stack
)

// Dropped records that an input was recognised and rightly changed nothing: a duplicate delivery. It is counted, and
// written nowhere.
type Dropped struct {
	Reason string // "duplicate", "superseded"
}

// Quarantined is a refused input as it is kept in the quarantine topic, with what is needed to find and repair it.
type Quarantined struct {
	Stage        string        `avro:"stage"`
	StageVersion int32         `avro:"stage_version"`
	Reason       RefusalReason `avro:"reason"`
	Field        string        `avro:"field"`
	Detail       string        `avro:"detail"`
	Topic        string        `avro:"topic"` // position of the original
	Partition    int32         `avro:"partition"`
	Offset       int64         `avro:"offset"`
	Key          []byte        `avro:"key"`
	Original     []byte        `avro:"original"`      // the record's value, or its first 64 KiB when it is over 512 KiB
	OriginalSize int64         `avro:"original_size"` // in bytes
	Digest       string        `avro:"digest"`        // SHA-256 of the whole original, in hexadecimal
}
