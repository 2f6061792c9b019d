package features

import (
	"slices"

	"github.com/touchline/touchline/processors/rating"
	"github.com/touchline/touchline/schemas/football"
)

// foldResult brings the match's result into the pool's results and ratings. It reports whether ratings moved. A result
// that replaces another keeps its place in the order; the ratings are then folded again from the base.
func (st *step) foldResult(m *Match) bool {
	result, known := st.ratingResult(m)
	switch {
	case m.SettledOn == 0 && !known:
		return false
	case m.SettledOn == 0:
		today := dayContaining(st.pool.Now)
		m.SettledOn = int64(today)
		st.putResults(today, append(slices.Clone(st.resultsOn(today)), result))
		ratings{st.view, current}.settleResult(st.params, result)
	case !st.replaceResult(day(m.SettledOn), result):
		return false
	default:
		st.refoldWindow()
	}
	st.pool.Moved = true
	return true
}

// ratingResult returns the match's result as ratings see it; a void one, and false, when it has none.
func (st *step) ratingResult(m *Match) (rating.Result, bool) {
	r := rating.Result{
		Match: m.Match, Competition: m.Competition, Level: st.competitionLevel(m.Competition), Season: m.Season,
		Home: m.Home, Away: m.Away, Kickoff: m.Play.Kickoff, Neutral: m.Play.Neutral, ClosedDoors: st.closedDoors(m),
		Cup: st.isCupCompetition(m.Competition), KnockOut: !m.Play.Tie.Kind.CountsInTable(),
	}
	stated, known := m.Play.Result()
	if !known {
		r.Void = true
		return r, false
	}
	r.HomeGoals, r.AwayGoals = m.Play.Live().Regular() // ratings are of 90 minutes
	r.HomeShots, r.AwayShots = stated.HomeShots, stated.AwayShots
	r.HomeOnTarget, r.AwayOnTarget = stated.HomeOnTarget, stated.AwayOnTarget
	r.HomeCorners, r.AwayCorners = stated.HomeCorners, stated.AwayCorners
	return r, true
}

// resultsOn returns the results that were settled on the day, in their order. The caller must not change the list.
func (st *step) resultsOn(d day) []rating.Result {
	if r := football.Get[Results](st.view, resultsKey(st.id, d)); r != nil {
		return r.List
	}
	return nil
}

// putResults writes the results that were settled on a day.
func (st *step) putResults(d day, list []rating.Result) {
	st.view.Put(resultsKey(st.id, d), &Results{List: list})
}

// replaceResult puts the result in the place of the match's old one, and reports whether they differ.
func (st *step) replaceResult(d day, result rating.Result) bool {
	list := st.resultsOn(d)
	i := slices.IndexFunc(list, func(r rating.Result) bool { return r.Match == result.Match })
	if i < 0 || list[i] == result {
		return false
	}
	list = slices.Clone(list)
	list[i] = result
	st.putResults(d, list)
	return true
}

// refoldWindow folds the results of the window again from the base, and writes the ratings that differ from the current
// ones. Its cost grows with the number of results in the window, so it runs only for a correction.
func (st *step) refoldWindow() {
	scratch := newRefoldView(st.view)
	fresh := ratings{scratch, current}
	for d := day(st.pool.Oldest); d <= dayContaining(st.pool.Now); d++ {
		for _, r := range st.resultsOn(d) {
			scratch.resetToBase(r)
			fresh.settleResult(st.params, r)
		}
	}
	now := ratings{st.view, current}
	for _, id := range scratch.teams {
		now.putTeam(id, fresh.teamRating(id))
	}
	for _, id := range scratch.competitions {
		now.putCompetition(id, fresh.competitionRates(id))
		now.putTable(id, fresh.leagueTable(id))
	}
}

// refoldView is a view in which the current ratings of all teams and competitions of the window begin at the base.
// Nothing that is written to it reaches the view below.
type refoldView struct {
	below        football.View
	values       map[string]any
	teams        []football.TeamID // reset so far, in order
	competitions []football.CompetitionID
}

func newRefoldView(below football.View) *refoldView {
	return &refoldView{below: below, values: map[string]any{}}
}

// resetToBase sets the teams, the competition whose rates a result was played at, and its table to the base, once.
func (s *refoldView) resetToBase(r rating.Result) {
	for _, id := range [...]football.TeamID{r.Home, r.Away} {
		if key := current.teamKey(id); !s.hasValue(key) {
			s.values[key] = s.below.Get(base.teamKey(id))
			s.teams = append(s.teams, id)
		}
	}
	id := ratesCompetition(r.Competition, r.Cup, ratings{s, current}.teamRating(r.Home))
	if key := current.competitionKey(id); !s.hasValue(key) {
		s.values[key] = s.below.Get(base.competitionKey(id))
		s.values[current.tableKey(id)] = s.below.Get(base.tableKey(id))
		s.competitions = append(s.competitions, id)
	}
}

func (s *refoldView) hasValue(key string) bool {
	_, ok := s.values[key]
	return ok
}

// These methods make it a football.View.
func (s *refoldView) Get(key string) any          { return s.values[key] }
func (s *refoldView) Put(key string, value any)   { s.values[key] = value }
func (s *refoldView) Delete(key string)           { s.values[key] = nil }
func (s *refoldView) Published() football.Instant { return s.below.Published() }
