// Package line binds Touchline's stages to their topics: the one place that says which stage reads what, and which
// stages share a transaction.
package line

import (
	"fmt"
	"slices"

	"github.com/touchline/touchline/processors/evaluate"
	"github.com/touchline/touchline/processors/features"
	"github.com/touchline/touchline/processors/normalize"
	"github.com/touchline/touchline/processors/outlook"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
)

// Layout says which stages share a transaction.
type Layout string

// The layouts.
const (
	// Separate runs each stage in transactions of its own, so that each scales and fails by itself.
	Separate Layout = "separate"
	// Chained runs normalize, features and predict in one transaction, which saves two hops of latency and of reading;
	// all topics are still written. evaluate and outlook are off the critical path and stay apart.
	Chained Layout = "chained"
)

// Stages returns the line's stages in order. The last, outlook, branches off: it reads what features writes, as predict does.
func Stages(ref *football.Reference, models *predict.Registry, versions wire.Versions) []*streams.Stage {
	stages := []*streams.Stage{
		streams.Bind(normalize.New(ref), wire.RawEvent, wire.TopicRawEvents),
		streams.Bind(features.New(features.Config{Reference: ref}), wire.MatchEvent, wire.TopicMatchEvents),
		streams.Bind(predict.New(models), wire.MatchFeatures, wire.TopicMatchFeatures),
		streams.Bind(evaluate.New(), wire.Prediction, wire.TopicPredictions),
		streams.Bind(outlook.New(outlook.Config{Reference: ref}), wire.MatchFeatures, wire.TopicMatchFeatures),
	}
	for i, stage := range stages {
		stages[i] = stage.At(versions)
	}
	return stages
}

// Whole returns the line from raw events to evaluations as one chain, for folding in memory.
func Whole(ref *football.Reference, models *predict.Registry) streams.Chain {
	return Stages(ref, models, nil)[:4]
}

// Features returns the line from raw events to feature records as one chain, for folding in memory.
func Features(ref *football.Reference) streams.Chain {
	return Stages(ref, nil, nil)[:2]
}

// Chains returns the chains of a layout in these versions of their topics, in the order of the line. With names, only the chains that hold one of these
// stages; a name that is no stage is an error.
func Chains(layout Layout, ref *football.Reference, models *predict.Registry, versions wire.Versions, names ...string) ([]streams.Chain, error) {
	s := Stages(ref, models, versions)
	var all []streams.Chain
	switch layout {
	case Separate:
		for _, stage := range s {
			all = append(all, streams.Chain{stage})
		}
	case Chained:
		if s[0].Topics != s[1].Topics || s[1].Topics != s[2].Topics {
			return nil, fmt.Errorf("chained stages share a transaction, so their topics have one version, not those of %q: name normalize, features and predict together, or set TOUCHLINE_LAYOUT=%s", versions, Separate)
		}
		all = []streams.Chain{{s[0], s[1], s[2]}, {s[3]}, {s[4]}}
	default:
		return nil, fmt.Errorf("unknown layout %q: TOUCHLINE_LAYOUT is %s or %s", layout, Separate, Chained)
	}
	if len(names) == 0 {
		return all, nil
	}
	for _, name := range names {
		if !slices.ContainsFunc(s, named(name)) {
			return nil, fmt.Errorf("no stage %q in the line: TOUCHLINE_STAGES takes normalize, features, predict, evaluate, outlook", name)
		}
	}
	unwanted := func(chain streams.Chain) bool {
		return !slices.ContainsFunc(chain, func(stage *streams.Stage) bool { return slices.Contains(names, stage.Name) })
	}
	return slices.DeleteFunc(all, unwanted), nil
}

func named(name string) func(*streams.Stage) bool {
	return func(stage *streams.Stage) bool { return stage.Name == name }
}
