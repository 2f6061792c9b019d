package predict

import (
	"fmt"
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// Lineup is which versions of which models forecast, and under which ids, between two facts. It is never changed.
type Lineup struct {
	models []*modelVersions // in the order in which they were first registered
	build  func(*football.ModelFact) (Model, error)
}

// Has reports whether a version of a model is registered.
func (l *Lineup) Has(id string, version int32) bool {
	i := slices.IndexFunc(l.models, func(n *modelVersions) bool { return n.id == id })
	return i >= 0 && l.models[i].findVersion(version) != nil
}

// Apply returns the lineup after a fact; the same one when the fact changes nothing. The error tells why it does not
// apply.
func (l *Lineup) Apply(f *football.ModelFact) (*Lineup, error) {
	if err := football.ValidateModelName(f.ID); err != nil {
		return nil, err
	}
	next := &Lineup{models: slices.Clone(l.models), build: l.build}
	i := slices.IndexFunc(next.models, func(n *modelVersions) bool { return n.id == f.ID })
	if f.Change == football.ModelRegistered {
		return next.register(l, i, f)
	}
	if i < 0 {
		return nil, fmt.Errorf("no model is called %q: register a version of it first", f.ID)
	}
	n := *next.models[i]
	n.versions = slices.Clone(n.versions)
	next.models[i] = &n
	v := n.findVersion(f.Version)
	switch {
	case v == nil:
		return nil, fmt.Errorf("%s has no version %d: register it first", f.ID, f.Version)
	case v.status == football.ModelRetired:
		return nil, fmt.Errorf("%s version %d is retired for good: register its artefact as a new version", f.ID,
			f.Version)
	}
	return next, n.changeStatus(v, f)
}

// register adds a version of a name, which may be new.
func (l *Lineup) register(before *Lineup, i int, f *football.ModelFact) (*Lineup, error) {
	if f.Version < 1 {
		return nil, fmt.Errorf("%s version %d: versions count from 1", f.ID, f.Version)
	}
	if i >= 0 {
		if v := l.models[i].findVersion(f.Version); v != nil {
			if v.digest != f.Digest[:min(16, len(f.Digest))] {
				return nil, fmt.Errorf("%s version %d is registered with the digest %s: a version never changes", f.ID,
					f.Version, v.digest)
			}
			return before, nil // processes that start at once register what they are built with more than once
		}
	}
	m, err := l.build(f)
	if err != nil {
		return nil, fmt.Errorf("%s version %d: %w", f.ID, f.Version, err)
	}
	v := version{number: f.Version, model: m, status: football.ModelRegistered}
	if i < 0 {
		l.models = append(l.models, newModelVersions(f.ID, v))
		return l, nil
	}
	n := *l.models[i]
	n.versions = slices.Clone(n.versions)
	n.addVersion(v)
	l.models[i] = &n
	return l, nil
}

// namedModel is a model and the reference that its forecasts of a match carry.
type namedModel struct {
	model Model
	ref   football.ModelRef
}

// forecasters appends the models that forecast a match: of each name the version that is served, then the others. Each
// active version forecasts once.
func (l *Lineup) forecasters(match football.MatchID, to []namedModel) []namedModel {
	for _, n := range l.models {
		served := n.champion
		if n.challenger != 0 && InShare(n.id, match, n.share) {
			served = n.challenger
		}
		if v := n.findVersion(served); v != nil {
			to = append(to, namedModel{v.model, v.served})
		}
		for i := range n.versions {
			if v := &n.versions[i]; v.number != served && v.forecasts() {
				to = append(to, namedModel{v.model, v.shadow})
			}
		}
	}
	return to
}

// InShare reports whether a match belongs to the share of a split: whether the hash of the model's name and the match,
// as a number from 0 to 1, is below share. So a larger share contains the smaller one, and models are split
// independently. The hash is FNV-1a with the finalizer of MurmurHash3, of 64 bits.
func InShare(model string, match football.MatchID, share float64) bool {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for _, text := range []string{model, "\x00", string(match)} {
		for i := range len(text) {
			h = (h ^ uint64(text[i])) * prime
		}
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	h ^= h >> 33
	return float64(h>>11)/(1<<53) < share
}
