package outlook

import "github.com/touchline/touchline/schemas/football"

const maxTeams = football.MaxTeams

// table is a league table with the scores behind it. Teams are numbers from 0.
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

// rankTeams writes the teams into out in the order of the table: by points, then by the criteria, then by lot.
func (t *table) rankTeams(order []football.Criterion, lots *random, out []int) {
	for i := range out {
		out[i] = i
	}
	t.sortDescending(out, func(team int) int32 { return t.rows[team].points })
	t.eachLevelRun(out, func(team int) int32 { return t.rows[team].points },
		func(level []int) { t.orderLevelTeams(level, order, order, lots) })
}

// orderLevelTeams orders teams that are level in all criteria before rest. A criterion that separates some of them
// begins anew for those that still are, as head-to-head then counts fewer matches. Without a criterion left, lots
// decide.
func (t *table) orderLevelTeams(level []int, rest, order []football.Criterion, lots *random) {
	if len(rest) == 0 {
		drawLots(level, lots)
		return
	}
	var values [maxTeams]int32
	for _, team := range level {
		values[team] = t.criterionValue(rest[0], team, level)
	}
	by := func(team int) int32 { return values[team] }
	t.sortDescending(level, by)
	if by(level[0]) == by(level[len(level)-1]) {
		t.orderLevelTeams(level, rest[1:], order, lots)
		return
	}
	t.eachLevelRun(level, by, func(still []int) { t.orderLevelTeams(still, order, order, lots) })
}

// criterionValue returns a team's value by a criterion, more being better; head-to-head counts matches among level
// only.
func (t *table) criterionValue(c football.Criterion, team int, level []int) int32 {
	r := &t.rows[team]
	switch c {
	case football.Wins:
		return t.countWins(team)
	case football.GoalDifference:
		return r.difference
	case football.GoalsFor:
		return r.scored
	case football.AwayGoals:
		return r.away
	case football.HeadToHeadPoints:
		return t.headToHead(team, level).points
	case football.HeadToHeadGoalDifference:
		return t.headToHead(team, level).difference
	case football.HeadToHeadGoalsFor:
		return t.headToHead(team, level).scored
	case football.HeadToHeadAwayGoals:
		return t.headToHead(team, level).away
	default:
		return 0
	}
}

// countWins returns how many matches a team won.
func (t *table) countWins(team int) int32 {
	wins := int32(0)
	for other := range t.teams {
		if s := t.scores[team][other]; t.played[team][other] && s.home > s.away {
			wins++
		}
		if s := t.scores[other][team]; t.played[other][team] && s.away > s.home {
			wins++
		}
	}
	return wins
}

// headToHead returns what a team has from its matches with those that are level.
func (t *table) headToHead(team int, level []int) row {
	var r row
	for _, other := range level {
		if t.played[team][other] {
			s := t.scores[team][other]
			r.addMatch(s.home, s.away)
		}
		if t.played[other][team] {
			s := t.scores[other][team]
			r.addMatch(s.away, s.home)
			r.away += s.away
		}
	}
	return r
}

// sortDescending puts teams with a greater value first: by insertion, for there are few and most are in order already.
// It is stable.
func (t *table) sortDescending(teams []int, by func(int) int32) {
	for i := 1; i < len(teams); i++ {
		for j := i; j > 0 && by(teams[j]) > by(teams[j-1]); j-- {
			teams[j], teams[j-1] = teams[j-1], teams[j]
		}
	}
}

// eachLevelRun calls visit with every run of two teams or more that have the same value.
func (t *table) eachLevelRun(teams []int, by func(int) int32, visit func([]int)) {
	for i := 0; i < len(teams); {
		j := i + 1
		for j < len(teams) && by(teams[j]) == by(teams[i]) {
			j++
		}
		if j-i > 1 {
			visit(teams[i:j])
		}
		i = j
	}
}

// drawLots shuffles the teams (R. Durstenfeld, "Algorithm 235", Communications of the ACM 7, 1964).
func drawLots(teams []int, lots *random) {
	for i := len(teams) - 1; i > 0; i-- {
		j := int(lots.nextUint64() % uint64(i+1))
		teams[i], teams[j] = teams[j], teams[i]
	}
}
