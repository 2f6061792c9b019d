package wire

import (
	"strconv"
	"time"
)

// Topics of the line. Outputs of stages carry a version in the name; what collectors and people write does not. These are
// the names of version 1, and what a topic is called in tables, metrics and tests; Versions.Topic gives the name that it has
// in Kafka.
const (
	TopicRawEvents         = "football.raw-events"
	TopicMatchEvents       = "football.match-events.v1"
	TopicMatchFeatures     = "football.match-features.v1"
	TopicPredictions       = "football.predictions.v1"
	TopicPredictionsLatest = "football.predictions-latest.v1"
	TopicEvaluations       = "football.evaluations.v1"
	TopicOutlooks          = "football.outlooks.v1"
	TopicModels            = "football.models"
	TopicQuarantine        = "football.quarantine"
	TopicControl           = "football.control"
)

// DefaultPartitions is the number of partitions of every topic of the line, fixed for the life of a version.
const DefaultPartitions = 12

// Topic is one row of the table of topics.
type Topic struct {
	Name      string
	Schema    *Schema
	Single    bool          // one partition instead of the line's number
	Compacted bool          // cleanup.policy=compact, keyed by Key; else delete
	Retention time.Duration // 0: for ever
	Key       string        // what the record key is
	Writer    string        // the only writer
	For       string
}

// Topics returns the table of the line's topics, in the order of the line. Changelogs are StateTopic of each stage.
func Topics() []Topic {
	return []Topic{
		{Name: TopicRawEvents, Schema: RawEvent, Key: "pool", Writer: "collect", For: "verbatim payloads, the truth"},
		{Name: TopicMatchEvents, Schema: MatchEvent, Key: "match", Writer: "normalize", For: "the canonical history"},
		{Name: TopicMatchFeatures, Schema: MatchFeatures, Key: "match", Writer: "features", For: "what models read"},
		{Name: TopicPredictions, Schema: Prediction, Key: "match", Writer: "predict", For: "subscribers"},
		{Name: TopicPredictionsLatest, Schema: Prediction, Compacted: true, Key: "match~model", Writer: "predict", For: "late joiners"},
		{Name: TopicEvaluations, Schema: Evaluation, Key: "match~model~checkpoint", Writer: "evaluate", For: "model quality"},
		{Name: TopicOutlooks, Schema: Outlook, Key: "competition~season", Writer: "outlook", For: "seasons simulated to their end"},
		{Name: TopicModels, Schema: ModelFact, Single: true, Key: "model", Writer: "process", For: "the model registry"},
		{Name: TopicControl, Schema: StageControl, Single: true, Compacted: true, Key: "stage", Writer: "touchline stages", For: "which version of a stage is current, and whether it is paused"},
		{Name: TopicQuarantine, Schema: Quarantined, Retention: 180 * 24 * time.Hour, Key: "the original's", Writer: "any stage", For: "repair"},
	}
}

// StateTopic names the changelog of a stage version: "football.features.v1-state".
func StateTopic(stage string, version int) string {
	return "football." + stage + ".v" + strconv.Itoa(version) + "-state"
}

// Record headers.
const (
	HeaderCause        = "cause"         // topic/partition/offset/output index of the input that caused the record
	HeaderStage        = "stage"         // name of the stage that wrote it
	HeaderStageVersion = "stage-version" // the version of the topics that it writes
	HeaderTraceparent  = "traceparent"   // W3C trace context
	HeaderInputOffset  = "input-offset"  // on changelog records: topic/partition/offset up to which (exclusive) input is applied
)
