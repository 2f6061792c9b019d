package predict

import (
	"fmt"
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// modelVersions is a model with its versions.
type modelVersions struct {
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
	served       football.ModelRef // the reference of its predictions where it is served
	shadow       football.ModelRef // and where it is not
}

// newModelVersions returns a model with its first version, which is served if it is promoted.
func newModelVersions(id string, v version) *modelVersions {
	n := &modelVersions{id: id}
	n.addVersion(v)
	if v.status == football.ModelPromoted {
		n.champion = v.number
	}
	return n
}

// addVersion adds a version and keeps the versions ascending.
func (n *modelVersions) addVersion(v version) {
	ref := v.model.Ref()
	v.kind, v.digest = v.model.Kind(), ref.Digest
	v.served, v.shadow = ref, ref
	v.shadow.ID = football.ShadowID(n.id, v.number)
	n.versions = append(n.versions, v)
	slices.SortFunc(n.versions, func(a, b version) int { return int(a.number) - int(b.number) })
}

// findVersion returns the version of that number, nil when there is none.
func (n *modelVersions) findVersion(number int32) *version {
	for i := range n.versions {
		if n.versions[i].number == number {
			return &n.versions[i]
		}
	}
	return nil
}

// forecasts reports whether the version makes forecasts: it is promoted, shadowed or split.
func (v *version) forecasts() bool {
	return v.status != football.ModelRegistered && v.status != football.ModelRetired
}

// changeStatus changes the status of a version, which is one of n's own. It keeps: at most one champion; a challenger
// only beside a champion; a share above 0 exactly while there is a challenger.
func (n *modelVersions) changeStatus(v *version, f *football.ModelFact) error {
	switch f.Change {
	case football.ModelShadowed:
		if n.champion == v.number {
			return fmt.Errorf("%s version %d is served: promote another version first", n.id, v.number)
		}
		n.endSplit(v.number)
	case football.ModelSplit:
		switch {
		case n.champion == 0:
			return fmt.Errorf("%s has no champion to share matches with: promote a version", n.id)
		case n.champion == v.number:
			return fmt.Errorf("%s version %d is served already", n.id, v.number)
		case !(f.Share > 0 && f.Share < 1):
			return fmt.Errorf("a share of %v of the matches: want more than 0 and less than 1", f.Share)
		}
		n.endSplit(n.challenger)
		n.challenger, n.share = v.number, f.Share
	case football.ModelPromoted:
		if n.champion != v.number {
			n.demoteToShadow(n.champion)
		}
		n.endSplit(n.challenger)
		n.champion = v.number
	case football.ModelRetired:
		if n.champion == v.number && slices.ContainsFunc(n.versions,
			func(o version) bool { return o.number != v.number && o.forecasts() }) {
			return fmt.Errorf("%s version %d is served: promote another version first", n.id, v.number)
		}
		n.endSplit(v.number)
		if n.champion == v.number {
			n.champion = 0
		}
	default:
		return fmt.Errorf("a model can't be %q", f.Change)
	}
	v.status = f.Change
	return nil
}

// demoteToShadow makes a version a shadow: it goes on forecasting, but is not served.
func (n *modelVersions) demoteToShadow(number int32) {
	if v := n.findVersion(number); v != nil {
		v.status = football.ModelShadowed
	}
}

// endSplit ends the split if the version is its challenger.
func (n *modelVersions) endSplit(number int32) {
	if number != 0 && n.challenger == number {
		n.demoteToShadow(number)
		n.challenger, n.share = 0, 0
	}
}
