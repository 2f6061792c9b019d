package features

import (
	"slices"

	"github.com/touchline/touchline/processors/rating"
	"github.com/touchline/touchline/schemas/football"
)

// fold brings the result that stands of the match into the pool's results and ratings. It reports whether ratings
// moved. A result that comes anew keeps the place of the one before it.
func (st *step) fold(m *Match) bool {
	result, stands := st.result(m)
	switch {
	case m.SettledOn == 0 && !stands:
		return false
	case m.SettledOn == 0:
		today := dayOf(st.pool.Now)
		m.SettledOn = int64(today)
		st.put(today, append(slices.Clone(st.results(today)), result))
		ratings{st.view, current}.settle(st.params, result)
	case !st.replace(day(m.SettledOn), result):
		return false
	default:
		st.foldAgain()
	}
	st.pool.Moved = true
	return true
}

// result returns the match's result for the fold; void, and false, when none stands.
func (st *step) result(m *Match) (rating.Result, bool) {
	r := rating.Result{
		Match: m.Match, Competition: m.Competition, Level: st.level(m.Competition), Season: m.Season,
		Home: m.Home, Away: m.Away, Kickoff: m.Play.Kickoff, Neutral: m.Play.Neutral, ClosedDoors: st.closedDoors(m),
		Cup: st.cup(m.Competition) || m.Play.Tie.Kind != football.TieNone, // a league's play-off is no match of its table
	}
	said, stands := m.Play.Result()
	if !stands {
		r.Void = true
		return r, false
	}
	r.HomeGoals, r.AwayGoals = m.Play.Live().Regular() // ratings are of 90 minutes
	r.HomeShots, r.AwayShots = said.HomeShots, said.AwayShots
	r.HomeOnTarget, r.AwayOnTarget = said.HomeOnTarget, said.AwayOnTarget
	r.HomeCorners, r.AwayCorners = said.HomeCorners, said.AwayCorners
	return r, true
}

func (st *step) results(d day) []rating.Result {
	if r := football.Get[Results](st.view, resultsKey(st.id, d)); r != nil {
		return r.List
	}
	return nil
}

func (st *step) put(d day, list []rating.Result) {
	st.view.Put(resultsKey(st.id, d), &Results{List: list})
}

// replace puts the result in the place of the match's old one, and reports whether they differ.
func (st *step) replace(d day, result rating.Result) bool {
	list := st.results(d)
	i := slices.IndexFunc(list, func(r rating.Result) bool { return r.Match == result.Match })
	if i < 0 || list[i] == result {
		return false
	}
	list = slices.Clone(list)
	list[i] = result
	st.put(d, list)
	return true
}

// foldAgain folds the results of the window from the base, and writes the ratings that come out otherwise.
func (st *step) foldAgain() {
	scratch := newScratch(st.view)
	fresh := ratings{scratch, current}
	for d := day(st.pool.Oldest); d <= dayOf(st.pool.Now); d++ {
		for _, r := range st.results(d) {
			scratch.reset(r)
			fresh.settle(st.params, r)
		}
	}
	now := ratings{st.view, current}
	for _, id := range scratch.teams {
		now.putTeam(id, fresh.team(id))
	}
	for _, id := range scratch.competitions {
		now.putCompetition(id, fresh.competition(id))
		now.putTable(id, fresh.table(id))
	}
}

// scratch is a view in which the current ratings of all that the window touches begin at the base. Nothing that is
// written to it reaches the view below.
type scratch struct {
	below        football.View
	values       map[string]any
	teams        []football.TeamID // reset so far, in order
	competitions []football.CompetitionID
}

func newScratch(below football.View) *scratch {
	return &scratch{below: below, values: map[string]any{}}
}

// reset sets the teams, the competition whose rates a result was played at, and its table to the base, once.
func (s *scratch) reset(r rating.Result) {
	for _, id := range [...]football.TeamID{r.Home, r.Away} {
		if key := current.team(id); !s.has(key) {
			s.values[key] = s.below.Get(base.team(id))
			s.teams = append(s.teams, id)
		}
	}
	id := league(r.Competition, r.Cup, ratings{s, current}.team(r.Home))
	if key := current.competition(id); !s.has(key) {
		s.values[key] = s.below.Get(base.competition(id))
		s.values[current.table(id)] = s.below.Get(base.table(id))
		s.competitions = append(s.competitions, id)
	}
}

func (s *scratch) has(key string) bool {
	_, ok := s.values[key]
	return ok
}

func (s *scratch) Get(key string) any        { return s.values[key] }
func (s *scratch) Put(key string, value any) { s.values[key] = value }
func (s *scratch) Delete(key string)         { s.values[key] = nil }
