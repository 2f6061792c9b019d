package live

import (
	"github.com/touchline/touchline/schemas/football"
)

// Filter says what a subscription wants. Empty fields do not filter; an empty filter is the whole feed.
type Filter struct {
	Match       football.MatchID
	Competition football.CompetitionID
	Team        football.TeamID
	Model       string // of forecasts; events have none. Without one, of all that are served: a shadow speaks to who names it
}

// wants reports whether the record passes the filter.
func (f *Filter) wants(r *record) bool {
	return r.match != "" &&
		(f.Match == "" || f.Match == r.match) &&
		(f.Competition == "" || f.Competition == r.competition) &&
		(f.Team == "" || f.Team == r.home || f.Team == r.away) &&
		(r.topic == events || f.Model == r.model || f.Model == "" && !r.shadow())
}

// subscription is one filter on one connection.
type subscription struct {
	id     string
	filter Filter
	full   bool // with grid, markets and reasons
	out    *outbox
	from   positions // records before are covered by the cursor that it came with; nil slices: none
}

// covered reports whether the subscription's cursor already covers the record.
func (s *subscription) covered(r *record) bool {
	return s.from[r.topic] != nil && r.offset < s.from[r.topic][r.partition]
}

// index finds the subscriptions that may want a record, by the narrowest field of their filter.
type index struct {
	byMatch       map[football.MatchID]map[*subscription]bool
	byTeam        map[football.TeamID]map[*subscription]bool
	byCompetition map[football.CompetitionID]map[*subscription]bool
	rest          map[*subscription]bool
	count         int
}

func newIndex() *index {
	return &index{byMatch: map[football.MatchID]map[*subscription]bool{}, byTeam: map[football.TeamID]map[*subscription]bool{},
		byCompetition: map[football.CompetitionID]map[*subscription]bool{}, rest: map[*subscription]bool{}}
}

func (x *index) add(s *subscription) {
	x.count++
	switch f := s.filter; {
	case f.Match != "":
		put(x.byMatch, f.Match, s)
	case f.Team != "":
		put(x.byTeam, f.Team, s)
	case f.Competition != "":
		put(x.byCompetition, f.Competition, s)
	default:
		x.rest[s] = true
	}
}

func (x *index) remove(s *subscription) {
	x.count--
	switch f := s.filter; {
	case f.Match != "":
		drop(x.byMatch, f.Match, s)
	case f.Team != "":
		drop(x.byTeam, f.Team, s)
	case f.Competition != "":
		drop(x.byCompetition, f.Competition, s)
	default:
		delete(x.rest, s)
	}
}

// each calls fn for each subscription that wants the record and is not past it.
func (x *index) each(r *record, fn func(*subscription)) {
	if x.count == 0 || r.match == "" {
		return
	}
	sets := [...]map[*subscription]bool{x.byMatch[r.match], x.byTeam[r.home], x.byTeam[r.away], x.byCompetition[r.competition], x.rest}
	for _, set := range sets {
		for s := range set {
			if s.filter.wants(r) && !s.covered(r) {
				fn(s)
			}
		}
	}
}

func put[K comparable](m map[K]map[*subscription]bool, k K, s *subscription) {
	if m[k] == nil {
		m[k] = map[*subscription]bool{}
	}
	m[k][s] = true
}

func drop[K comparable](m map[K]map[*subscription]bool, k K, s *subscription) {
	delete(m[k], s)
	if len(m[k]) == 0 {
		delete(m, k)
	}
}
