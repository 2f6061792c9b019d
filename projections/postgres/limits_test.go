package postgres_test

import (
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/touchline/touchline/projections/postgres"
	"github.com/touchline/touchline/projections/projectiontest"
	"github.com/touchline/touchline/schemas/football"
)

// New connects with nothing, so that this pool needs no server.
func TestSettingsAreTakenUpToTheirLimits(t *testing.T) {
	t.Parallel()
	pool, err := pgxpool.New(t.Context(), "postgres://nobody@127.0.0.1:1/nothing")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	for _, test := range []struct {
		name string
		cfg  postgres.Config
		ok   bool
	}{
		{"the defaults", postgres.Config{}, true},
		{"one record", postgres.Config{MaxBatch: 1}, true},
		{"less than one record", postgres.Config{MaxBatch: -1}, false},
		{"a million records", postgres.Config{MaxBatch: 1_000_000}, true},
		{"more than a million records", postgres.Config{MaxBatch: 1_000_001}, false},
		{"a second", postgres.Config{RebalanceTimeout: time.Second}, true},
		{"less than a second", postgres.Config{RebalanceTimeout: time.Second - 1}, false},
	} {
		_, err := postgres.New(test.cfg, nil, nil, pool, nil, football.DefaultReference(),
			slog.New(slog.NewTextHandler(io.Discard, nil)), prometheus.NewRegistry())
		if (err == nil) != test.ok {
			t.Errorf("%s: got %v, want it taken: %v", test.name, err, test.ok)
		}
	}
}

// Tables are parted by year from 1990 to 2040; rows of other years go to the default partition.
func TestYearsHavePartitionsFrom1990To2040(t *testing.T) {
	t.Parallel()
	pool, log := projectiontest.Postgres(t), projectiontest.Log(t)
	for _, season := range []football.Season{"1989-90", "1990-91", "2040-41", "2041-42"} {
		log.Append(projectiontest.Match{Season: season}.Features(1, "goal", projectiontest.Live(football.InPlay, 1, 0)))
	}
	run(t, pool, log, nil)
	await(t, pool, 4, `SELECT count(*) FROM matches`)
	await(t, pool, 2, `SELECT count(*) FROM matches_other WHERE season_year IN (1989, 2041)`)
	await(t, pool, 1, `SELECT count(*) FROM matches_1990 WHERE season_year = 1990`)
	await(t, pool, 1, `SELECT count(*) FROM matches_2040 WHERE season_year = 2040`)
}

// Instants and probabilities are copied in Postgres's binary form, which counts from 2000. Counts that are too great
// for their column become the greatest that fits.
func TestValuesArriveAsTheyWere(t *testing.T) {
	t.Parallel()
	pool, log := projectiontest.Postgres(t), projectiontest.Log(t)
	match := projectiontest.Match{}
	prediction := match.Prediction("goals", 1)
	for i := range prediction.Markets.Totals {
		prediction.Markets.Totals[i].P = 0 // a probability, not one that is not given
	}
	without := match.Prediction("goals", 2)
	without.Markets.Totals = nil
	live := projectiontest.Live(football.InPlay, 1, 0)
	live.HomeShots = 1 << 20
	features := match.Features(1, "goal", live)
	log.Append(features, prediction, without)
	run(t, pool, log, nil)
	await(t, pool, 1, `SELECT count(*) FROM matches WHERE kickoff = to_timestamp($1::bigint / 1000.0)
		AND changed_at = to_timestamp($2::bigint / 1000.0)`, int64(features.Kickoff), int64(features.At))
	await(t, pool, 1<<15-1, `SELECT home_shots::bigint FROM matches`)
	await(t, pool, 1, `SELECT count(*) FROM predictions_history WHERE over_2_5 = 0 AND sequence = 1`)
	await(t, pool, 1, `SELECT count(*) FROM predictions_history WHERE over_2_5 IS NULL AND sequence = 2`)
}
