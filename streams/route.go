package streams

import (
	"fmt"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// destination is a topic that an output goes to.
type destination struct {
	topic  string
	schema *wire.Schema
	key    string
	latest bool // a compacted topic: within a transaction only the last value of a key is written
}

// route says where a fact goes. It is the only place that knows which fact belongs to which topic.
func route(out football.Output) []destination {
	switch fact := out.(type) {
	case *football.MatchEvent:
		key := string(fact.Match)
		if key == "" { // a tick, or a change of models: pool-wide
			key = string(fact.Pool)
		}
		return []destination{{wire.TopicMatchEvents, wire.MatchEvent, key, false}}
	case *football.MatchFeatures:
		return []destination{{wire.TopicMatchFeatures, wire.MatchFeatures, string(fact.Match), false}}
	case *football.Prediction:
		return []destination{
			{wire.TopicPredictions, wire.Prediction, string(fact.Match), false},
			{wire.TopicPredictionsLatest, wire.Prediction, string(fact.Match) + "~" + fact.Model.ID, true},
		}
	case *football.Evaluation:
		key := string(fact.Match) + "~" + fact.Model.ID + "~" + string(fact.Checkpoint)
		return []destination{{wire.TopicEvaluations, wire.Evaluation, key, false}}
	case *football.Refusal, *football.Dropped:
		return nil // to quarantine and to a counter: not facts
	default:
		panic(fmt.Sprintf("no topic for an output of type %T", out))
	}
}

// outputTopics returns the topics that a stage reading the input topic writes to, quarantine apart.
func outputTopics(input string) []string {
	switch input {
	case wire.TopicRawEvents:
		return []string{wire.TopicMatchEvents}
	case wire.TopicMatchEvents:
		return []string{wire.TopicMatchFeatures}
	case wire.TopicMatchFeatures:
		return []string{wire.TopicPredictions, wire.TopicPredictionsLatest}
	case wire.TopicPredictions:
		return []string{wire.TopicEvaluations}
	default:
		panic("no stage of the line reads " + input)
	}
}
