package outlook

import "github.com/touchline/touchline/schemas/football"

// ranking puts teams into the order of a table: by points, then by a competition's criteria, then by lot. It is for one
// goroutine.
type ranking struct {
	teams int
	order []football.Criterion
	// scoreOf returns the score of a pair at the first one's ground, and whether it has been played.
	scoreOf func(home, away int) (result, bool)
	lots    *random
	// unfinished is set for a table whose teams have matches left: head-to-head counts once those level have met.
	unfinished bool

	level int // how far down keys decide as the criteria do
	rest  int // the first criterion that keys do not decide
	keys  [maxTeams]uint64
	ranks [maxTeams]int // the teams, the first first
}

// newRanking returns a ranking of teams.
func newRanking(
	teams int, order []football.Criterion, lots *random, scoreOf func(home, away int) (result, bool),
) *ranking {
	r := &ranking{teams: teams, order: order, scoreOf: scoreOf, lots: lots, level: pointsAt}
	for i, inKey := range []struct {
		criterion football.Criterion
		at        int
	}{{football.GoalDifference, differenceAt}, {football.GoalsFor, scoredAt}, {football.AwayGoals, awayAt}} {
		if i >= len(order) || order[i] != inKey.criterion {
			break
		}
		r.level, r.rest = inKey.at, i+1
	}
	for i := range teams {
		r.ranks[i] = i
	}
	return r
}

// rankTeams returns the teams in the order of the table that the keys are, which r.keys has by team. What it returns
// is overwritten by the next call, and makes that faster where it is alike.
func (r *ranking) rankTeams(teams int) []int {
	var sorted [maxTeams]uint64
	for i, team := range r.ranks[:teams] {
		key, j := r.keys[team], i
		for ; j > 0 && sorted[j-1] < key; j-- {
			sorted[j] = sorted[j-1]
		}
		sorted[j] = key
	}
	ranks := r.ranks[:teams]
	for i := range ranks {
		ranks[i] = int(sorted[i] & teamMask)
	}
	for i := 0; i < teams-1; {
		j := i + 1
		for j < teams && sorted[j]>>r.level == sorted[i]>>r.level {
			j++
		}
		if j-i > 1 {
			r.orderLevelTeams(ranks[i:j], r.rest)
		}
		i = j
	}
	return ranks
}

// orderLevelTeams orders teams that are level in all criteria before one. A criterion that separates some of them
// begins anew for those that still are, as head-to-head then counts fewer matches. Without a criterion left, lots
// decide.
func (r *ranking) orderLevelTeams(level []int, criterion int) {
	if criterion == len(r.order) {
		drawLots(level, r.lots)
		return
	}
	if r.unfinished && r.order[criterion].IsHeadToHead() && !r.haveMet(level) {
		r.orderLevelTeams(level, criterion+1)
		return
	}
	var values [maxTeams]int32
	first, same := r.criterionValue(r.order[criterion], level[0], level), true
	values[level[0]] = first
	for _, team := range level[1:] {
		values[team] = r.criterionValue(r.order[criterion], team, level)
		same = same && values[team] == first
	}
	if same {
		r.orderLevelTeams(level, criterion+1)
		return
	}
	for i := 1; i < len(level); i++ { // by insertion, which is stable: there are few
		for j := i; j > 0 && values[level[j]] > values[level[j-1]]; j-- {
			level[j], level[j-1] = level[j-1], level[j]
		}
	}
	for i := 0; i < len(level); {
		j := i + 1
		for j < len(level) && values[level[j]] == values[level[i]] {
			j++
		}
		if j-i > 1 {
			r.orderLevelTeams(level[i:j], 0)
		}
		i = j
	}
}

// criterionValue returns a team's value by a criterion, more being better; head-to-head counts matches among level
// only.
func (r *ranking) criterionValue(c football.Criterion, team int, level []int) int32 {
	switch c {
	case football.Wins:
		return r.countWins(team)
	case football.GoalDifference:
		return unpackRow(r.keys[team]).difference
	case football.GoalsFor:
		return unpackRow(r.keys[team]).scored
	case football.AwayGoals:
		return unpackRow(r.keys[team]).away
	case football.HeadToHeadPoints:
		return r.headToHead(team, level).points
	case football.HeadToHeadGoalDifference:
		return r.headToHead(team, level).difference
	case football.HeadToHeadGoalsFor:
		return r.headToHead(team, level).scored
	case football.HeadToHeadAwayGoals:
		return r.headToHead(team, level).away
	default:
		return 0
	}
}

// countWins returns how many matches a team won: keys do not have it.
func (r *ranking) countWins(team int) int32 {
	wins := int32(0)
	for other := range r.teams {
		if s, ok := r.scoreOf(team, other); ok && s.home > s.away {
			wins++
		}
		if s, ok := r.scoreOf(other, team); ok && s.away > s.home {
			wins++
		}
	}
	return wins
}

// haveMet reports whether the teams have played all their matches with one another.
func (r *ranking) haveMet(level []int) bool {
	for _, team := range level {
		for _, other := range level {
			if _, ok := r.scoreOf(team, other); !ok && team != other {
				return false
			}
		}
	}
	return true
}

// headToHead returns what a team has from its matches with those that are level.
func (r *ranking) headToHead(team int, level []int) row {
	var sum row
	for _, other := range level {
		if other == team {
			continue
		}
		if s, ok := r.scoreOf(team, other); ok {
			sum.addMatch(s.home, s.away)
		}
		if s, ok := r.scoreOf(other, team); ok {
			sum.addMatch(s.away, s.home)
			sum.away += s.away
		}
	}
	return sum
}

// drawLots shuffles the teams (R. Durstenfeld, "Algorithm 235", Communications of the ACM 7, 1964).
func drawLots(teams []int, lots *random) {
	for i := len(teams) - 1; i > 0; i-- {
		j := int(lots.nextUint64() % uint64(i+1))
		teams[i], teams[j] = teams[j], teams[i]
	}
}
