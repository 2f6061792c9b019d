package streams

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// destination is a topic that an output goes to, and what is written there.
type destination struct {
	topic  string
	schema *wire.Schema
	key    string
	value  any
	latest bool // a compacted topic: within a transaction only the last value of a key is written
}

// destinations says what an output caused by the input record writes: a fact goes to its topics, a refusal to quarantine,
// what was dropped nowhere.
func destinations(result Result, input *kgo.Record) []destination {
	if refusal, ok := result.Output.(*football.Refusal); ok {
		return []destination{{wire.TopicQuarantine, wire.Quarantined, string(input.Key), quarantined(result.Stage, refusal, input), false}}
	}
	to := route(result.Output)
	for i := range to {
		to[i].topic = result.Stage.name(to[i].topic)
	}
	return to
}

// route says where a fact goes. It is the only place that knows which fact belongs to which topic.
func route(out football.Output) []destination {
	switch fact := out.(type) {
	case *football.MatchEvent:
		key := string(fact.Match)
		if key == "" { // a tick, or a change of models: pool-wide
			key = string(fact.Pool)
		}
		return []destination{{wire.TopicMatchEvents, wire.MatchEvent, key, fact, false}}
	case *football.MatchFeatures:
		return []destination{{wire.TopicMatchFeatures, wire.MatchFeatures, string(fact.Match), fact, false}}
	case *football.Prediction:
		return []destination{
			{wire.TopicPredictions, wire.Prediction, string(fact.Match), fact, false},
			{wire.TopicPredictionsLatest, wire.Prediction, string(fact.Match) + "~" + fact.Model.ID, fact, true},
		}
	case *football.Evaluation:
		key := string(fact.Match) + "~" + fact.Model.ID + "~" + string(fact.Checkpoint)
		return []destination{{wire.TopicEvaluations, wire.Evaluation, key, fact, false}}
	case *football.Outlook:
		return []destination{{wire.TopicOutlooks, wire.Outlook, string(fact.Competition) + "~" + string(fact.Season), fact, false}}
	case *football.Refusal, *football.Dropped:
		return nil // to quarantine and to a counter: not facts
	default:
		panic(fmt.Sprintf("no topic for an output of type %T", out))
	}
}

// outputTopics returns the topics that a stage reading the input topic writes to, quarantine apart. Feature records have two
// readers, which their names tell apart.
func outputTopics(stage, input string) []string {
	switch input {
	case wire.TopicRawEvents:
		return []string{wire.TopicMatchEvents}
	case wire.TopicMatchEvents:
		return []string{wire.TopicMatchFeatures}
	case wire.TopicMatchFeatures:
		if stage == "outlook" {
			return []string{wire.TopicOutlooks}
		}
		return []string{wire.TopicPredictions, wire.TopicPredictionsLatest}
	case wire.TopicPredictions:
		return []string{wire.TopicEvaluations}
	default:
		panic("no stage of the line reads " + input)
	}
}
