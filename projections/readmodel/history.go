package readmodel

import (
	"context"
	"fmt"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// Digest is a forecast as the history keeps it.
type Digest struct {
	Match                      football.MatchID
	Model                      string
	ModelVersion               int32
	Sequence                   int64
	At                         time.Time
	Trigger                    string
	Phase                      football.Phase
	Period, Elapsed            int32
	HomeGoals, AwayGoals       int32
	HomeReds, AwayReds         int32
	Home, Draw, Away           float64
	ExpectedHome, ExpectedAway float64
	Over25                     *float64
	BothScore                  float64
	StageVersion               int32
}

const selectDigests = `SELECT match, model, model_version, sequence, at, trigger, phase, period::int, elapsed,
	home_goals::int, away_goals::int, home_reds::int, away_reds::int, home, draw, away, expected_home, expected_away,
	over_2_5, both_score, stage_version FROM predictions_history`

// AsOf returns the newest forecast that was made at or before an instant of the match's own time.
func (s *Store) AsOf(ctx context.Context, match football.MatchID, model string, at time.Time) (Digest, error) {
	return queryRow[Digest](ctx, s, fmt.Sprintf("forecast of %q by %q as of %s", match, model, at.Format(time.RFC3339)),
		selectDigests+` WHERE match = $1 AND model = $2 AND at <= $3 ORDER BY sequence DESC LIMIT 1`, match, model, at)
}

// History returns the forecasts of a match and model after a sequence, in order.
func (s *Store) History(ctx context.Context, match football.MatchID, model string, after int64, limit int) (
	[]Digest, error) {
	return queryRows[Digest](ctx, s, "forecasts",
		selectDigests+` WHERE match = $1 AND model = $2 AND sequence > $3 ORDER BY sequence LIMIT $4`,
		match, model, after, limit)
}
