package connect_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/infra/connect"
)

func TestOneLineIsLoggedForAPartThatIsAwayAndOneForItsReturn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		answers := 5
		err := connect.Wait(t.Context(), slog.New(slog.NewTextHandler(&log, nil)), "Postgres", "TOUCHLINE_POSTGRES_URL",
			func(context.Context) error {
				if answers--; answers > 0 {
					return errors.New("connection refused")
				}
				return nil
			})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(log.String(), "\n"); got != 2 {
			t.Errorf("lines of the log: got %d, want 2:\n%s", got, log.String())
		}
		for _, want := range []string{"TOUCHLINE_POSTGRES_URL", "connection refused", "Postgres answers"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log has no %q:\n%s", want, log.String())
			}
		}
	})
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := connect.Wait(ctx, slog.New(slog.DiscardHandler), "Redis", "TOUCHLINE_REDIS_URLS",
			func(context.Context) error { return errors.New("away") })
		if err == nil {
			t.Error("got no error, want one")
		}
	})
}

func TestRedisIsConnectedWithWhatItsURLHas(t *testing.T) {
	server := miniredis.RunT(t)
	server.RequireUserAuth("line", "secret")
	client, err := connect.Redis(config.Config{RedisURLs: []config.DSN{config.DSN("redis://line:secret@" +
		server.Addr())}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.Ping(t.Context()).Err(); err != nil {
		t.Errorf("ping: %v", err)
	}
}

func TestAnAuthorityThatIsNoCertificateIsNamedWithItsSetting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := connect.Kafka(config.Config{KafkaBrokers: []string{"127.0.0.1:1"}, KafkaTLS: true, KafkaTLSCA: path})
	if err == nil || !strings.Contains(err.Error(), "TOUCHLINE_KAFKA_TLS_CA") {
		t.Errorf("got %v, want an error that names TOUCHLINE_KAFKA_TLS_CA", err)
	}
}
