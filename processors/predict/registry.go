package predict

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/touchline/touchline/schemas/football"
)

// Registry is the fold of football.models: which versions of which models there are, and who speaks, as of each position.
// One goroutine applies; any number read.
type Registry struct {
	lineups atomic.Pointer[[]placed] // by position, the first at 0; never changed in place
}

// placed is a lineup and the position from which it holds: the number of offsets that it folds.
type placed struct {
	position int64
	lineup   *Lineup
}

// NewRegistry returns the registry before any fact: each of the models is the champion of its name.
func NewRegistry(builtIn ...Model) *Registry { return newRegistry(Build, builtIn) }

// NewLedger returns a registry that only tells how versions stand: what artefacts in a store say, it need not know.
func NewLedger(builtIn ...Model) *Registry {
	return newRegistry(func(f *football.ModelFact) (Model, error) {
		if len(f.Artefact) > 0 {
			return Build(f)
		}
		return silent{football.ModelRef{ID: f.ID, Version: f.Version, Digest: f.Digest[:min(16, len(f.Digest))]}, f.Kind}, nil
	}, builtIn)
}

// silent is a version whose artefact is elsewhere.
type silent struct {
	ref  football.ModelRef
	kind string
}

func (s silent) Ref() football.ModelRef                            { return s.ref }
func (s silent) Kind() string                                      { return s.kind }
func (s silent) Forecast(*football.MatchFeatures) (Forecast, bool) { return Forecast{}, false }

