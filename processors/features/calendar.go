package features

import (
	"cmp"
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// fixturesOn returns the pool's fixtures that kick off on the day, by kick-off, then match. The caller must not change
// the list: it belongs to the view's base.
func (st *step) fixturesOn(d day) []Fixture {
	if f := football.Get[Fixtures](st.view, fixturesKey(st.id, d)); f != nil {
		return f.List
	}
	return nil
}

// moveFixture removes a match from the day it was scheduled on and enters it under its new one. A postponed match has
// kick-off 0 and is under no day.
func (st *step) moveFixture(old, m *Match) {
	if old.Play.Kickoff != 0 {
		d := dayContaining(old.Play.Kickoff)
		list := slices.DeleteFunc(slices.Clone(st.fixturesOn(d)), func(f Fixture) bool { return f.Match == m.Match })
		st.putFixtures(d, list)
	}
	if m.Play.Kickoff != 0 {
		d := dayContaining(m.Play.Kickoff)
		list := append(slices.Clone(st.fixturesOn(d)),
			Fixture{Match: m.Match, Kickoff: m.Play.Kickoff, Home: m.Home, Away: m.Away})
		slices.SortFunc(list, func(a, b Fixture) int {
			return cmp.Or(cmp.Compare(a.Kickoff, b.Kickoff), cmp.Compare(a.Match, b.Match))
		})
		st.putFixtures(d, list)
	}
}

// putFixtures writes the fixtures of a day; a day without any has no state.
func (st *step) putFixtures(d day, list []Fixture) {
	if len(list) == 0 {
		st.view.Delete(fixturesKey(st.id, d))
		return
	}
	st.view.Put(fixturesKey(st.id, d), &Fixtures{List: list})
}

// recordNextFixtures makes a record of each team's next fixture within the horizon, and of leg, the second leg of the
// match that was settled: one record, where they are the same match. So a result causes at most three records besides
// its own.
func (st *step) recordNextFixtures(home, away football.TeamID, leg football.MatchID) {
	first := st.nextFixtureOf(home)
	second := st.nextFixtureOf(away)
	st.recordTeamResult(first)
	if second != first {
		st.recordTeamResult(second)
	}
	if leg != first && leg != second && st.hasRecordsAndNotBegun(leg) {
		st.recordTeamResult(leg)
	}
}

// hasRecordsAndNotBegun reports whether the match has records and has not begun.
func (st *step) hasRecordsAndNotBegun(id football.MatchID) bool {
	m := football.Get[Match](st.view, matchKey(id))
	return m != nil && m.Records > 0 && m.Play.Live().Phase == football.PreMatch
}

// nextFixtureOf returns the team's next match that has not begun, "" when there is none within the horizon.
func (st *step) nextFixtureOf(team football.TeamID) football.MatchID {
	for d := dayContaining(st.pool.Now); d <= dayContaining(st.horizonEnd()); d++ {
		for _, f := range st.fixturesOn(d) {
			if (f.Home == team || f.Away == team) && st.kicksOffWithinHorizon(f) {
				return f.Match
			}
		}
	}
	return ""
}

// kicksOffWithinHorizon reports whether the fixture kicks off within the horizon and has not begun.
func (st *step) kicksOffWithinHorizon(f Fixture) bool {
	if f.Kickoff <= st.pool.Now || f.Kickoff > st.horizonEnd() {
		return false
	}
	m := football.Get[Match](st.view, matchKey(f.Match))
	return m != nil && m.Play.Live().Phase == football.PreMatch
}

// recordTeamResult makes a record of a fixture because a result of one of its teams moved their ratings; none for "".
func (st *step) recordTeamResult(id football.MatchID) {
	if id == "" {
		return
	}
	m := *football.Get[Match](st.view, matchKey(id))
	st.makeRecord(&m, m.Play.Live(), "team-result")
	st.view.Put(matchKey(id), &m)
}

// listMatch returns the list with the id in it or not, never changing the old list.
func listMatch(list []football.MatchID, id football.MatchID, in bool) []football.MatchID {
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
