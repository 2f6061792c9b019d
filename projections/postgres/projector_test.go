package postgres_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/projections/cache"
	"github.com/touchline/touchline/projections/postgres"
	"github.com/touchline/touchline/projections/projectiontest"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

func TestMain(m *testing.M) { os.Exit(projectiontest.Main(m)) }

func TestAMatchBecomesRows(t *testing.T) {
	t.Parallel()
	pool, log := projectiontest.Postgres(t), projectiontest.Log(t)
	match := projectiontest.Match{}
	log.Append(
		match.Scheduled(1),
		match.Event(2, football.KickOff{}),
		match.Event(3, football.Goal{Side: football.Home, Clock: football.Clock{Period: 1, Elapsed: 1390},
			Player: "Ramsey"}),
		match.Features(1, "fixture-scheduled", projectiontest.Live(football.PreMatch, 0, 0)),
		match.Features(2, "goal", projectiontest.Live(football.InPlay, 1, 0)),
		match.Prediction("goals", 1),
		match.PredictionAt("goals", 2, projectiontest.Live(football.InPlay, 1, 0)),
		match.Prediction("market", 1),
		match.Evaluation("goals", football.CheckpointKickOff, 1, football.Outcome{Home: 0.5, Draw: 0.3, Away: 0.2}, 1,
			0),
		match.Outlook(1, 0.25), match.Outlook(2, 0.75),
		&football.ModelFact{ID: "goals", Version: 1, Change: football.ModelPromoted, At: 1, Kind: "goals"},
		&football.Quarantined{Stage: "normalize", Reason: football.RefusedUnknownTeam, Field: "HomeTeam",
			Detail: `no team "Arsnal"`,
			Topic:  wire.TopicRawEvents, Original: []byte("E0,Arsnal"), OriginalSize: 9},
	)
	run(t, pool, log, nil)

	await(t, pool, 1,
		`SELECT count(*) FROM matches WHERE season_year = 2015 AND phase = 'in-play' AND home_goals = 1 AND period = 1`)
	await(t, pool, 3, `SELECT count(*) FROM match_events`)
	await(t, pool, 2, `SELECT sequence FROM predictions_latest WHERE model = 'goals'`)
	await(t, pool, 1, `SELECT count(*) FROM predictions_latest WHERE model = 'market' AND length(frame) > 400`)
	await(t, pool, 3, `SELECT count(*) FROM predictions_history_2015`)
	await(t, pool, 2, `SELECT count(*) FROM ratings_history WHERE attack > 0`)
	await(t, pool, 1, `SELECT n FROM model_quality WHERE model = 'goals'`)
	await(t, pool, 3, `SELECT sum(n)::bigint FROM model_calibration`)
	await(t, pool, 2, `SELECT count(*) FROM outlooks_2015 WHERE seasons = 10000 AND jsonb_array_length(teams) = 2`)
	await(t, pool, 75,
		`SELECT round(100 * (teams->0->'positions'->>0)::float8)::bigint FROM outlooks ORDER BY sequence DESC LIMIT 1`)
	await(t, pool, 1, `SELECT count(*) FROM model_facts WHERE change = 'promoted'`)
	await(t, pool, 1, `SELECT count(*) FROM quarantine_entries WHERE reason = 'unknown-team'`)
	await(t, pool, 2, `SELECT count(*) FROM teams WHERE name IN ('Arsenal', 'Chelsea')`)
	await(t, pool, 1, `SELECT count(*) FROM competitions WHERE name = 'Premier League'`)
}

func TestAnAnnouncementStandsUntilAFeatureRecordComes(t *testing.T) {
	t.Parallel()
	pool, log := projectiontest.Postgres(t), projectiontest.Log(t)
	match := projectiontest.Match{}
	log.Append(match.Scheduled(1))
	run(t, pool, log, nil)
	await(t, pool, 1, `SELECT count(*) FROM matches WHERE sequence = 0 AND phase = 'pre-match'`)

	log.Append(match.Event(2, football.FixtureScheduled{Kickoff: 0, HomeName: "Arsenal", AwayName: "Chelsea"}))
	await(t, pool, 1, `SELECT count(*) FROM matches WHERE sequence = 0 AND phase = 'postponed' AND kickoff IS NULL`)

	log.Append(match.Features(1, "fixture-scheduled", projectiontest.Live(football.PreMatch, 0, 0)))
	await(t, pool, 1, `SELECT count(*) FROM matches WHERE sequence = 1 AND phase = 'pre-match'`)
	log.Append(match.Event(3, football.FixtureScheduled{Kickoff: 0, HomeName: "Arsenal", AwayName: "Chelsea"}))
	await(t, pool, 3, `SELECT count(*) FROM match_events`)
	await(t, pool, 1, `SELECT count(*) FROM matches WHERE sequence = 1 AND phase = 'pre-match'`)
}

