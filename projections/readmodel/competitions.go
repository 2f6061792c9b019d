package readmodel

import (
	"context"
	"fmt"

	"github.com/touchline/touchline/schemas/football"
)

// Competition is a competition with the seasons that have matches, newest first.
type Competition struct {
	ID      football.CompetitionID
	Name    string
	Country string
	Pool    football.PoolID
	Level   int32
	Seasons []string
}

const selectCompetitions = `SELECT c.id, c.name, c.country, c.pool, c.level,
	ARRAY(SELECT DISTINCT m.season FROM matches m WHERE m.competition = c.id ORDER BY 1 DESC) AS seasons
	FROM competitions c`

// Competitions returns all competitions, by id.
func (s *Store) Competitions(ctx context.Context) ([]Competition, error) {
	return queryRows[Competition](ctx, s, "competitions", selectCompetitions+` ORDER BY c.id`)
}

// Competition returns one competition.
func (s *Store) Competition(ctx context.Context, id football.CompetitionID) (Competition, error) {
	return queryRow[Competition](ctx, s, fmt.Sprintf("competition %q", id), selectCompetitions+` WHERE c.id = $1`, id)
}

// TableRow is a team's line in a league table.
type TableRow struct {
	Team                                   football.TeamID
	Name                                   string
	Position                               int64 // from 1; teams that nothing separates share one
	Played, Won, Drawn, Lost               int64
	GoalsFor, GoalsAgainst, GoalDifference int64
	Points                                 int64
}

// Table returns the league table of a season as of the matches that are settled.
func (s *Store) Table(ctx context.Context, competition football.CompetitionID, season football.Season) (
	[]TableRow, error) {
	return queryRows[TableRow](ctx, s, "table",
		`SELECT position, played, won, drawn, lost, goals_for::bigint, goals_against::bigint, goal_difference::bigint,
			points::bigint, team, coalesce(t.name, team) AS name
		FROM league_tables LEFT JOIN teams t ON t.id = team
		WHERE competition = $1 AND season = $2 ORDER BY position, team`, competition, season)
}
