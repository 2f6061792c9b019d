package readmodel

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/touchline/touchline/schemas/football"
)

// ModelFacts returns the facts of the life-cycle of all models, in order, and the offset of each.
func (s *Store) ModelFacts(ctx context.Context) ([]*football.ModelFact, []int64, error) {
	type factRow struct {
		LogOffset int64
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
	rows, err := queryRows[factRow](ctx, s, "facts of models",
		`SELECT log_offset, id, version, change, share, kind, digest, artefact, note, changed_at
		FROM model_facts ORDER BY log_offset`)
	if err != nil {
		return nil, nil, err
	}
	facts, offsets := make([]*football.ModelFact, len(rows)), make([]int64, len(rows))
	for i, r := range rows {
		offsets[i] = r.LogOffset
		facts[i] = &football.ModelFact{
			ID: r.ID, Version: r.Version, Change: r.Change, Share: r.Share, Kind: r.Kind, Digest: r.Digest,
			Artefact: r.Artefact, Note: r.Note, At: football.At(r.ChangedAt),
		}
	}
	return facts, offsets, nil
}

// Forecasters returns the ids of the models that were evaluated or that forecast lately.
func (s *Store) Forecasters(ctx context.Context) ([]string, error) {
	rows, err := s.pickReader().Query(ctx, `
		(SELECT model FROM model_quality GROUP BY model)
		UNION (SELECT model FROM (SELECT model FROM predictions_latest LIMIT 50) few) ORDER BY 1`)
	if err != nil {
		return nil, fmt.Errorf("read models: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read models: %w", err)
	}
	return ids, nil
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
func (s *Store) Quality(ctx context.Context, competition football.CompetitionID, season football.Season) (
	[]Quality, []Bin, error) {
	quality, err := queryRows[Quality](ctx, s, "model quality",
		`SELECT model, checkpoint, sum(n)::bigint AS n, sum(rps) / sum(n) AS rps, sum(log_loss) / sum(n) AS log_loss,
			sum(brier) / sum(n) AS brier
		FROM model_quality WHERE ($1 = '' OR competition = $1) AND ($2 = '' OR season = $2)
		GROUP BY 1, 2 ORDER BY 1, 2`, competition, season)
	if err != nil {
		return nil, nil, err
	}
	bins, err := queryRows[Bin](ctx, s, "calibration",
		`SELECT model, checkpoint, bin::int, sum(n)::bigint AS n, sum(forecast) / sum(n) AS forecast,
			sum(happened)::float8 / sum(n)::float8 AS happened
		FROM model_calibration WHERE ($1 = '' OR competition = $1) AND ($2 = '' OR season = $2)
		GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, competition, season)
	return quality, bins, err
}
