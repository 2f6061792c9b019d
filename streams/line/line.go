// Package line binds the folds of processors/* to the rows of wire.Stages, and says which stages share a transaction.
package line

import (
	"fmt"
	"slices"
	"strings"

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
	// Chained runs the critical stages in one transaction, which saves hops of latency and of reading; all topics are
	// still written. The others stay apart.
	Chained Layout = "chained"
)

// Stages returns the line's stages in the order of wire.Stages, bound to the topics with these names.
func Stages(ref *football.Reference, models *predict.Registry, names wire.Namespace) []*streams.Stage {
	stages := []*streams.Stage{
		streams.Bind(normalize.New(ref), wire.RawEvent),
		streams.Bind(features.New(features.Config{Reference: ref}), wire.MatchEvent),
		streams.Bind(predict.New(models), wire.MatchFeatures),
		streams.Bind(evaluate.New(), wire.Prediction),
		streams.Bind(outlook.New(outlook.Config{Reference: ref}), wire.MatchFeatures),
	}
	for i, stage := range stages {
		stages[i] = stage.At(names)
	}
	return stages
}

// Through returns the stages from raw events up to the named one as one chain, each reading what the one before it
// writes, for folding in memory. Its topics have the names of the zero Namespace.
func Through(last string, ref *football.Reference, models *predict.Registry) streams.Chain {
	var chain streams.Chain
	for _, stage := range slices.Backward(Stages(ref, models, wire.Namespace{})) {
		if stage.Name == last || len(chain) > 0 && slices.Contains(stage.Outputs(), chain[0].Input) {
			chain = slices.Insert(chain, 0, stage)
		}
	}
	return chain
}

// Ends returns the chains from raw events to each stage whose outputs no other stage reads, for folding in memory.
// Together they are the whole line; stages that several of them have in common are in each.
func Ends(ref *football.Reference, models *predict.Registry) []streams.Chain {
	var ends []streams.Chain
	stages := Stages(ref, models, wire.Namespace{})
	for _, stage := range stages {
		if !slices.ContainsFunc(stages, func(s *streams.Stage) bool {
			return slices.Contains(stage.Outputs(),
				s.Input)
		}) {
			ends = append(ends, Through(stage.Name, ref, models))
		}
	}
	return ends
}

// Whole returns the line from raw events to evaluations as one chain, for folding in memory.
func Whole(ref *football.Reference, models *predict.Registry) streams.Chain {
	return Through(wire.StageEvaluate, ref, models)
}

// Features returns the line from raw events to feature records as one chain, for folding in memory.
func Features(ref *football.Reference) streams.Chain { return Through(wire.StageFeatures, ref, nil) }

// Chains returns the chains of a layout, bound to the topics with these names, in the order of the line. With stages,
// only the chains that contain one of these; a name that is no stage is an error.
func Chains(
	layout Layout, ref *football.Reference, models *predict.Registry, names wire.Namespace, stages ...string,
) ([]streams.Chain, error) {
	for _, name := range stages {
		if _, ok := wire.StageOf(name); !ok {
			return nil, fmt.Errorf("no stage %q in the line: TOUCHLINE_STAGES takes %s", name,
				strings.Join(wire.StageNames(), ", "))
		}
	}
	var together streams.Chain
	var all []streams.Chain
	for i, stage := range Stages(ref, models, names) {
		if layout == Chained && wire.Stages()[i].Critical {
			together = append(together, stage)
		} else {
			all = append(all, streams.Chain{stage})
		}
	}
	switch layout {
	case Separate:
	case Chained:
		if err := sameVersion(together); err != nil {
			return nil, err
		}
		all = slices.Insert(all, 0, together)
	default:
		return nil, fmt.Errorf("unknown layout %q: TOUCHLINE_LAYOUT is %s or %s", layout, Separate, Chained)
	}
	if len(stages) == 0 {
		return all, nil
	}
	return slices.DeleteFunc(all, func(chain streams.Chain) bool {
		return !slices.ContainsFunc(chain, func(stage *streams.Stage) bool {
			return slices.Contains(stages, stage.Name)
		})
	}), nil
}

// sameVersion refuses a chain whose stages write topics of different versions: they share a transaction and a group.
func sameVersion(chain streams.Chain) error {
	for _, stage := range chain {
		if stage.Topics != chain.Version() {
			return fmt.Errorf("chained stages share a transaction, so their topics have one version, not those of %q: "+
				"name %s together, or set TOUCHLINE_LAYOUT=%s",
				chain.Names().Versions, strings.ReplaceAll(chain.Name(), "+", ", "), Separate)
		}
	}
	return nil
}
