package readmodel

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/touchline/touchline/projections/cache"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Forecast is the latest forecast of a match and model, as it stands in the log.
type Forecast struct {
	Match    football.MatchID
	Model    string
	Frame    []byte
	Position cache.Position
}

type forecastRow struct {
	Match     football.MatchID
	Model     string
	Frame     []byte
	Epoch     int64
	Partition int32
	Offset    int64
}

func (r forecastRow) forecast() Forecast {
	return Forecast{Match: r.Match, Model: r.Model, Frame: r.Frame, Position: cache.Position{Epoch: r.Epoch, Partition: r.Partition, Offset: r.Offset}}
}

const selectForecasts = `SELECT l.match, l.model, l.frame, t.epoch, l.partition, l.log_offset
	FROM predictions_latest l JOIN topics t ON t.topic = '` + wire.TopicPredictions + `'`

// Latest returns the latest forecast of a match and model.
func (s *Store) Latest(ctx context.Context, match football.MatchID, model string) (Forecast, error) {
	row, err := one[forecastRow](ctx, s, fmt.Sprintf("forecast of %q by %q", match, model),
		selectForecasts+` WHERE l.match = $1 AND l.model = $2`, match, model)
	return row.forecast(), err
}

// ModelsOf returns the models that forecast a match, by id.
func (s *Store) ModelsOf(ctx context.Context, match football.MatchID) ([]string, error) {
	rows, err := s.read().Query(ctx, `SELECT model FROM predictions_latest WHERE match = $1 ORDER BY model`, match)
	if err != nil {
		return nil, fmt.Errorf("read models of a match: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

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

const selectDigests = `SELECT match, model, model_version, sequence, at, trigger, phase, period::int, elapsed, home_goals::int,
	away_goals::int, home_reds::int, away_reds::int, home, draw, away, expected_home, expected_away, over_2_5, both_score, stage_version
	FROM predictions_history`

// AsOf returns the forecast that stood at an instant.
func (s *Store) AsOf(ctx context.Context, match football.MatchID, model string, at time.Time) (Digest, error) {
	return one[Digest](ctx, s, fmt.Sprintf("forecast of %q by %q as of %s", match, model, at.Format(time.RFC3339)),
		selectDigests+` WHERE match = $1 AND model = $2 AND at <= $3 ORDER BY sequence DESC LIMIT 1`, match, model, at)
}

// History returns the forecasts of a match and model after a sequence, in order.
func (s *Store) History(ctx context.Context, match football.MatchID, model string, after int64, limit int) ([]Digest, error) {
	return many[Digest](ctx, s, "forecasts", selectDigests+` WHERE match = $1 AND model = $2 AND sequence > $3 ORDER BY sequence LIMIT $4`,
		match, model, after, limit)
}

// ModelFacts returns all that was said of models, in order, and the offset of each.
func (s *Store) ModelFacts(ctx context.Context) ([]*football.ModelFact, []int64, error) {
	type row struct {
		Offset    int64
		ID        string
		Version   int32
		Change    football.ModelChange
		Share     float64
		Kind      string
		Digest    string
		Artefact  []byte
		Note      string
		ChangedAt time.Time
	}
	rows, err := many[row](ctx, s, "facts of models", `SELECT log_offset, id, version, change, share, kind, digest, artefact, note, changed_at
		FROM model_facts ORDER BY log_offset`)
	if err != nil {
		return nil, nil, err
	}
	facts, offsets := make([]*football.ModelFact, len(rows)), make([]int64, len(rows))
	for i, r := range rows {
		offsets[i] = r.Offset
		facts[i] = &football.ModelFact{ID: r.ID, Version: r.Version, Change: r.Change, Share: r.Share, Kind: r.Kind, Digest: r.Digest,
			Artefact: r.Artefact, Note: r.Note, At: football.At(r.ChangedAt)}
	}
	return facts, offsets, nil
}

// Forecasters returns the ids of the models that were evaluated or that forecast lately.
func (s *Store) Forecasters(ctx context.Context) ([]string, error) {
	type row struct{ ID string }
	rows, err := many[row](ctx, s, "models", `
		(SELECT model FROM model_quality GROUP BY model)
		UNION (SELECT model FROM (SELECT model FROM predictions_latest LIMIT 50) few) ORDER BY 1`)
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	return ids, err
}

// Quality sums a model's evaluations at one checkpoint.
type Quality struct {
	Model               string
	Checkpoint          string
	N                   int64
	RPS, LogLoss, Brier float64 // means
}

// Bin is a twentieth of probability: how often what was forecast with about that probability happened.
type Bin struct {
	Model      string
	Checkpoint string
	Bin        int32
	N          int64
	Forecast   float64 // mean probability
	Happened   float64 // share that happened
}

// Quality returns the means of all models at all checkpoints; empty arguments do not filter.
func (s *Store) Quality(ctx context.Context, competition football.CompetitionID, season football.Season) ([]Quality, []Bin, error) {
	quality, err := many[Quality](ctx, s, "model quality", `SELECT model, checkpoint, sum(n)::bigint, sum(rps) / sum(n), sum(log_loss) / sum(n), sum(brier) / sum(n)
		FROM model_quality WHERE ($1 = '' OR competition = $1) AND ($2 = '' OR season = $2) GROUP BY 1, 2 ORDER BY 1, 2`, competition, season)
	if err != nil {
		return nil, nil, err
	}
	bins, err := many[Bin](ctx, s, "calibration", `SELECT model, checkpoint, bin::int, sum(n)::bigint, sum(forecast) / sum(n), sum(happened)::float8 / sum(n)::float8
		FROM model_calibration WHERE ($1 = '' OR competition = $1) AND ($2 = '' OR season = $2) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, competition, season)
	return quality, bins, err
}

// LatestOf returns the latest forecasts of a match, by model.
func (s *Store) LatestOf(ctx context.Context, match football.MatchID) ([]Forecast, error) {
	rows, err := many[forecastRow](ctx, s, "forecasts of a match", selectForecasts+` WHERE l.match = $1 ORDER BY l.model`, match)
	if err != nil {
		return nil, err
	}
	out := make([]Forecast, len(rows))
	for i, r := range rows {
		out[i] = r.forecast()
	}
	return out, nil
}
