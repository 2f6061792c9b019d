// Package realtest lends real engines to tests. `make test-real` starts them and gives their addresses in the
// environment; each test takes what it needs, wiped clean:
//
//	func TestRealThing(t *testing.T) {
//		realtest.Need(t)
//		...
//	}
//
// Helpers that a test shares with its embedded twin ask On, so that one exercise has both engines behind it. The
// engines are shared: tests that use them must not run in parallel, nor two packages at a time (go test -p 1).
package realtest

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// wipeWithin is how long a wipe may take: a group is empty only when its last member has left or timed out.
const wipeWithin = 30 * time.Second

// On reports whether tests are to use the real engines.
func On() bool { return os.Getenv("TOUCHLINE_TEST_REAL") == "1" }

// Need skips the test when there are no real engines.
func Need(t testing.TB) {
	t.Helper()
	if !On() {
		t.Skip("needs real engines: run `make test-real`")
	}
}

// setting returns one of the addresses, which whoever said that the engines are there must give.
func setting(t testing.TB, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("TOUCHLINE_TEST_REAL is 1 and %s is empty: run the tests with `make test-real`", name)
	}
	return value
}

// Brokers returns the addresses of a Kafka without topics and groups of the line.
func Brokers(t testing.TB) []string {
	t.Helper()
	brokers := strings.Split(setting(t, "TOUCHLINE_KAFKA_BROKERS"), ",")
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.MetadataMinAge(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), wipeWithin)
	defer cancel()
	if err := wipeCluster(ctx, kadm.NewClient(client)); err != nil {
		t.Fatalf("wipe Kafka: %v", err)
	}
	return brokers
}

// wipeCluster deletes the line's groups and topics and returns when they are gone. It asks again, for a group has
// members until they have left, and a topic is known to a broker until it has heard.
func wipeCluster(ctx context.Context, adm *kadm.Client) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		left, err := wipeOnce(ctx, adm)
		if err == nil && left == 0 {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		}
	}
}

// wipeOnce deletes what it finds, and returns how much that was.
func wipeOnce(ctx context.Context, adm *kadm.Client) (int, error) {
	listed, err := adm.ListGroups(ctx)
	if err != nil {
		return 0, err
	}
	ours := func(name string) bool {
		return strings.HasPrefix(name, "touchline") || strings.HasPrefix(name, "football.")
	}
	groups := slices.DeleteFunc(listed.Groups(), func(name string) bool { return !ours(name) })
	if deleted, err := adm.DeleteGroups(ctx, groups...); err != nil || deleted.Error() != nil &&
		!errors.Is(deleted.Error(), kerr.GroupIDNotFound) {
		return 0, errors.Join(err, deleted.Error())
	}
	all, err := adm.ListTopics(ctx)
	if err != nil {
		return 0, err
	}
	topics := slices.DeleteFunc(all.Names(), func(name string) bool { return !ours(name) })
	if deleted, err := adm.DeleteTopics(ctx, topics...); err != nil || deleted.Error() != nil &&
		!errors.Is(deleted.Error(), kerr.UnknownTopicOrPartition) {
		return 0, errors.Join(err, deleted.Error())
	}
	return len(groups) + len(topics), nil
}

// Registry returns the address of the schema registry. What tests registered before stays: it's what they all register.
func Registry(t testing.TB) string {
	t.Helper()
	return setting(t, "TOUCHLINE_SCHEMA_REGISTRY_URL")
}

// Postgres returns the address of the primary. Tests make schemas of their own in it.
func Postgres(t testing.TB) string {
	t.Helper()
	return setting(t, "TOUCHLINE_POSTGRES_URL")
}

// Redis returns the host:port of each node of an empty Redis.
func Redis(t testing.TB) []string {
	t.Helper()
	var addrs []string
	for _, url := range strings.Split(setting(t, "TOUCHLINE_REDIS_URLS"), ",") {
		options, err := redis.ParseURL(url)
		if err != nil {
			t.Fatal(err)
		}
		client := redis.NewClient(options)
		if err := errors.Join(client.FlushAll(t.Context()).Err(), client.Close()); err != nil {
			t.Fatalf("empty %s: %v", url, err)
		}
		addrs = append(addrs, options.Addr)
	}
	return addrs
}

// MLflow returns the address of an MLflow server, and a Python that has MLflow's own client. Tests take names of their
// own.
func MLflow(t testing.TB) (url, python string) {
	t.Helper()
	return setting(t, "TOUCHLINE_TEST_MLFLOW_URL"), setting(t, "TOUCHLINE_TEST_MLFLOW_PYTHON")
}
