package board

import (
	"github.com/touchline/touchline/api/live/record"
	"github.com/touchline/touchline/schemas/football"
)

// subscriptionSet is a set of subscriptions.
type subscriptionSet map[*Subscription]bool

// index finds the subscriptions that may want a record, by the narrowest field of their filter.
type index struct {
	byMatch       map[football.MatchID]subscriptionSet
	byTeam        map[football.TeamID]subscriptionSet
	byCompetition map[football.CompetitionID]subscriptionSet
	unfiltered    subscriptionSet
	count         int
}

func newIndex() *index {
	return &index{byMatch: map[football.MatchID]subscriptionSet{}, byTeam: map[football.TeamID]subscriptionSet{},
		byCompetition: map[football.CompetitionID]subscriptionSet{}, unfiltered: subscriptionSet{}}
}

func (x *index) addSubscription(s *Subscription) {
	x.count++
	switch f := s.Filter; {
	case f.Match != "":
		addToSet(x.byMatch, f.Match, s)
	case f.Team != "":
		addToSet(x.byTeam, f.Team, s)
	case f.Competition != "":
		addToSet(x.byCompetition, f.Competition, s)
	default:
		x.unfiltered[s] = true
	}
}

func (x *index) removeSubscription(s *Subscription) {
	x.count--
	switch f := s.Filter; {
	case f.Match != "":
		removeFromSet(x.byMatch, f.Match, s)
	case f.Team != "":
		removeFromSet(x.byTeam, f.Team, s)
	case f.Competition != "":
		removeFromSet(x.byCompetition, f.Competition, s)
	default:
		delete(x.unfiltered, s)
	}
}

// eachInterested calls fn for each subscription that wants the record and has not passed it.
func (x *index) eachInterested(r *record.Record, fn func(*Subscription)) {
	if x.count == 0 || r.Match == "" {
		return
	}
	sets := [...]subscriptionSet{
		x.byMatch[r.Match], x.byTeam[r.Home], x.byTeam[r.Away], x.byCompetition[r.Competition], x.unfiltered,
	}
	for _, set := range sets {
		for s := range set {
			if s.Filter.Wants(r) && !s.covered.CoversRecord(r) {
				fn(s)
			}
		}
	}
}

func addToSet[K comparable](sets map[K]subscriptionSet, key K, s *Subscription) {
	if sets[key] == nil {
		sets[key] = subscriptionSet{}
	}
	sets[key][s] = true
}

func removeFromSet[K comparable](sets map[K]subscriptionSet, key K, s *Subscription) {
	delete(sets[key], s)
	if len(sets[key]) == 0 {
		delete(sets, key)
	}
}
