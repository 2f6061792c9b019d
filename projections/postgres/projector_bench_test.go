package postgres_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/projections/postgres"
	"github.com/touchline/touchline/projections/projectiontest"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// BenchmarkProjection writes a replay's forecasts (seven a match and model, two models, 200 matches at a time) through
// the whole projector, and beside it copies the bare history rows into a table of the same shape, in the same run.
func BenchmarkProjection(b *testing.B) {
	pool, log := projectiontest.Postgres(b), projectiontest.Log(b)
	const matches, forecasts = 12_000, 7
	total := appendReplay(b, log, matches, forecasts)
	for b.Loop() {
		b.StopTimer()
		for _, statement := range []string{`TRUNCATE predictions_latest, predictions_history`,
			`DELETE FROM checkpoints`} {
			if _, err := pool.Exec(b.Context(), statement); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
		stop := run(b, pool, log, func(c *postgres.Config) { c.Topics = []string{wire.TopicPredictions} })
		await(b, pool, int64(total), `SELECT coalesce(sum(next_offset), 0)::bigint FROM checkpoints`)
		b.StopTimer()
		stop()
		b.StartTimer()
	}
	b.ReportMetric(float64(total)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")

	var out bytes.Buffer
	conn, err := pool.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Conn().PgConn().CopyTo(b.Context(), &out,
		`COPY predictions_history_2015 TO STDOUT (FORMAT binary)`); err != nil {
		b.Fatal(err)
	}
	if _, err := conn.Exec(b.Context(), `CREATE TABLE bare (LIKE predictions_history INCLUDING ALL)`); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if _, err := conn.Conn().PgConn().CopyFrom(b.Context(), &out, `COPY bare FROM STDIN (FORMAT binary)`); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(total)/time.Since(began).Seconds(), "copy-rows/s")
}

// appendReplay writes the forecasts of that many matches and returns how many records these are.
func appendReplay(b *testing.B, log *projectiontest.Topics, matches, forecasts int) int {
	b.Helper()
	const atOnce = 200
	pools := []football.PoolID{"england", "spain", "germany", "italy", "france"}
	total := 0
	for first := 0; first < matches; first += atOnce {
		for sequence := range forecasts {
			for m := first; m < first+atOnce; m++ {
				match := projectiontest.Match{Pool: pools[m%len(pools)],
					Home: football.TeamID(fmt.Sprintf("home-%d", m)), Away: "away"}
				for _, model := range []string{"goals", "market"} {
					log.Client.Produce(context.Background(), log.Record(match.Prediction(model, int64(sequence)+1)),
						func(_ *kgo.Record, err error) {
							if err != nil {
								b.Error(err)
							}
						})
					total++
				}
			}
		}
	}
	if err := log.Client.Flush(context.Background()); err != nil {
		b.Fatal(err)
	}
	return total
}