func newRegistry(build func(*football.ModelFact) (Model, error), builtIn []Model) *Registry {
	lineup := &Lineup{build: build}
	for _, m := range builtIn {
		lineup.names = append(lineup.names, newName(m.Ref().ID, version{number: m.Ref().Version, model: m, status: football.ModelPromoted}))
	}
	r := &Registry{}
	r.lineups.Store(&[]placed{{0, lineup}})
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

// Apply folds the fact at an offset of football.models. An error says why the fact does not apply: it changes nothing then,
// for this reader and for every other.
func (r *Registry) Apply(offset int64, f *football.ModelFact) error {
	lineup, err := r.Newest().Apply(f)
	if err != nil || lineup == r.Newest() {
		return err
	}
	all := append(slices.Clone(*r.lineups.Load()), placed{offset + 1, lineup})
	r.lineups.Store(&all)
	return nil
}

// Lineup is who speaks under which name. It is never changed.
type Lineup struct {
	names []*name // in the order in which they came up
	build func(*football.ModelFact) (Model, error)
}

// name is a model with its versions.
type name struct {
	id         string
	versions   []version // ascending
	champion   int32     // the version that is served; 0: none
	challenger int32     // served for a share of the matches; 0: none
	share      float64
}

// version is one version of a model.
type version struct {
	number       int32
	model        Model
	kind, digest string
	status       football.ModelChange
	served       football.ModelRef // how it is called where it is served
	shadow       football.ModelRef // and where it is not
}

func newName(id string, v version) *name {
	n := &name{id: id}
	n.add(v)
	if v.status == football.ModelPromoted {
		n.champion = v.number
	}
	return n
}

func (n *name) add(v version) {
	ref := v.model.Ref()
	v.kind, v.digest = v.model.Kind(), ref.Digest
	v.served, v.shadow = ref, ref
	v.shadow.ID = football.ShadowID(n.id, v.number)
	n.versions = append(n.versions, v)
	slices.SortFunc(n.versions, func(a, b version) int { return int(a.number) - int(b.number) })
}

func (n *name) find(number int32) *version {
	for i := range n.versions {
		if n.versions[i].number == number {
			return &n.versions[i]
		}
	}
	return nil
}

// speaking reports whether the version forecasts.
func (v *version) speaking() bool {
	return v.status != football.ModelRegistered && v.status != football.ModelRetired
}

// Has reports whether a version of a model is registered.
func (l *Lineup) Has(id string, version int32) bool {
	i := slices.IndexFunc(l.names, func(n *name) bool { return n.id == id })
	return i >= 0 && l.names[i].find(version) != nil
}

// Apply returns the lineup after a fact; the same one when the fact says nothing new. The error says why it does not apply.
func (l *Lineup) Apply(f *football.ModelFact) (*Lineup, error) {
	if err := football.ValidateModelName(f.ID); err != nil {
		return nil, err
	}
	next := &Lineup{names: slices.Clone(l.names), build: l.build}
	i := slices.IndexFunc(next.names, func(n *name) bool { return n.id == f.ID })
	if f.Change == football.ModelRegistered {
		return next.register(l, i, f)
	}
	if i < 0 {
		return nil, fmt.Errorf("no model is called %q: register a version of it first", f.ID)
	}
	n := *next.names[i]
	n.versions = slices.Clone(n.versions)
	next.names[i] = &n
	v := n.find(f.Version)
	switch {
	case v == nil:
		return nil, fmt.Errorf("%s has no version %d: register it first", f.ID, f.Version)
	case v.status == football.ModelRetired:
		return nil, fmt.Errorf("%s version %d is retired for good: register its artefact as a new version", f.ID, f.Version)
	}
	return next, n.change(v, f)
}

// register adds a version of a name, which may be new.
func (l *Lineup) register(before *Lineup, i int, f *football.ModelFact) (*Lineup, error) {
	if f.Version < 1 {
		return nil, fmt.Errorf("%s version %d: versions count from 1", f.ID, f.Version)
	}
	if i >= 0 {
		if v := l.names[i].find(f.Version); v != nil {
			if v.digest != f.Digest[:min(16, len(f.Digest))] {
				return nil, fmt.Errorf("%s version %d is registered with the digest %s: a version never changes", f.ID, f.Version, v.digest)
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
		l.names = append(l.names, newName(f.ID, v))
		return l, nil
	}
	n := *l.names[i]
	n.versions = slices.Clone(n.versions)
	n.add(v)
	l.names[i] = &n
	return l, nil
}

// change changes the standing of a version.
func (n *name) change(v *version, f *football.ModelFact) error {
	switch f.Change {
	case football.ModelShadowed:
		if n.champion == v.number {
			return fmt.Errorf("%s version %d is served: promote another version first", n.id, v.number)
		}
		n.unsplit(v.number)
	case football.ModelSplit:
		switch {
		case n.champion == 0:
			return fmt.Errorf("%s has no champion to share matches with: promote a version", n.id)
		case n.champion == v.number:
			return fmt.Errorf("%s version %d is served already", n.id, v.number)
		case !(f.Share > 0 && f.Share < 1):
			return fmt.Errorf("a share of %v of the matches: want more than 0 and less than 1", f.Share)
		}
		n.unsplit(n.challenger)
		n.challenger, n.share = v.number, f.Share
	case football.ModelPromoted:
		if n.champion != v.number {
			n.demote(n.champion)
		}
		n.unsplit(n.challenger)
		n.champion = v.number
	case football.ModelRetired:
		if n.champion == v.number && slices.ContainsFunc(n.versions, func(o version) bool { return o.number != v.number && o.speaking() }) {
			return fmt.Errorf("%s version %d is served: promote another version first", n.id, v.number)
		}
		n.unsplit(v.number)
		if n.champion == v.number {
			n.champion = 0
		}
	default:
		return fmt.Errorf("a model can't be %q", f.Change)
	}
	v.status = f.Change
	return nil
}

// demote lets a version go on as a shadow.
func (n *name) demote(number int32) {
	if v := n.find(number); v != nil {
		v.status = football.ModelShadowed
	}
}

// unsplit ends the split if the version is its challenger.
func (n *name) unsplit(number int32) {
	if number != 0 && n.challenger == number {
		n.demote(number)
		n.challenger, n.share = 0, 0
	}
}

// spoken is a model and the name under which it speaks of a match.
type spoken struct {
	model Model
	ref   football.ModelRef
}

// speakers appends who speaks of a match: of each name the version that is served, then the others. Each active version
// speaks once.
func (l *Lineup) speakers(match football.MatchID, to []spoken) []spoken {
	for _, n := range l.names {
		served := n.champion
		if n.challenger != 0 && InShare(n.id, match, n.share) {
			served = n.challenger
		}
		if v := n.find(served); v != nil {
			to = append(to, spoken{v.model, v.served})
		}
		for i := range n.versions {
			if v := &n.versions[i]; v.number != served && v.speaking() {
				to = append(to, spoken{v.model, v.shadow})
			}
		}
	}
	return to
}

// InShare reports whether a match belongs to the share of a split: whether the hash of the model's name and the match, as a
// number from 0 to 1, is below it. The hash is FNV-1a with the finalizer of MurmurHash3, of 64 bits.
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

// Standing is how a version of a model stands in a lineup.
type Standing struct {
	Name    string               `json:"name"`
	Version int32                `json:"version"`
	Kind    string               `json:"kind"`
	Digest  string               `json:"digest"` // first 16 hexadecimal digits
	Status  football.ModelChange `json:"status"` // the champion is "promoted", the challenger "split"
	Share   float64              `json:"share"`  // of the matches for which it is served, 0 to 1
	Speaks  string               `json:"speaks"` // the id of its predictions where it is not served; "" when it does not speak
}

// Standings lists all versions, by name in the order in which the names came up.
func (l *Lineup) Standings() []Standing {
	var all []Standing
	for _, n := range l.names {
		for i := range n.versions {
			all = append(all, n.standing(&n.versions[i]))
		}
	}
	return all
}

func (n *name) standing(v *version) Standing {
	s := Standing{Name: n.id, Version: v.number, Kind: v.kind, Digest: v.digest, Status: v.status}
	switch v.number {
	case n.champion:
		s.Share = 1 - n.share
	case n.challenger:
		s.Share = n.share
	}
	if v.speaking() {
		s.Speaks = v.shadow.ID
	}
	return s
}

// Refs returns the models that may speak, as their predictions name them.
func (l *Lineup) Refs() []football.ModelRef {
	var refs []football.ModelRef
	for _, n := range l.names {
		for i := range n.versions {
			v := &n.versions[i]
			if v.number == n.champion || v.number == n.challenger {
				refs = append(refs, v.served)
			}
			if v.speaking() {
				refs = append(refs, v.shadow)
			}
		}
	}
	return refs
}
