package standings_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/touchline/touchline/processors/standings"
	"github.com/touchline/touchline/schemas/football"
)

var (
	byDifference = []football.Criterion{football.GoalDifference, football.GoalsFor}
	byMeetings   = []football.Criterion{football.HeadToHeadPoints, football.HeadToHeadGoalDifference,
		football.GoalDifference}
	byWins = []football.Criterion{football.Wins, football.GoalDifference, football.GoalsFor}
)

func TestTableIsMadeByTheRulesOfTheSeason(t *testing.T) {
	for _, test := range []struct {
		name    string
		rules   football.SeasonRules
		rulings football.Rulings
		matches string // as in "a 2-1 b"
		want    string // position, team and points of each row
	}{
		{
			name:    "a win is worth what the season says",
			rules:   football.SeasonRules{Teams: 2, Order: byDifference, Win: 2},
			matches: "a 1-0 b, b 1-1 a",
			want:    "1 a 3, 2 b 1",
		},
		{
			name:    "without rules every match counts and three points are for a win",
			matches: "a 1-0 b, a 1-0 b, b 3-0 a",
			want:    "1 a 6, 2 b 3",
		},
		{
			name:    "a further meeting is a play-off and does not count",
			rules:   football.SeasonRules{Teams: 2, Order: byDifference},
			matches: "a 1-0 b, b 0-0 a, b 5-0 a",
			want:    "1 a 4, 2 b 1",
		},
		{
			name:    "two meetings at each ground count where the season has them",
			rules:   football.SeasonRules{Teams: 2, Order: byDifference, Meetings: 2},
			matches: "a 1-0 b, b 0-0 a, b 5-0 a",
			want:    "1 b 4, 2 a 4",
		},
		{
			name:    "head-to-head decides before goal difference",
			rules:   football.SeasonRules{Teams: 3, Order: byMeetings},
			matches: "a 1-0 b, b 0-0 a, a 1-0 c, c 1-0 a, b 9-0 c, c 0-9 b",
			want:    "1 a 7, 2 b 7, 3 c 3",
		},
		{
			name:    "head-to-head waits until both matches are played",
			rules:   football.SeasonRules{Teams: 3, Order: byMeetings},
			matches: "a 1-0 b, b 9-0 c, c 1-0 a",
			want:    "1 b 3, 2 a 3, 3 c 3",
		},
		{
			name:    "head-to-head waits until all four matches are played where there are as many",
			rules:   football.SeasonRules{Teams: 3, Order: byMeetings, Meetings: 2},
			matches: "a 1-0 b, b 9-0 c",
			want:    "1 b 3, 2 a 3, 3 c 0",
		},
		{
			name:    "teams that nothing separates share a position",
			rules:   football.SeasonRules{Teams: 3, Order: byDifference},
			matches: "b 1-1 a, c 0-0 a",
			want:    "1 a 2, 2 b 1, 3 c 1",
		},
		{
			name:    "teams that nothing separates are in the order of their ids",
			rules:   football.SeasonRules{Teams: 2, Order: byDifference},
			matches: "b 1-1 a",
			want:    "1 a 1, 1 b 1",
		},
		{
			name:    "wins come before goal difference where the rules say so",
			rules:   football.SeasonRules{Teams: 4, Order: byWins},
			matches: "a 0-0 b, b 0-0 a, a 0-0 d, c 1-0 d, d 5-0 c",
			want:    "1 d 4, 2 c 3, 3 a 3, 4 b 2",
		},
		{
			name:    "points a match rank a season that was broken off",
			rules:   football.SeasonRules{Teams: 3, Order: byDifference, Average: true},
			matches: "a 9-0 b, b 2-0 c, c 1-0 a, a 0-0 c", // b has the worst goal difference
			want:    "1 b 3, 2 a 4, 3 c 4",
		},
		{
			name:  "the upper part of a table that was split stays above the lower",
			rules: football.SeasonRules{Teams: 4, Order: byDifference, Split: &football.Split{After: 1, Top: 2}},
			// a and c are above after one match each; then b wins more than both
			matches: "a 1-0 b, c 2-0 d, a 0-0 c, b 4-0 d, b 4-0 d",
			want:    "1 c 4, 2 a 4, 3 b 6, 4 d 0",
		},
		{
			name:    "a match that one side plays at home after its share of the first part decides no split",
			rules:   football.SeasonRules{Teams: 4, Order: byDifference, Split: &football.Split{After: 1, Top: 2}},
			matches: "a 1-0 b, a 0-0 c, c 2-0 d, b 4-0 d, b 4-0 d",
			want:    "1 c 4, 2 a 4, 3 b 6, 4 d 0",
		},
		{
			name:    "nor does one that it plays away",
			rules:   football.SeasonRules{Teams: 4, Order: byDifference, Split: &football.Split{After: 1, Top: 2}},
			matches: "a 1-0 b, c 0-0 a, c 2-0 d, b 4-0 d, b 4-0 d",
			want:    "1 c 4, 2 a 4, 3 b 6, 4 d 0",
		},
		{
			name:  "deducted points are taken or given",
			rules: football.SeasonRules{Teams: 2, Order: byDifference},
			rulings: football.Rulings{Deductions: []football.Deduction{
				{Team: "a", Points: 4}, {Team: "b", Points: -1},
			}},
			matches: "a 1-0 b, b 0-3 a",
			want:    "1 a 2, 2 b 1",
		},
		{
			name:    "a ruling puts a team below all others",
			rules:   football.SeasonRules{Teams: 2, Order: byDifference},
			rulings: football.Rulings{Deductions: []football.Deduction{{Team: "a", Last: true}}},
			matches: "a 1-0 b",
			want:    "1 b 0, 2 a 3",
		},
		{
			name:    "an award replaces what was played",
			rules:   football.SeasonRules{Teams: 2, Order: byDifference},
			rulings: football.Rulings{Awards: []football.Award{{Home: "a", Away: "b", HomeGoals: 0, AwayGoals: 3}}},
			matches: "a 2-0 b",
			want:    "1 b 3, 2 a 0",
		},
		{
			name:    "an awarded match that was not played counts",
			rules:   football.SeasonRules{Teams: 2, Order: byDifference},
			rulings: football.Rulings{Awards: []football.Award{{Home: "b", Away: "a", HomeGoals: 3, AwayGoals: 0}}},
			matches: "a 2-0 b",
			want:    "1 b 3, 2 a 3",
		},
		{
			name:    "without rules an awarded match that was not played does not count",
			rulings: football.Rulings{Awards: []football.Award{{Home: "b", Away: "a", HomeGoals: 3, AwayGoals: 0}}},
			matches: "a 2-0 b",
			want:    "1 a 3, 2 b 0",
		},
		{
			name:    "an award may give points without goals",
			rules:   football.SeasonRules{Teams: 2, Order: byDifference},
			rulings: football.Rulings{Awards: []football.Award{{Home: "a", Away: "b", Winner: football.Away}}},
			matches: "a 2-0 b",
			want:    "1 b 3, 2 a 0",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, r := range standings.MakeTable(test.rules, test.rulings, parseMatches(t, test.matches)) {
				got = append(got, fmt.Sprintf("%d %s %d", r.Position, r.Team, r.Points))
			}
			if table := strings.Join(got, ", "); table != test.want {
				t.Errorf("got %q, want %q", table, test.want)
			}
		})
	}
}

