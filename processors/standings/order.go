package standings

import (
	"cmp"
	"slices"
	"strings"

	"github.com/touchline/touchline/schemas/football"
)

// rankTeams returns teams in the order of the table, as groups of those that nothing separates: by points, then by the
// criteria of the rules.
func (t *table) rankTeams(teams []int) [][]int {
	var out [][]int
	for _, level := range levelGroups(teams, t.rankedPoints) {
		out = append(out, t.separateTeams(level, t.rules.Order)...)
	}
	return out
}

// rankedPoints returns what a team is ranked by before all criteria: its points, or its points a match in millionths.
func (t *table) rankedPoints(team int) int64 {
	r := t.rows[team]
	if t.rules.Average {
		return int64(r.Points) * 1_000_000 / int64(max(r.Played, 1))
	}
	return int64(r.Points)
}

// separateTeams orders teams that are level in all criteria before rest. A criterion that separates some of them begins
// anew with the first for those that still are level, as head-to-head then counts fewer matches.
func (t *table) separateTeams(level []int, rest []football.Criterion) [][]int {
	if len(level) == 1 || len(rest) == 0 {
		slices.SortFunc(level, func(a, b int) int {
			return strings.Compare(string(t.rows[a].Team), string(t.rows[b].Team))
		})
		return [][]int{level}
	}
	var groups [][]int
	if !rest[0].IsHeadToHead() || t.haveMet(level) {
		groups = levelGroups(level, func(team int) int64 { return t.criterionValue(rest[0], team, level) })
	}
	if len(groups) < 2 {
		return t.separateTeams(level, rest[1:])
	}
	var out [][]int
	for _, still := range groups {
		out = append(out, t.separateTeams(still, t.rules.Order)...)
	}
	return out
}

// levelGroups returns teams with a greater value first, as groups of those with the same value.
func levelGroups(teams []int, value func(team int) int64) [][]int {
	values := make(map[int]int64, len(teams))
	for _, team := range teams {
		values[team] = value(team)
	}
	sorted := slices.Clone(teams)
	slices.SortStableFunc(sorted, func(a, b int) int { return cmp.Compare(values[b], values[a]) })
	var groups [][]int
	for i, team := range sorted {
		if i > 0 && values[team] == values[sorted[i-1]] {
			groups[len(groups)-1] = append(groups[len(groups)-1], team)
			continue
		}
		groups = append(groups, []int{team})
	}
	return groups
}

// criterionValue returns a team's value by a criterion, more being better; head-to-head counts matches among level
// only.
func (t *table) criterionValue(c football.Criterion, team int, level []int) int64 {
	r := t.rows[team]
	switch c {
	case football.Wins:
		return int64(r.Won)
	case football.GoalDifference:
		return int64(r.GoalDifference())
	case football.GoalsFor:
		return int64(r.GoalsFor)
	case football.AwayGoals:
		return int64(r.AwayGoals)
	case football.HeadToHeadPoints:
		return int64(t.headToHead(team, level).Points)
	case football.HeadToHeadGoalDifference:
		return int64(t.headToHead(team, level).GoalDifference())
	case football.HeadToHeadGoalsFor:
		return int64(t.headToHead(team, level).GoalsFor)
	case football.HeadToHeadAwayGoals:
		return int64(t.headToHead(team, level).AwayGoals)
	default:
		return 0
	}
}

// haveMet reports whether the teams have played all their matches with one another. Until then head-to-head decides
// nothing: who was at home would.
func (t *table) haveMet(level []int) bool {
	meetings := int32(2 * t.rules.MeetingsAtHome())
	for _, team := range level {
		for _, other := range level {
			if team != other && t.versus[[2]int{team, other}].Played < meetings {
				return false
			}
		}
	}
	return true
}

// headToHead returns what a team has from its matches with those that are level.
func (t *table) headToHead(team int, level []int) Row {
	var sum Row
	for _, other := range level {
		sum = sum.plus(t.versus[[2]int{team, other}])
	}
	return sum
}