func TestARecordThatDoesNotDecodeIsParked(t *testing.T) {
	t.Parallel()
	pool, log := projectiontest.Postgres(t), projectiontest.Log(t)
	match := projectiontest.Match{}
	log.Append(
		match.Prediction("goals", 1),
		&kgo.Record{Topic: wire.TopicPredictions, Key: []byte("x"), Value: []byte("no frame at all")},
		&kgo.Record{Topic: wire.TopicPredictions, Key: []byte("x"), Value: []byte{0, 0, 0, 77, 77, 1}},
		match.Prediction("goals", 2),
	)
	run(t, pool, log, nil)
	await(t, pool, 2, `SELECT count(*) FROM predictions_history`)
	await(t, pool, 2, `SELECT count(*) FROM parked_records`)
	await(t, pool, 4, `SELECT next_offset FROM checkpoints WHERE topic = $1 AND partition = 0`, wire.TopicPredictions)
}

func TestASettlementOfQuarantineIsNoRowAndIsNotParked(t *testing.T) {
	t.Parallel()
	pool, log := projectiontest.Postgres(t), projectiontest.Log(t)
	log.Append(
		&football.Quarantined{Stage: "normalize", Reason: football.RefusedMalformed, Original: []byte("x")},
		&kgo.Record{Topic: wire.TopicQuarantine, Key: []byte("settles/0/0"),
			Headers: []kgo.RecordHeader{{Key: wire.HeaderSettles, Value: []byte("0/0")}}},
		&football.Quarantined{Stage: "normalize", Reason: football.RefusedMalformed, Original: []byte("y")},
	)
	run(t, pool, log, nil)
	await(t, pool, 3, `SELECT next_offset FROM checkpoints WHERE topic = $1 AND partition = 0`, wire.TopicQuarantine)
	await(t, pool, 2, `SELECT count(*) FROM quarantine_entries`)
	await(t, pool, 0, `SELECT count(*) FROM parked_records`)
}

func TestAValueThatPostgresRefusesIsParkedAndItsNeighboursAreNot(t *testing.T) {
	t.Parallel()
	pool, log := projectiontest.Postgres(t), projectiontest.Log(t)
	var facts []any
	for i := range int64(40) {
		e := projectiontest.Match{}.Event(i+1, football.Goal{Side: football.Home})
		if i == 7 || i == 23 {
			e.Source = "a zero \x00 byte"
		}
		facts = append(facts, e)
	}
	log.Append(facts...)
	run(t, pool, log, nil)
	await(t, pool, 38, `SELECT count(*) FROM match_events`)
	await(t, pool, 2, `SELECT count(*) FROM parked_records WHERE log_offset IN (7, 23)`)
	await(t, pool, 40, `SELECT next_offset FROM checkpoints WHERE topic = $1 AND partition = 0`, wire.TopicMatchEvents)
}

func TestARecordThatIsRepeatedIsOneRow(t *testing.T) {
	t.Parallel()
	pool, log := projectiontest.Postgres(t), projectiontest.Log(t)
	match := projectiontest.Match{}
	log.Append(match.Prediction("goals", 1), match.Prediction("goals", 2), match.Prediction("goals", 1),
		match.Prediction("goals", 2))
	run(t, pool, log, nil)
	await(t, pool, 4, `SELECT next_offset FROM checkpoints WHERE topic = $1 AND partition = 0`, wire.TopicPredictions)
	await(t, pool, 2, `SELECT count(*) FROM predictions_history`)
}

