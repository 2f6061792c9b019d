package rating

import (
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// Table is a competition's table in one season. Its zero value is one without a match.
type Table struct {
	Season football.Season `avro:"season"`
	Rows   []Row           `avro:"rows"` // in the order in which the teams first played
}

// Row is a team's line of a table.
type Row struct {
	Team   football.TeamID `avro:"team"`
	Played int32           `avro:"played"`
	Points int32           `avro:"points"`
}

// Settle returns the table after the result, with three points for a win and one for a draw, never changing the old
// one. A later season begins a new table; a result of an earlier season, and a void one, change nothing.
func (t Table) Settle(r Result) Table {
	if r.Void || r.Season < t.Season {
		return t
	}
	if r.Season > t.Season {
		t = Table{Season: r.Season}
	}
	t.Rows = slices.Clone(t.Rows)
	home, away := int32(1), int32(1)
	switch {
	case r.HomeGoals > r.AwayGoals:
		home, away = 3, 0
	case r.HomeGoals < r.AwayGoals:
		home, away = 0, 3
	}
	t.addPoints(r.Home, home)
	t.addPoints(r.Away, away)
	return t
}

// addPoints counts one match of a team. The caller has made Rows its own.
func (t *Table) addPoints(team football.TeamID, points int32) {
	i := t.rowIndex(team)
	if i < 0 {
		i = len(t.Rows)
		t.Rows = append(t.Rows, Row{Team: team})
	}
	t.Rows[i].Played++
	t.Rows[i].Points += points
}

// rowIndex returns the place of a team's row, or -1.
func (t Table) rowIndex(team football.TeamID) int {
	return slices.IndexFunc(t.Rows, func(r Row) bool { return r.Team == team })
}

// Equal reports whether both tables have the same season and the same rows in the same order.
func (t Table) Equal(other Table) bool {
	return t.Season == other.Season && slices.Equal(t.Rows, other.Rows)
}

// How much of a season is to be played at most before anything counts as decided, and where deciding begins and ends:
// the points to the nearest place that matters, as a share of those that the team can still win.
const (
	decidedWithin = 10
	decidedFrom   = 0.2
	decidedAt     = 1.5
)

// Decided returns how little a team has left to play for: 0 while its matches matter, rising to 1 when nothing can
// change any more. Places are the last places of the table that something depends on, such as the title and safety; the
// season is a double round robin of the teams that the table has. Late in a season, a team that has nothing to win
// plays worse (J. Goddard, I. Asimakopoulos, "Forecasting football results and the efficiency of fixed-odds betting",
// Journal of Forecasting 23, 2004, find it for both sides).
func (t Table) Decided(season football.Season, team football.TeamID, places []int) float64 {
	i := t.rowIndex(team)
	if season != t.Season || i < 0 {
		return 0
	}
	left := 2*(len(t.Rows)-1) - int(t.Rows[i].Played)
	if left <= 0 || left > decidedWithin {
		return 0
	}
	gap, ok := t.pointsToBorder(t.Rows[i].Points, places)
	if !ok {
		return 0
	}
	share := float64(gap) / float64(3*left)
	return clampBetween((share-decidedFrom)/(decidedAt-decidedFrom), 0, 1)
}

// pointsToBorder returns the points between a team and the nearest of the places' borders; false when there is none.
func (t Table) pointsToBorder(points int32, places []int) (nearest int32, ok bool) {
	ranked := make([]int32, len(t.Rows))
	for i, r := range t.Rows {
		ranked[i] = -r.Points
	}
	slices.Sort(ranked)
	for _, place := range places {
		if place < 1 || place >= len(ranked) {
			continue
		}
		inside, outside := -ranked[place-1], -ranked[place]
		gap := points - outside
		if points < inside {
			gap = inside - points
		}
		if !ok || gap < nearest {
			nearest, ok = gap, true
		}
	}
	return nearest, ok
}
