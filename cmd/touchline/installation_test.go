package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/embedded"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/audit"
)

// sharedEngines are one broker, registry, Postgres and Redis, on which several installations run.
type sharedEngines struct {
	t                                *testing.T
	kafka, registry, postgres, redis string
}

func startEngines(t *testing.T) *sharedEngines {
	t.Helper()
	if !embedded.BinariesFound(context.Background()) {
		t.Skip("no Postgres binaries on this machine: install PostgreSQL 15 or later")
	}
	folder, log := t.TempDir(), slog.New(slog.DiscardHandler)
	stopLater := func(err error, stop func(context.Context) error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := stop(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	kafka, err := embedded.StartKafka(t.Context(), embedded.KafkaConfig{Dir: filepath.Join(folder, "kafka")}, log)
	stopLater(err, kafka.Stop)
	registry, err := embedded.StartRegistry(t.Context(),
		embedded.RegistryConfig{Dir: filepath.Join(folder, "registry")}, log)
	stopLater(err, registry.Stop)
	postgres, err := embedded.StartPostgres(t.Context(),
		embedded.PostgresConfig{Dir: filepath.Join(folder, "postgres")}, log)
	stopLater(err, postgres.Stop)
	redis, err := embedded.StartRedis(t.Context(), embedded.RedisConfig{})
	stopLater(err, redis.Stop)
	return &sharedEngines{t, kafka.Brokers()[0], registry.URL(), postgres.URL(), redis.URL()}
}

// start runs `touchline up` for an installation on the engines.
func (e *sharedEngines) start(installation, path string) *running {
	e.t.Helper()
	up := start(e.t, e.t.TempDir(), path, "--installation", installation, "--kafka-brokers", e.kafka,
		"--schema-registry-url", e.registry, "--postgres-url", e.postgres, "--redis-urls", e.redis)
	up.names = wire.Namespace{Installation: installation}
	return up
}

// withAdmin calls ask with a client of the broker.
func (e *sharedEngines) withAdmin(ask func(context.Context, *kadm.Client) error) {
	e.t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(e.kafka))
	if err != nil {
		e.t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(e.t.Context(), time.Minute)
	defer cancel()
	if err := ask(ctx, kadm.NewClient(client)); err != nil {
		e.t.Fatal(err)
	}
}

// rows returns how many rows an installation has of each of its facts.
func (e *sharedEngines) rows(installation string) map[string]int {
	e.t.Helper()
	conn, err := pgx.Connect(e.t.Context(), e.postgres)
	if err != nil {
		e.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	counts := map[string]int{}
	for _, table := range []string{"matches", "predictions_latest", "evaluations", "outlooks", "quarantine_entries"} {
		var n int
		name := pgx.Identifier{installation, table}.Sanitize()
		if err := conn.QueryRow(e.t.Context(), "SELECT count(*) FROM "+name).Scan(&n); err != nil {
			e.t.Fatal(err)
		}
		counts[table] = n
	}
	return counts
}

// namedTopics returns the topics that the tables of an installation name, and what each entry of quarantine has besides
// its original.
func (e *sharedEngines) namedTopics(installation string) []string {
	e.t.Helper()
	conn, err := pgx.Connect(e.t.Context(), e.postgres)
	if err != nil {
		e.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	schema := pgx.Identifier{installation}.Sanitize()
	rows, err := conn.Query(e.t.Context(), fmt.Sprintf(`SELECT topic FROM %s.topics UNION ALL
		SELECT concat_ws(' ', source_topic, source_partition, source_offset, stage, reason, field, detail)
		FROM %s.quarantine_entries ORDER BY 1`, schema, schema))
	if err != nil {
		e.t.Fatal(err)
	}
	named, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		e.t.Fatal(err)
	}
	return named
}

// keys returns the keys in Redis, sorted, that begin with the prefix.
func (e *sharedEngines) keys(prefix string) []string {
	e.t.Helper()
	options, err := redis.ParseURL(e.redis)
	if err != nil {
		e.t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	keys, err := client.Keys(e.t.Context(), prefix+"*").Result()
	if err != nil {
		e.t.Fatal(err)
	}
	slices.Sort(keys)
	return keys
}

// drop removes an installation whose processes are stopped, as docs/operations.md says.
func (e *sharedEngines) drop(names wire.Namespace) {
	e.t.Helper()
	e.withAdmin(func(ctx context.Context, adm *kadm.Client) error {
		deleteDerived(ctx, e.t, []string{e.kafka}, names)
		_, err := adm.DeleteTopic(ctx, names.Topic(wire.TopicRawEvents))
		return err
	})
	conn, err := pgx.Connect(e.t.Context(), e.postgres)
	if err != nil {
		e.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	drop := "DROP SCHEMA " + pgx.Identifier{names.Name()}.Sanitize() + " CASCADE"
	if _, err := conn.Exec(e.t.Context(), drop); err != nil {
		e.t.Fatal(err)
	}
	options, err := redis.ParseURL(e.redis)
	if err != nil {
		e.t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	if err := client.Del(e.t.Context(), e.keys(names.Name()+":")...).Err(); err != nil {
		e.t.Fatal(err)
	}
}

// checkNames fails when a topic, group, subject, or key belongs to none of the installations.
func (e *sharedEngines) checkNames(installations ...wire.Namespace) {
	e.t.Helper()
	begins := func(kind, name string, prefix func(wire.Namespace) string) {
		e.t.Helper()
		if !slices.ContainsFunc(installations, func(n wire.Namespace) bool {
			return strings.HasPrefix(name, prefix(n))
		}) {
			e.t.Errorf("the %s %s belongs to no installation", kind, name)
		}
	}
	ofTopic := func(n wire.Namespace) string { return n.FullName("football.") }
	e.withAdmin(func(ctx context.Context, adm *kadm.Client) error {
		topics, err := adm.ListTopics(ctx)
		if err != nil {
			return err
		}
		for _, name := range topics.Names() {
			begins("topic", name, ofTopic)
		}
		groups, err := adm.ListGroups(ctx)
		if err != nil {
			return err
		}
		for _, name := range groups.Groups() {
			begins("group", name, func(n wire.Namespace) string { return n.Name() + "." })
		}
		return nil
	})
	answer, err := http.Get(e.registry + "/subjects")
	if err != nil {
		e.t.Fatal(err)
	}
	defer answer.Body.Close()
	var subjects []string
	if err := json.NewDecoder(answer.Body).Decode(&subjects); err != nil {
		e.t.Fatal(err)
	}
	for _, name := range subjects {
		begins("subject", name, ofTopic)
	}
	for _, name := range e.keys("") {
		begins("key", name, func(n wire.Namespace) string { return n.Name() + ":" })
	}
}

// snapshot is all that one installation has.
func (e *sharedEngines) snapshot(up *running) string {
	e.t.Helper()
	name := up.names.Name()
	return fmt.Sprint(up.digests(), e.rows(name), e.keys(name+":"))
}

// seasonInTables waits until every match is scored in the tables for both models.
func (r *running) seasonInTables(matches int) {
	r.t.Helper()
	r.await("every match to be scored in "+r.names.Name(), func() bool {
		return r.evaluated("goals") == matches && r.evaluated("market-blend") == matches
	})
}

func TestTwoInstallationsShareEnginesAndNothingElse(t *testing.T) {
	const unknownTeam = "E0,2021-05-01,Arsenal,Arsnal,1,0,H,0,0,D,1,1,1,1,2,3,4,2,3,4"
	const upcoming = "-05-02,Leicester,Fulham,,,,,,,,,,,2.1,3.4,3.6,,," // stays in Redis: it is never settled
	folder, matches := seasonOf(t, 2020, unknownTeam, "E0,2021"+upcoming)
	other, _ := seasonOf(t, 2017, "E0,2018"+upcoming)
	e := startEngines(t)
	first, trial := e.start("touchline", folder), e.start("trial", other)
	first.seasonInTables(matches)
	trial.seasonInTables(matches)
	trial.await("the keys of both", func() bool {
		return len(e.keys("touchline:")) > 0 && len(e.keys("trial:")) > 0
	})
	e.checkNames(first.names, trial.names)
	before, others := e.snapshot(first), fmt.Sprint(trial.digests())
	if others == fmt.Sprint(first.digests()) {
		t.Error("two seasons have the same digests")
	}
	if got, want := e.rows("trial")["quarantine_entries"], 0; got != want {
		t.Errorf("trial has %d entries of quarantine, want %d: the other installation's are its own", got, want)
	}

	// One is stopped and built anew, beside the other.
	trial.end()
	deleteDerived(t.Context(), t, []string{e.kafka}, trial.names)
	trial = e.start("trial", other)
	trial.await("the replay", func() bool { return fmt.Sprint(trial.digests()) == others })
	trial.seasonInTables(matches)
	if got := e.snapshot(first); got != before {
		t.Errorf("a rebuild of trial changed touchline:\n got %s\nwant %s", got, before)
	}
	trial.end()

	// Dropped and begun again with the season of the other, it gives the same values.
	e.drop(trial.names)
	e.checkNames(first.names, wire.Namespace{Installation: "trial"})
	trial = e.start("trial", folder)
	trial.seasonInTables(matches)
	trial.await("the same digests", func() bool { return maps.Equal(valuesOf(trial), valuesOf(first)) })
	trial.await("the same rows", func() bool { return fmt.Sprint(e.rows("trial")) == fmt.Sprint(e.rows("touchline")) })
	trial.await("tables that name the same topics", func() bool {
		return slices.Equal(e.namedTopics("trial"), e.namedTopics("touchline"))
	})
	checkCommandsOf(t, trial)
	if got := e.snapshot(first); got != before {
		t.Errorf("a new trial changed touchline:\n got %s\nwant %s", got, before)
	}
	trial.end()
	first.end()
}

// valuesOf returns the digests of an installation without that of quarantine: the originals in there have the time at
// which they were fetched, and each installation fetches for itself.
func valuesOf(up *running) map[string]audit.Digest {
	digests := up.digests()
	delete(digests, wire.TopicQuarantine)
	return digests
}

// checkCommandsOf runs the tools of operators on an installation with the season that touchline has too.
func checkCommandsOf(t *testing.T, trial *running) {
	t.Helper()
	must := func(args ...string) string {
		t.Helper()
		return trial.must(append(args, "--installation", "trial")...)
	}
	contains(t, "the topics", must("topics"), "trial.football.raw-events ", "trial.football.features.v1-state ",
		"trial.v1.predict ")
	contains(t, "the stages", must("stages", "list"), "predict", "current")
	contains(t, "a sample", must("explain", "--sample", "20"), "explained 20: identical 20")
	contains(t, "an explanation", must("explain", "trial.football.predictions.v1/0/3"), "identical",
		"<- raw event", "trial.football.raw-events/0/")
	contains(t, "a replay", must("replay", "--stage", "features,predict", "--version", "2", "--diff"),
		"written to trial.football.predictions.v2",
		"trial.football.predictions.v1 and trial.football.predictions.v2: equal", "differ 0, only in the first 0")
	contains(t, "the installations compared",
		must("topics", "diff", "football.predictions.v1", "trial.football.predictions.v1"),
		"differ 0, only in the first 0",
		"only in the second 0")
	id := strings.Fields(strings.SplitN(must("quarantine", "list"), "\n", 3)[1])[0]
	contains(t, "an entry", must("quarantine", "show", id), "trial.football.raw-events partition")
	contains(t, "a repair", must("quarantine", "replay", id), "replayed trial.football.raw-events/")
	contains(t, "the models", must("models", "list"), "goals")
	contains(t, "a change of a model", must("models", "announce"), "of trial.football.models is announced")
}
