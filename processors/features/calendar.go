package features

import (
	"cmp"
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

func (st *step) fixtures(d day) []Fixture {
	if f := football.Get[Fixtures](st.view, fixturesKey(st.id, d)); f != nil {
		return f.List
	}
	return nil
}

// move takes a match from the day it was scheduled on and enters it under its new one. A postponed match stands nowhere.
func (st *step) move(old, m *Match) {
	if old.Play.Kickoff != 0 {
		d := dayOf(old.Play.Kickoff)
		list := slices.DeleteFunc(slices.Clone(st.fixtures(d)), func(f Fixture) bool { return f.Match == m.Match })
		st.putFixtures(d, list)
	}
	if m.Play.Kickoff != 0 {
		d := dayOf(m.Play.Kickoff)
		list := append(slices.Clone(st.fixtures(d)), Fixture{Match: m.Match, Kickoff: m.Play.Kickoff, Home: m.Home, Away: m.Away})
		slices.SortFunc(list, func(a, b Fixture) int {
			return cmp.Or(cmp.Compare(a.Kickoff, b.Kickoff), cmp.Compare(a.Match, b.Match))
		})
		st.putFixtures(d, list)
	}
}

func (st *step) putFixtures(d day, list []Fixture) {
	if len(list) == 0 {
		st.view.Delete(fixturesKey(st.id, d))
		return
	}
	st.view.Put(fixturesKey(st.id, d), &Fixtures{List: list})
}

// next makes a record of each team's next fixture within the horizon, and of the second leg of the match that was settled:
// one, where they are the same.
func (st *step) next(home, away football.TeamID, leg football.MatchID) {
	first := st.nextOf(home)
	second := st.nextOf(away)
	st.again(first)
	if second != first {
		st.again(second)
	}
	if leg != first && leg != second && st.recorded(leg) {
		st.again(leg)
	}
}

// recorded reports whether the match has records and has not begun.
func (st *step) recorded(id football.MatchID) bool {
	m := football.Get[Match](st.view, matchKey(id))
	return m != nil && m.Records > 0 && m.Play.Live().Phase == football.PreMatch
}

// nextOf returns the team's next match that has not begun, "" when there is none within the horizon.
func (st *step) nextOf(team football.TeamID) football.MatchID {
	for d := dayOf(st.pool.Now); d <= dayOf(st.horizon()); d++ {
		for _, f := range st.fixtures(d) {
			if (f.Home == team || f.Away == team) && st.ahead(f) {
				return f.Match
			}
		}
	}
	return ""
}

// ahead reports whether the fixture kicks off within the horizon and has not begun.
func (st *step) ahead(f Fixture) bool {
	if f.Kickoff <= st.pool.Now || f.Kickoff > st.horizon() {
		return false
	}
	m := football.Get[Match](st.view, matchKey(f.Match))
	return m != nil && m.Play.Live().Phase == football.PreMatch
}

func (st *step) again(id football.MatchID) {
	if id == "" {
		return
	}
	m := *football.Get[Match](st.view, matchKey(id))
	st.record(&m, m.Play.Live(), "team-result")
	st.view.Put(matchKey(id), &m)
}

// listed returns the list with the id in it or not, never changing the old list.
func listed(list []football.MatchID, id football.MatchID, in bool) []football.MatchID {
	i := slices.Index(list, id)
	switch {
	case in && i < 0:
		return slices.Concat(list, []football.MatchID{id})
	case !in && i >= 0:
		return slices.Concat(list[:i], list[i+1:])
	default:
		return list
	}
}
