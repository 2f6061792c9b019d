package features

import (
	"slices"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// maxMatch is how long after kick-off a match without a full time is still followed by ticks: extra time, penalties and
// a long interruption fit in.
const maxMatch = 6 * time.Hour

// daily is what a new day brings: the oldest results move into the base, forgotten matches leave the list of those in
// play, and fixtures get the records that are due.
func (st *step) daily(today day) {
	for day(st.pool.Oldest) < today-st.cfg.windowDays() {
		st.close(day(st.pool.Oldest))
		st.pool.Oldest++
	}
	st.pool.InPlay = slices.DeleteFunc(slices.Clone(st.pool.InPlay), func(id football.MatchID) bool {
		m := football.Get[Match](st.view, matchKey(id))
		return m == nil || m.Play.Kickoff.Add(maxMatch) < st.pool.Now
	})
	for d := today; d <= dayOf(st.horizon()); d++ {
		for _, f := range st.fixtures(d) {
			st.due(f)
		}
	}
	st.pool.Today, st.pool.Moved = int64(today), false
}

// due makes a record of a fixture that has none yet, or whose forecast has moved.
func (st *step) due(f Fixture) {
	if !st.ahead(f) {
		return
	}
	m := *football.Get[Match](st.view, matchKey(f.Match))
	if m.Records > 0 {
		if !st.pool.Moved || distance(st.outcome(st.before(&m), m.Play.Neutral), m.Outcome) < st.cfg.Move {
			return
		}
	}
	st.record(&m, m.Play.Live(), "daily")
	st.view.Put(matchKey(f.Match), &m)
}

// close moves the results of a day that can't be corrected any more into the base, and drops the state of its matches.
func (st *step) close(d day) {
	for _, r := range st.results(d) {
		ratings{st.view, base}.settle(st.params, r)
		st.drop(r.Match)
	}
	for _, f := range st.fixtures(d) {
		if m := football.Get[Match](st.view, matchKey(f.Match)); m != nil && m.SettledOn == 0 {
			st.drop(f.Match) // never played
		}
	}
	st.view.Delete(resultsKey(st.id, d))
	st.view.Delete(fixturesKey(st.id, d))
}

// drop forgets a match, unless its result was taken back and it is to be played again.
func (st *step) drop(id football.MatchID) {
	old := football.Get[Match](st.view, matchKey(id))
	if old == nil {
		return
	}
	if old.Play.Live().Phase != football.Settled && old.Play.Kickoff > st.pool.Now {
		m := *old
		m.SettledOn = 0
		st.view.Put(matchKey(id), &m)
		return
	}
	st.view.Delete(matchKey(id))
	st.view.Delete(kickoffKey(id))
}
