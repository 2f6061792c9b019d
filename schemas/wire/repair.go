package wire

// Record headers of repairs. An entry of quarantine is named partition/offset.
const (
	HeaderReplayOf   = "replay-of"   // on a raw event: the entry that it was replayed from
	HeaderSettles    = "settles"     // on a record of quarantine that has no value: the entry that it settles
	HeaderSettlement = "settlement"  // how: "replayed" or "dropped"
	HeaderReplayedTo = "replayed-to" // topic/partition/offset of the replay
	HeaderNote       = "note"        // why, in the operator's words
)
