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

// Result is a settled match as a league table counts it.
type Result struct {
	Home, Away           football.TeamID
	HomeName, AwayName   string
	HomeGoals, AwayGoals int32
}

// Results returns the settled matches of a season that are part of no knock-out, in the order of their kick-offs.
func (s *Store) Results(ctx context.Context, competition football.CompetitionID, season football.Season) (
	[]Result, error) {
	return queryRows[Result](ctx, s, "results",
		`SELECT m.home, m.away, coalesce(h.name, m.home) AS home_name, coalesce(a.name, m.away) AS away_name,
			m.home_goals::int, m.away_goals::int
		FROM matches m LEFT JOIN teams h ON h.id = m.home LEFT JOIN teams a ON a.id = m.away
		WHERE m.season_year = $1 AND m.competition = $2 AND m.season = $3 AND m.phase = 'settled' AND m.tie = ''
		ORDER BY m.kickoff NULLS LAST, m.id`, season.Year(), competition, season)
}
