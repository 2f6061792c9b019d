package outlook

import "github.com/touchline/touchline/schemas/football"

const maxTeams = football.MaxTeams

// table is a league table with the scores behind it. Teams are numbers from 0.
type table struct {
	teams int
	rows  [maxTeams]row
	// scores of each pair at the first one's ground; played says which there are.
	scores [maxTeams][maxTeams]result
	played [maxTeams][maxTeams]bool
}

// row is what a team has.
type row struct {
	played, points, difference, scored, away int32
}

type result struct{ home, away int32 }

// play enters a score.
func (t *table) play(home, away int, s result) {
	t.scores[home][away], t.played[home][away] = s, true
	t.rows[home].enter(s.home, s.away)
	t.rows[away].enter(s.away, s.home)
	t.rows[away].away += s.away
}

func (r *row) enter(scored, conceded int32) {
	r.played++
	r.points += points(scored - conceded)
	r.difference += scored - conceded
	r.scored += scored
}

// points returns what a margin is worth.
func points(margin int32) int32 {
	switch {
	case margin > 0:
		return 3
	case margin == 0:
		return 1
	default:
		return 0
	}
}

// rank puts the teams into the order of the table: by points, then by the criteria, then by lot.
func (t *table) rank(order []football.Criterion, lots *random, out []int) {
	for i := range out {
		out[i] = i
	}
	t.sort(out, func(team int) int32 { return t.rows[team].points })
	t.each(out, func(team int) int32 { return t.rows[team].points }, func(level []int) { t.settle(level, order, order, lots) })
}

// settle orders teams that are level. A criterion that separates some of them begins anew for those that still are, as
// head-to-head then counts fewer matches.
func (t *table) settle(level []int, rest, order []football.Criterion, lots *random) {
	if len(rest) == 0 {
		shuffle(level, lots)
		return
	}
	var values [maxTeams]int32
	for _, team := range level {
		values[team] = t.value(rest[0], team, level)
	}
	by := func(team int) int32 { return values[team] }
	t.sort(level, by)
	if by(level[0]) == by(level[len(level)-1]) {
		t.settle(level, rest[1:], order, lots)
		return
	}
	t.each(level, by, func(still []int) { t.settle(still, order, order, lots) })
}

// value returns what a team has by a criterion among those that are level.
func (t *table) value(c football.Criterion, team int, level []int) int32 {
	r := &t.rows[team]
	switch c {
	case football.GoalDifference:
		return r.difference
	case football.GoalsFor:
		return r.scored
	case football.AwayGoals:
		return r.away
	case football.HeadToHeadPoints:
		return t.among(team, level).points
	case football.HeadToHeadGoalDifference:
		return t.among(team, level).difference
	case football.HeadToHeadAwayGoals:
		return t.among(team, level).away
	default:
		return 0
	}
}

// among returns what a team has from its matches with those that are level.
func (t *table) among(team int, level []int) row {
	var r row
	for _, other := range level {
		if t.played[team][other] {
			s := t.scores[team][other]
			r.enter(s.home, s.away)
		}
		if t.played[other][team] {
			s := t.scores[other][team]
			r.enter(s.away, s.home)
			r.away += s.away
		}
	}
	return r
}

// sort puts those with more first: insertion, for there are few and most are in order already.
func (t *table) sort(teams []int, by func(int) int32) {
	for i := 1; i < len(teams); i++ {
		for j := i; j > 0 && by(teams[j]) > by(teams[j-1]); j-- {
			teams[j], teams[j-1] = teams[j-1], teams[j]
		}
	}
}

// each calls level with every run of two teams or more that have the same value.
func (t *table) each(teams []int, by func(int) int32, level func([]int)) {
	for i := 0; i < len(teams); {
		j := i + 1
		for j < len(teams) && by(teams[j]) == by(teams[i]) {
			j++
		}
		if j-i > 1 {
			level(teams[i:j])
		}
		i = j
	}
}

// shuffle draws lots (R. Durstenfeld, "Algorithm 235", Communications of the ACM 7, 1964).
func shuffle(teams []int, lots *random) {
	for i := len(teams) - 1; i > 0; i-- {
		j := int(lots.next() % uint64(i+1))
		teams[i], teams[j] = teams[j], teams[i]
	}
}
