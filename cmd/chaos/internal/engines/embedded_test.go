package engines_test

import (
	"errors"
	"log/slog"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"github.com/touchline/touchline/cmd/chaos/internal/engines"
	"github.com/touchline/touchline/infra/embedded"
)

// startEmbedded starts the embedded engines until the test ends.
func startEmbedded(t *testing.T) engines.Engines {
	t.Helper()
	if !embedded.BinariesFound(t.Context()) {
		t.Skip("no Postgres binaries on this machine: install PostgreSQL 15 or later")
	}
	e, err := engines.StartEmbedded(t.Context(), t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// askRedis returns nil when the Redis at the URL answers. A connection is made anew each time.
func askRedis(t *testing.T, address string) error {
	t.Helper()
	options, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	options.MaxRetries = -1
	client := redis.NewClient(options)
	defer client.Close()
	return client.Ping(t.Context()).Err()
}

// askPostgres returns nil when the Postgres at the URL answers.
func askPostgres(t *testing.T, address string) error {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		return err
	}
	return conn.Close(t.Context())
}

// TestRolesConnectThroughProxies: both ways lead to the parts, and a closed proxy closes that of the roles alone.
func TestRolesConnectThroughProxies(t *testing.T) {
	e := startEmbedded(t)
	direct, proxied := e.Direct(), e.Proxied()
	if direct.Postgres == proxied.Postgres || slices.Equal(direct.Redis, proxied.Redis) {
		t.Fatalf("got %v through proxies and %v directly, want other addresses", proxied, direct)
	}
	for part, ask := range map[engines.Part]func(engines.Addresses) error{
		engines.Postgres: func(a engines.Addresses) error { return askPostgres(t, a.Postgres) },
		engines.Redis:    func(a engines.Addresses) error { return askRedis(t, a.Redis[0]) },
	} {
		if err := errors.Join(ask(direct), ask(proxied)); err != nil {
			t.Errorf("%s: %v", part, err)
		}
		proxies := e.Proxies(part)
		if len(proxies) != 1 {
			t.Fatalf("%s has %d proxies, want 1", part, len(proxies))
		}
		if err := proxies[0].Close(); err != nil {
			t.Errorf("%s: %v", part, err)
		}
		if err := ask(proxied); err == nil {
			t.Errorf("%s answers through a proxy that is closed", part)
		}
		if err := ask(direct); err != nil {
			t.Errorf("%s does not answer directly when its proxy is closed: %v", part, err)
		}
	}
}

// TestEmbeddedEnginesDoNotCrash: a plan that asks for it is told so, and nothing ends.
func TestEmbeddedEnginesDoNotCrash(t *testing.T) {
	e := startEmbedded(t)
	if got := e.Replication(); got != 1 {
		t.Errorf("replication: got %d, want 1", got)
	}
	for _, part := range []engines.Part{engines.Kafka, engines.Postgres, engines.Redis} {
		if err := e.Crash(part, 0); !errors.Is(err, engines.ErrUnsupported) {
			t.Errorf("crash %s: got %v, want ErrUnsupported", part, err)
		}
		if err := e.Stop(t.Context(), part, 0); !errors.Is(err, engines.ErrUnsupported) {
			t.Errorf("stop %s: got %v, want ErrUnsupported", part, err)
		}
	}
	if err := errors.Join(askRedis(t, e.Direct().Redis[0]), askPostgres(t, e.Direct().Postgres)); err != nil {
		t.Error(err)
	}
}

func TestAddressesAreSettingsOfARole(t *testing.T) {
	got := engines.Addresses{
		Brokers: []string{"a:1", "b:2"}, Registry: "http://c", Postgres: "postgres://d", Redis: []string{"redis://e"},
	}.Env()
	want := []string{
		"TOUCHLINE_KAFKA_BROKERS=a:1,b:2", "TOUCHLINE_SCHEMA_REGISTRY_URL=http://c",
		"TOUCHLINE_POSTGRES_URL=postgres://d", "TOUCHLINE_REDIS_URLS=redis://e",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
