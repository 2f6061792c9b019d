package predict

import "github.com/touchline/touchline/schemas/football"

// Standing is the status of a version of a model in a lineup.
type Standing struct {
	Name    string               `json:"name"`
	Version int32                `json:"version"`
	Kind    string               `json:"kind"`
	Digest  string               `json:"digest"` // first 16 hexadecimal digits
	Status  football.ModelChange `json:"status"` // the champion is "promoted", the challenger "split"
	Share   float64              `json:"share"`  // of the matches for which it is served, 0 to 1
	// the id of its predictions where it is not served; "" when it makes none
	ShadowID string `json:"speaks"`
}

// Standings lists all versions, by name in the order in which the names were first registered.
func (l *Lineup) Standings() []Standing {
	var all []Standing
	for _, n := range l.models {
		for i := range n.versions {
			all = append(all, n.standing(&n.versions[i]))
		}
	}
	return all
}

// standing returns the status of a version.
func (n *modelVersions) standing(v *version) Standing {
	s := Standing{Name: n.id, Version: v.number, Kind: v.kind, Digest: v.digest, Status: v.status}
	switch v.number {
	case n.champion:
		s.Share = 1 - n.share
	case n.challenger:
		s.Share = n.share
	}
	if v.forecasts() {
		s.ShadowID = v.shadow.ID
	}
	return s
}

// Refs returns the models that may forecast, as their predictions name them.
func (l *Lineup) Refs() []football.ModelRef {
	var refs []football.ModelRef
	for _, n := range l.models {
		for i := range n.versions {
			v := &n.versions[i]
			if v.number == n.champion || v.number == n.challenger {
				refs = append(refs, v.served)
			}
			if v.forecasts() {
				refs = append(refs, v.shadow)
			}
		}
	}
	return refs
}
