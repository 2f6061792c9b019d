package features

import "github.com/touchline/touchline/schemas/football"

// linkFirstLeg notes in the state of the first leg which match is the second, so that the first leg's result makes a
// record of the second.
func (st *step) linkFirstLeg(m *Match) {
	old := football.Get[Match](st.view, matchKey(m.Play.Tie.FirstLeg))
	if old == nil || old.Second == m.Match {
		return
	}
	first := *old
	first.Second = m.Match
	st.view.Put(matchKey(first.Match), &first)
}

// updateFirstLeg brings the goals of the first leg up to date. Once that leg's state is gone its result can't change
// any more.
func (st *step) updateFirstLeg(m *Match) {
	first := football.Get[Match](st.view, matchKey(m.Play.Tie.FirstLeg))
	if first == nil {
		return
	}
	m.FirstHome, m.FirstAway = -1, -1
	if live := first.Play.Live(); live.Phase == football.Settled {
		m.FirstAway, m.FirstHome = live.Regular() // the grounds change
	}
}

// tieFeatures returns how the match's tie is decided.
func tieFeatures(m *Match) football.TieFeatures {
	t := m.Play.Tie
	return football.TieFeatures{Kind: t.Kind, AwayGoals: t.AwayGoals, ExtraTime: t.ExtraTime, FirstHome: m.FirstHome,
		FirstAway: m.FirstAway}
}
