package predict

import (
	"slices"
	"sync/atomic"

	"github.com/touchline/touchline/schemas/football"
)

// Registry is the fold of football.models: which versions of which models there are, and which of them forecast, as of
// each position. One goroutine applies facts; any number read at the same time, without a lock.
type Registry struct {
	lineups atomic.Pointer[[]positionedLineup] // by position, the first at 0; never changed in place
}

// positionedLineup is a lineup and the position from which it is valid: the number of offsets that it folds.
type positionedLineup struct {
	position int64
	lineup   *Lineup
}

// NewRegistry returns the registry before any fact: each of the models is the champion of its name.
func NewRegistry(builtIn ...Model) *Registry { return newRegistry(Build, builtIn) }

// BuiltInRegistry returns the registry of the built-in models before any fact.
func BuiltInRegistry() *Registry { return NewRegistry(BuiltInModels()...) }

// NewLedger returns a registry that only tracks the status of versions: it does not load artefacts that are kept in a
// store, and such versions never forecast.
func NewLedger(builtIn ...Model) *Registry {
	return newRegistry(func(f *football.ModelFact) (Model, error) {
		if len(f.Artefact) > 0 {
			return Build(f)
		}
		return unloadedModel{football.ModelRef{ID: f.ID, Version: f.Version, Digest: f.Digest[:min(16, len(f.Digest))]},
			f.Kind}, nil
	}, builtIn)
}

// unloadedModel is a version whose artefact is in a store. Its kind and digest are those of the fact.
type unloadedModel struct {
	ref  football.ModelRef
	kind string
}

func (s unloadedModel) Ref() football.ModelRef                            { return s.ref }
func (s unloadedModel) Kind() string                                      { return s.kind }
func (s unloadedModel) Forecast(*football.MatchFeatures) (Forecast, bool) { return Forecast{}, false }

// newRegistry returns a registry that makes models of facts by build. Built-in models are promoted from position 0.
func newRegistry(build func(*football.ModelFact) (Model, error), builtIn []Model) *Registry {
	lineup := &Lineup{build: build}
	for _, m := range builtIn {
		lineup.models = append(lineup.models,
			newModelVersions(m.Ref().ID, version{number: m.Ref().Version, model: m, status: football.ModelPromoted}))
	}
	r := &Registry{}
	r.lineups.Store(&[]positionedLineup{{0, lineup}})
	return r
}

// At returns the lineup at a position: of the newest one that is known when the position is beyond.
func (r *Registry) At(position int64) *Lineup {
	all := *r.lineups.Load()
	for _, p := range slices.Backward(all) { // nearly always the last
		if p.position <= position {
			return p.lineup
		}
	}
	return all[0].lineup
}

// Newest returns the newest lineup.
func (r *Registry) Newest() *Lineup {
	all := *r.lineups.Load()
	return all[len(all)-1].lineup
}

// Apply folds the fact at an offset of football.models, which must not be below that of the one before. An error tells
// why the fact does not apply: it changes nothing then, for this reader and for every other, since all fold the same
// facts.
func (r *Registry) Apply(offset int64, f *football.ModelFact) error {
	lineup, err := r.Newest().Apply(f)
	if err != nil || lineup == r.Newest() {
		return err
	}
	all := append(slices.Clone(*r.lineups.Load()), positionedLineup{offset + 1, lineup})
	r.lineups.Store(&all)
	return nil
}