func TestRowHasWhatATableShows(t *testing.T) {
	rulings := football.Rulings{Deductions: []football.Deduction{{Team: "b", Points: 2}}}
	rows := standings.MakeTable(football.SeasonRules{Teams: 2}, rulings, parseMatches(t, "a 1-2 b, b 0-0 a"))
	want := []standings.Row{
		{Team: "b", Position: 1, Played: 2, Won: 1, Drawn: 1, GoalsFor: 2, GoalsAgainst: 1, AwayGoals: 2, Points: 2,
			Deducted: 2},
		{Team: "a", Position: 2, Played: 2, Drawn: 1, Lost: 1, GoalsFor: 1, GoalsAgainst: 2, Points: 1},
	}
	if !slices.Equal(rows, want) {
		t.Errorf("got %+v, want %+v", rows, want)
	}
}

// parseMatches reads matches such as "a 2-1 b, b 0-0 a".
func parseMatches(t *testing.T, text string) []standings.Match {
	t.Helper()
	var matches []standings.Match
	for _, cell := range strings.Split(text, ", ") {
		var m standings.Match
		if _, err := fmt.Sscanf(cell, "%s %d-%d %s", &m.Home, &m.HomeGoals, &m.AwayGoals, &m.Away); err != nil {
			t.Fatalf("%q: %v", cell, err)
		}
		matches = append(matches, m)
	}
	return matches
}
