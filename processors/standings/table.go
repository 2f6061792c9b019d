package standings

import (
	"github.com/touchline/touchline/schemas/football"
)

// Match is a match that is over. Goals are of the whole match as the league counts it.
type Match struct {
	Home, Away           football.TeamID
	HomeGoals, AwayGoals int32
}

// Row is a team's line of a table.
type Row struct {
	Team football.TeamID
	// Position counts from 1; teams that nothing separates share one.
	Position               int
	Played                 int32
	Won, Drawn, Lost       int32
	GoalsFor, GoalsAgainst int32
	// AwayGoals are those of GoalsFor that were scored at the other's ground.
	AwayGoals int32
	// Points are what counts: those of the matches less those deducted.
	Points int32
	// Deducted is the points that rulings took.
	Deducted int32
	last     bool // a ruling put the team below all others
}

// GoalDifference is goals scored less goals conceded.
func (r Row) GoalDifference() int32 { return r.GoalsFor - r.GoalsAgainst }

// MakeTable returns the table of a season, the first team first, from matches in the order in which they were played
// (the order matters only where the table is split). Rules without teams, the zero value too, count every match. Teams
// that nothing separates share a position and are ordered by id.
func MakeTable(rules football.SeasonRules, rulings football.Rulings, matches []Match) []Row {
	t := newTable(rules, rulings)
	counted := t.countedMatches(matches)
	for _, m := range counted {
		t.enterMatch(m)
	}
	t.applyRulings()
	upper := map[football.TeamID]bool{}
	if rules.Split != nil {
		upper = upperTeams(rules, rulings, counted)
	}
	groups := make([][]int, 3) // above the split, below it, and last by a ruling
	for i, r := range t.rows {
		switch {
		case r.last:
			groups[2] = append(groups[2], i)
		case rules.Split == nil || upper[r.Team]:
			groups[0] = append(groups[0], i)
		default:
			groups[1] = append(groups[1], i)
		}
	}
	rows := make([]Row, 0, len(t.rows))
	for _, group := range groups {
		for _, level := range t.rankTeams(group) {
			position := len(rows) + 1
			for _, i := range level {
				r := t.rows[i]
				r.Position = position
				rows = append(rows, r)
			}
		}
	}
	return rows
}

// upperTeams returns the teams of the upper part of a table that is split, or all while its first part is not over.
func upperTeams(rules football.SeasonRules, rulings football.Rulings, matches []Match) map[football.TeamID]bool {
	after, top := int32(rules.Split.After), rules.Split.Top
	played := map[football.TeamID]int32{}
	var first []Match
	for _, m := range matches {
		if played[m.Home] < after && played[m.Away] < after {
			played[m.Home]++
			played[m.Away]++
			first = append(first, m)
		}
	}
	over := len(played) == rules.Teams
	for _, n := range played {
		over = over && n == after
	}
	rules.Split, rules.Teams = nil, 0 // a table of all matches given
	upper := map[football.TeamID]bool{}
	for i, r := range MakeTable(rules, rulings, first) {
		upper[r.Team] = !over || i < top
	}
	return upper
}

// table is a table in the making. Teams are numbers in the order in which they first played.
type table struct {
	rules   football.SeasonRules
	rulings football.Rulings
	rows    []Row
	number  map[football.TeamID]int
	// versus is what the first team of a pair has from its matches with the second.
	versus map[[2]int]Row
}

func newTable(rules football.SeasonRules, rulings football.Rulings) *table {
	return &table{rules: rules, rulings: rulings, number: map[football.TeamID]int{}, versus: map[[2]int]Row{}}
}

// countedMatches returns the matches that the table counts: of a pair at one's ground the first so many as the rules
// ask for. An awarded match that was not played is counted too.
func (t *table) countedMatches(matches []Match) []Match {
	limit := t.rules.MeetingsAtHome()
	met := map[[2]football.TeamID]int{}
	counted := make([]Match, 0, len(matches))
	for _, m := range matches {
		pair := [2]football.TeamID{m.Home, m.Away}
		if met[pair]++; limit == 0 || met[pair] <= limit {
			counted = append(counted, m)
		}
	}
	for _, a := range t.rulings.Awards {
		if limit > 0 && met[[2]football.TeamID{a.Home, a.Away}] == 0 {
			counted = append(counted, Match{Home: a.Home, Away: a.Away})
		}
	}
	return counted
}

// teamNumber returns the number of a team, a new one for a team that was not seen before.
func (t *table) teamNumber(team football.TeamID) int {
	i, ok := t.number[team]
	if !ok {
		i = len(t.rows)
		t.number[team] = i
		t.rows = append(t.rows, Row{Team: team})
	}
	return i
}

// enterMatch counts a match, with the result that a ruling set where there is one.
func (t *table) enterMatch(m Match) {
	home, away := t.teamNumber(m.Home), t.teamNumber(m.Away)
	margin := m.HomeGoals - m.AwayGoals
	if award, ok := t.rulings.Award(m.Home, m.Away); ok {
		m.HomeGoals, m.AwayGoals, margin = award.HomeGoals, award.AwayGoals, award.Margin()
	}
	for _, side := range [...]struct {
		team, other              int
		scored, conceded, margin int32
		away                     bool
	}{{home, away, m.HomeGoals, m.AwayGoals, margin, false}, {away, home, m.AwayGoals, m.HomeGoals, -margin, true}} {
		var r Row
		r.countResult(side.margin, t.rules.WinPoints())
		r.GoalsFor, r.GoalsAgainst = side.scored, side.conceded
		if side.away {
			r.AwayGoals = side.scored
		}
		t.rows[side.team] = t.rows[side.team].plus(r)
		pair := [2]int{side.team, side.other}
		t.versus[pair] = t.versus[pair].plus(r)
	}
}

// countResult counts one match by who won it: margin is above 0 for a win.
func (r *Row) countResult(margin, win int32) {
	r.Played++
	switch {
	case margin > 0:
		r.Won++
		r.Points += win
	case margin == 0:
		r.Drawn++
		r.Points++
	default:
		r.Lost++
	}
}

// plus returns the sums of two rows; team and position are those of the first.
func (r Row) plus(other Row) Row {
	r.Played += other.Played
	r.Won += other.Won
	r.Drawn += other.Drawn
	r.Lost += other.Lost
	r.GoalsFor += other.GoalsFor
	r.GoalsAgainst += other.GoalsAgainst
	r.AwayGoals += other.AwayGoals
	r.Points += other.Points
	return r
}

// applyRulings takes deducted points from the teams that played.
func (t *table) applyRulings() {
	for _, d := range t.rulings.Deductions {
		if i, ok := t.number[d.Team]; ok {
			t.rows[i].Points -= d.Points
			t.rows[i].Deducted += d.Points
			t.rows[i].last = t.rows[i].last || d.Last
		}
	}
}
