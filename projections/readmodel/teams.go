package readmodel

import (
	"context"
	"fmt"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// Team is a team.
type Team struct {
	ID   football.TeamID
	Name string
	Pool football.PoolID
}

// Team returns one team.
func (s *Store) Team(ctx context.Context, id football.TeamID) (Team, error) {
	return queryRow[Team](ctx, s, fmt.Sprintf("team %q", id), `SELECT id, name, pool FROM teams WHERE id = $1`, id)
}

// Rating is what was known of a team before a match.
type Rating struct {
	Match           football.MatchID
	At              time.Time
	Kickoff         *time.Time // nil while the match has no date
	Attack, Defence float64    // logarithms of the effect on scoring rates
	Elo             float64
	PiHome, PiAway  float64 // pi-ratings, in goals
	Played          int32   // matches of the season before this one
	Points          float64 // a match of them
}

// Ratings returns a team's ratings, newest first.
func (s *Store) Ratings(ctx context.Context, team football.TeamID, limit int) ([]Rating, error) {
	return queryRows[Rating](ctx, s, "ratings",
		`SELECT match, at, kickoff, attack, defence, elo, pi_home, pi_away, played, points
		FROM ratings_history WHERE team = $1 ORDER BY kickoff DESC NULLS LAST, at DESC LIMIT $2`, team, limit)
}
