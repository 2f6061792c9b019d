package wire

// Record headers. The version of the fold, which answers differently when it is raised, is no header: it stands in
// bodies as stage_version (decision 0016).
const (
	HeaderCause        = "cause"         // topic/partition/offset/output index of the input that caused the record
	HeaderStage        = "stage"         // name of the stage that wrote it
	HeaderTopicVersion = "topic-version" // the version of the topics that it writes: 2 for "football.predictions.v2"
	HeaderPublished    = "published"     // Unix milliseconds at which the raw event behind the record was published
	HeaderTraceparent  = "traceparent"   // W3C trace context
	// on changelog records: topic/partition/offset up to which (exclusive) input is applied
	HeaderInputOffset = "input-offset"
)

// Record headers of repairs. An entry of quarantine is named partition/offset.
const (
	HeaderReplayOf   = "replay-of"   // on a raw event: the entry that it was replayed from
	HeaderSettles    = "settles"     // on a record of quarantine that has no value: the entry that it settles
	HeaderSettlement = "settlement"  // how: "replayed" or "dropped"
	HeaderReplayedTo = "replayed-to" // topic/partition/offset of the replay
	HeaderNote       = "note"        // why, in the operator's words
)
