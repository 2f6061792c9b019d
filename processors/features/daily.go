package features

import (
	"slices"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// maxMatch is how long after kick-off a match without a full time is still followed by ticks: extra time, penalties and
// a long interruption fit in.
const maxMatch = 6 * time.Hour

// beginDay does what a new day of stream time asks for: results that can't be corrected any more move into the base,
// matches that were never finished leave the list of those in play, and fixtures get the records that are due.
func (st *step) beginDay(today day) {
	for day(st.pool.Oldest) < today-st.cfg.windowDays() {
		st.closeDay(day(st.pool.Oldest))
		st.pool.Oldest++
	}
	st.pool.InPlay = slices.DeleteFunc(slices.Clone(st.pool.InPlay), func(id football.MatchID) bool {
		m := football.Get[Match](st.view, matchKey(id))
		return m == nil || m.Play.Kickoff.Add(maxMatch) < st.pool.Now
	})
	for d := today; d <= dayContaining(st.horizonEnd()); d++ {
		for _, f := range st.fixturesOn(d) {
			st.recordDueFixture(f)
		}
	}
	st.pool.Today, st.pool.Moved = int64(today), false
}

// recordDueFixture makes a record of a fixture that has none yet, or whose forecast has moved.
func (st *step) recordDueFixture(f Fixture) {
	if !st.kicksOffWithinHorizon(f) {
		return
	}
	m := *football.Get[Match](st.view, matchKey(f.Match))
	if m.Records > 0 {
		if !st.pool.Moved || largestChange(st.baseOutcome(st.knownNow(&m), m.Play.Neutral), m.Outcome) < st.cfg.Move {
			return
		}
	}
	st.makeRecord(&m, m.Play.Live(), "daily")
	st.view.Put(matchKey(f.Match), &m)
}

// closeDay moves the results of a day that can't be corrected any more into the base, and drops the state of its
// matches. It must be called for one day after the other: the base is a fold of the results in the order of their
// settlement.
func (st *step) closeDay(d day) {
	for _, r := range st.resultsOn(d) {
		ratings{st.view, base}.settleResult(st.params, r)
		st.forgetMatch(r.Match)
	}
	for _, f := range st.fixturesOn(d) {
		if m := football.Get[Match](st.view, matchKey(f.Match)); m != nil && m.SettledOn == 0 {
			st.forgetMatch(f.Match) // never played
		}
	}
	st.view.Delete(resultsKey(st.id, d))
	st.view.Delete(fixturesKey(st.id, d))
}

// forgetMatch drops the state of a match, unless its result was taken back and it is to be played again.
func (st *step) forgetMatch(id football.MatchID) {
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
