package wire

import (
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// Topics of the line. Outputs of stages carry a version in the name; what collectors and people write does not. These
// are the names of version 1 in the default installation, and what a topic is called in tables, metrics and tests. They
// never reach Kafka themselves: Namespace.Topic gives the name that a topic has there.
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
	Schema    Codec
	Single    bool          // one partition instead of the line's number
	Compacted bool          // cleanup.policy=compact, keyed by Key; else delete
	Retention time.Duration // 0: for ever
	Key       string        // what the record key is
	Writer    string        // the only writer: a stage of Stages, or who it is in words
	For       string

	keyOf func(fact any) (key string, ok bool) // of topics that a stage writes
}

// KeyOf returns the key of the record that carries the fact; false when facts of its type do not belong to the topic.
func (t Topic) KeyOf(fact any) (key string, ok bool) {
	if t.keyOf == nil {
		return "", false
	}
	return t.keyOf(fact)
}

// keyed makes the key of a topic's facts from a function of their type.
func keyed[T any](key func(*T) string) func(any) (string, bool) {
	return func(fact any) (string, bool) {
		typed, ok := fact.(*T)
		if !ok {
			return "", false
		}
		return key(typed), true
	}
}

// Topics returns the table of the line's topics, in the order of the line. Changelogs are Namespace.StateTopic of each
// stage. A stage writes each of its outputs to those of its topics that have a key for it, so a row here is all that
// routing knows.
func Topics() []Topic {
	return []Topic{
		{
			Name: TopicRawEvents, Schema: RawEvent, Key: "pool", Writer: "collect", For: "verbatim payloads, the truth",
		},
		{
			Name: TopicMatchEvents, Schema: MatchEvent, Key: "match", keyOf: keyed(matchEventKey),
			Writer: StageNormalize,
			For:    "the canonical history",
		},
		{
			Name: TopicMatchFeatures, Schema: MatchFeatures, Key: "match", Writer: StageFeatures,
			For:   "what models read",
			keyOf: keyed(func(f *football.MatchFeatures) string { return string(f.Match) }),
		},
		{
			Name: TopicPredictions, Schema: Prediction, Key: "match", Writer: StagePredict, For: "subscribers",
			keyOf: keyed(func(p *football.Prediction) string { return string(p.Match) }),
		},
		{
			Name: TopicPredictionsLatest, Schema: Prediction, Compacted: true, Key: "match~model", Writer: StagePredict,
			For:   "late joiners",
			keyOf: keyed(func(p *football.Prediction) string { return string(p.Match) + "~" + p.Model.ID }),
		},
		{
			Name: TopicEvaluations, Schema: Evaluation, Key: "match~model~checkpoint", Writer: StageEvaluate,
			For: "model quality",
			keyOf: keyed(func(e *football.Evaluation) string {
				return string(e.Match) + "~" + e.Model.ID + "~" + string(e.Checkpoint)
			}),
		},
		{
			Name: TopicOutlooks, Schema: Outlook, Key: "competition~season", Writer: StageOutlook,
			For:   "seasons simulated to their end",
			keyOf: keyed(func(o *football.Outlook) string { return string(o.Competition) + "~" + string(o.Season) }),
		},
		{
			Name: TopicModels, Schema: ModelFact, Single: true, Key: "model", Writer: "process",
			For: "the model registry",
		},
		{
			Name: TopicControl, Schema: StageControl, Single: true, Compacted: true, Key: "stage",
			Writer: "touchline stages", For: "which version of a stage is current, and whether it is paused",
		},
		{
			Name: TopicQuarantine, Schema: Quarantined, Retention: 180 * 24 * time.Hour, Key: "the original's",
			Writer: "any stage", For: "repair",
		},
	}
}

// matchEventKey is the event's match; a tick or a change of models, which concerns a whole pool, has the pool for its
// key.
func matchEventKey(e *football.MatchEvent) string {
	if e.Match == "" {
		return string(e.Pool)
	}
	return string(e.Match)
}
