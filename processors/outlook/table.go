package outlook

import "github.com/touchline/touchline/schemas/football"

const maxTeams = football.MaxTeams

// table is a league table of settled matches, with the scores behind it. Teams are numbers from 0.
type table struct {
	teams int
	rows  [maxTeams]row
	// scores of each pair at the first one's ground, where played is true.
	scores [maxTeams][maxTeams]result
	played [maxTeams][maxTeams]bool
}

// row is a team's line of a table. Difference is of goals, scored is all its goals, away those scored at the other's
// ground.
type row struct {
	played, points, difference, scored, away int32
}

type result struct{ home, away int32 }

// enterScore counts a match. Points and goals add up, so a pair's score must be entered once.
func (t *table) enterScore(home, away int, s result) {
	t.scores[home][away], t.played[home][away] = s, true
	t.rows[home].addMatch(s.home, s.away)
	t.rows[away].addMatch(s.away, s.home)
	t.rows[away].away += s.away
}

// scoreOf returns the score of a pair at the first one's ground, and whether it has been played.
func (t *table) scoreOf(home, away int) (result, bool) {
	return t.scores[home][away], t.played[home][away]
}

// addMatch counts a match of the row's team by its goals.
func (r *row) addMatch(scored, conceded int32) {
	r.played++
	r.points += pointsOfMargin(scored - conceded)
	r.difference += scored - conceded
	r.scored += scored
}

// pointsOfMargin returns the points of a margin of goals: 3, 1 or 0.
func pointsOfMargin(margin int32) int32 {
	switch {
	case margin > 0:
		return 3
	case margin == 0:
		return 1
	default:
		return 0
	}
}

// A key is a row in one number, greater for a team that is higher by points, then difference, then goals; so a match is
// counted by one addition, and a table is ranked by comparing numbers. From the top: 16 bits of points, 12 of
// difference, 10 of goals, 9 of away goals, and in the lowest 5 the team. Points and difference are moved up, for they
// may be negative.
const (
	awayAt       = 17
	scoredAt     = 26
	differenceAt = 36
	pointsAt     = 48
	leastPoints  = -1 << 10
	leastMargin  = -1 << 11
	teamMask     = maxTeams - 1
)

// packRow returns a team's key.
func packRow(r row, team int) uint64 {
	return uint64(r.points-leastPoints)<<pointsAt | uint64(r.difference-leastMargin)<<differenceAt |
		uint64(r.scored)<<scoredAt | uint64(r.away)<<awayAt | uint64(team)
}

// unpackRow returns the row of a key; a key does not have the matches played.
func unpackRow(key uint64) row {
	return row{
		points:     int32(key>>pointsAt) + leastPoints,
		difference: int32(key>>differenceAt&0xfff) + leastMargin,
		scored:     int32(key >> scoredAt & 0x3ff),
		away:       int32(key >> awayAt & 0x1ff),
	}
}

// gains are what each score adds to the keys of both sides.
type gains struct{ home, away [256]uint64 }

// newGains returns the additions of all scores. A margin below 0 is added in two's complement.
func newGains() *gains {
	g := &gains{}
	for score := range uint8(scores) {
		r := unpackScore(score)
		margin := r.home - r.away
		g.home[score] = gain(margin, r.home)
		g.away[score] = gain(-margin, r.away) + uint64(r.away)<<awayAt
	}
	return g
}

// gain returns what a margin with so many goals adds to a key.
func gain(margin, goals int32) uint64 {
	return uint64(pointsOfMargin(margin))<<pointsAt + uint64(int64(margin))<<differenceAt + uint64(goals)<<scoredAt
}