func TestAnOldForecastDoesNotReplaceANewer(t *testing.T) {
	t.Parallel()
	pool, log := projectiontest.Postgres(t), projectiontest.Log(t)
	match := projectiontest.Match{}
	log.Append(match.Prediction("goals", 5))
	run(t, pool, log, nil)
	await(t, pool, 5, `SELECT sequence FROM predictions_latest`)
	log.Append(match.Prediction("goals", 4))
	await(t, pool, 2, `SELECT count(*) FROM predictions_history`)
	await(t, pool, 5, `SELECT sequence FROM predictions_latest`)
}

// What the stages write comes in transactions: markers take offsets, aborted records never become rows.
func TestTransactions(t *testing.T) {
	t.Parallel()
	pool, log := projectiontest.Postgres(t), projectiontest.Log(t)
	producer, err := kgo.NewClient(append(log.Options(), kgo.TransactionalID("test"),
		kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close()
	write := func(from int64, commit kgo.TransactionEndTry) {
		t.Helper()
		if err := producer.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if err := producer.ProduceSync(t.Context(), log.Record(projectiontest.Match{}.Prediction("goals",
			from))).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := producer.EndTransaction(t.Context(), commit); err != nil {
			t.Fatal(err)
		}
	}
	stop := run(t, pool, log, nil)
	for i := range int64(10) {
		write(i+1, i%2 == 0)
	}
	await(t, pool, 5, `SELECT count(*) FROM predictions_history`)
	stop()
	write(99, true)
	run(t, pool, log, nil)
	await(t, pool, 6, `SELECT count(*) FROM predictions_history`)
	await(t, pool, 99, `SELECT sequence FROM predictions_latest`)
}

func TestARestartGoesOnWhereItEnded(t *testing.T) {
	t.Parallel()
	pool, log := projectiontest.Postgres(t), projectiontest.Log(t)
	match := projectiontest.Match{}
	log.Append(match.Prediction("goals", 1))
	stop := run(t, pool, log, nil)
	await(t, pool, 1, `SELECT count(*) FROM predictions_history`)
	stop()
	log.Append(match.Prediction("goals", 2))
	run(t, pool, log, nil)
	await(t, pool, 2, `SELECT count(*) FROM predictions_history`)
	await(t, pool, 2, `SELECT next_offset FROM checkpoints WHERE topic = $1 AND partition = 0`, wire.TopicPredictions)
}

func TestATopicThatWasMadeAnewBeginsAnotherEpoch(t *testing.T) {
	t.Parallel()
	pool, log := projectiontest.Postgres(t), projectiontest.Log(t)
	match := projectiontest.Match{}
	log.Append(match.Prediction("goals", 8), match.Prediction("goals", 9))
	stop := run(t, pool, log, nil)
	await(t, pool, 9, `SELECT sequence FROM predictions_latest`)
	stop()
	log.DeleteTopic(wire.TopicPredictions)
	log.CreateTopic(wire.TopicPredictions)
	other := projectiontest.Log(t) // its client knows no ids of the old topic
	other.Append(match.Prediction("goals", 1))
	run(t, pool, other, nil)
	await(t, pool, 1, `SELECT sequence FROM predictions_latest`)
	await(t, pool, 1, `SELECT count(*) FROM predictions_history`)
	await(t, pool, 2, `SELECT epoch FROM checkpoints WHERE topic = $1 AND partition = 0`, wire.TopicPredictions)
}

// Two projectors that don't know of each other (different groups) must not write a record twice.
func TestAStaleProjectorCantCommit(t *testing.T) {
	t.Parallel()
	pool, log := projectiontest.Postgres(t), projectiontest.Log(t)
	run(t, pool, log, func(c *postgres.Config) { c.Group = "one" })
	run(t, pool, log, func(c *postgres.Config) { c.Group = "other" })
	for i := range int64(300) {
		log.Append(projectiontest.Match{}.Prediction("goals", i+1),
			projectiontest.Match{}.Evaluation("goals", "kick-off", int32(i+1), football.Outcome{Home: 1}, 1, 0))
	}
	await(t, pool, 300, `SELECT count(*) FROM predictions_history`)
	await(t, pool, 300, `SELECT sequence FROM predictions_latest`)
	await(t, pool, 300, `SELECT revision::bigint FROM evaluations`)
	await(t, pool, 1, `SELECT n FROM model_quality`)
}

func TestPartitionsMoveToASecondProjectorAndBack(t *testing.T) {
	t.Parallel()
	pool, log := projectiontest.Postgres(t), projectiontest.Log(t)
	pools := []struct {
		pool football.PoolID
		home football.TeamID
	}{{"england", "arsenal"}, {"spain", "barcelona"}, {"germany", "dortmund"}, {"italy", "juventus"}, {"france",
		"lyon"}}
	n := int64(0)
	some := func() {
		for range 50 {
			n++
			for _, p := range pools {
				log.Append(projectiontest.Match{Pool: p.pool, Home: p.home, Away: "x"}.Prediction("goals", n))
			}
		}
	}
	run(t, pool, log, nil)
	some()
	stop := run(t, pool, log, nil)
	some()
	stop()
	some()
	await(t, pool, n*int64(len(pools)), `SELECT count(*) FROM predictions_history`)
	await(t, pool, int64(len(pools)), fmt.Sprintf(`SELECT count(*) FROM predictions_latest WHERE sequence = %d`, n))
}

func TestNothingIsLostWhilePostgresIsDown(t *testing.T) {
	t.Parallel()
	projectiontest.URL(t) // skips where there is none
	server, err := projectiontest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Remove)
	pool := projectiontest.EmptyPostgres(t, server.URL)
	log := projectiontest.Log(t)
	match := projectiontest.Match{}
	log.Append(match.Prediction("goals", 1))
	projector, _ := start(t, pool, log, nil, nil)
	await(t, pool, 1, `SELECT count(*) FROM predictions_history`)

	server.Stop()
	log.Append(match.Prediction("goals", 2), match.Prediction("goals", 3))
	eventually(t, "the projector says that it is not healthy",
		func() bool { return projector.Healthy(t.Context()) != nil })
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	await(t, pool, 3, `SELECT count(*) FROM predictions_history`)
	eventually(t, "the projector is healthy again", func() bool { return projector.Healthy(t.Context()) == nil })
}

func TestStartAndStopManyTimes(t *testing.T) {
	t.Parallel()
	pool, log := projectiontest.Postgres(t), projectiontest.Log(t)
	log.Append(projectiontest.Match{}.Prediction("goals", 1))
	for range 10 {
		run(t, pool, log, nil)()
	}
	run(t, pool, log, nil)
	await(t, pool, 1, `SELECT count(*) FROM predictions_history`)
}

// run starts a projector that is stopped with the test, or before by the function that it returns.
func run(t testing.TB, pool *pgxpool.Pool, log *projectiontest.Topics, change func(*postgres.Config)) (stop func()) {
	t.Helper()
	_, stop = start(t, pool, log, nil, change)
	return stop
}

func start(t testing.TB, pool *pgxpool.Pool, log *projectiontest.Topics, writer *cache.Writer,
	change func(*postgres.Config)) (*postgres.Projector, func()) {
	t.Helper()
	var cfg postgres.Config
	if change != nil {
		change(&cfg)
	}
	out := io.Discard
	if testing.Verbose() {
		out = os.Stderr
	}
	logger := slog.New(slog.NewTextHandler(out, nil))
	projector, err := postgres.New(cfg, log.Options(), log.Serde, pool, writer, log.Reference, logger,
		prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- projector.Run(ctx) }()
	stopped := false
	stop := func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
	t.Cleanup(stop)
	select {
	case <-projector.Ready():
	case <-time.After(30 * time.Second):
		t.Fatalf("the projector is not ready: %v", projector.Healthy(t.Context()))
	}
	return projector, stop
}

// await waits until the query answers want.
func await(t testing.TB, pool *pgxpool.Pool, want int64, query string, args ...any) {
	t.Helper()
	var got int64
	var err error
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		if err = pool.QueryRow(context.Background(), query, args...).Scan(&got); err == nil && got == want {
			return
		}
		<-time.After(5 * time.Millisecond)
	}
	t.Fatalf("%s: got %d (%v), want %d", query, got, err, want)
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("it did not come about that %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}
