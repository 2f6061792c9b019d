package football

// StageControl is how a stage is to run, on football.control. The last one of a stage counts; a stage without one runs,
// and its version 1 is current.
type StageControl struct {
	Stage   string  `avro:"stage"`
	Version int32   `avro:"version"` // of the stage's topics that readers follow
	Paused  bool    `avro:"paused"`  // its workers, of all versions, take no input
	At      Instant `avro:"at"`
	Note    string  `avro:"note"` // why, in the operator's words
}
