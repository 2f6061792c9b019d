package embedded_test

import (
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/touchline/touchline/infra/embedded"
)

func TestRedisServesAndExpires(t *testing.T) {
	t.Parallel()
	server, err := embedded.StartRedis(t.Context(), embedded.RedisConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, server)
	options, err := redis.ParseURL(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(options)
	defer c.Close()
	if err := errors.Join(c.Set(t.Context(), "kept", "1", time.Hour).Err(),
		c.Set(t.Context(), "gone", "1", time.Millisecond).Err()); err != nil {
		t.Fatal(err)
	}
	for !errors.Is(c.Get(t.Context(), "gone").Err(), redis.Nil) { // a second at most; the test's deadline is the limit
		if t.Context().Err() != nil {
			t.Fatal("the key never expired")
		}
	}
	if got, err := c.TTL(t.Context(), "kept").Result(); err != nil || got < 59*time.Minute {
		t.Errorf("got %v and %v, want almost an hour left", got, err)
	}
	var busy *embedded.BusyError
	if _, err := embedded.StartRedis(t.Context(), embedded.RedisConfig{Listen: options.Addr}); !errors.As(err, &busy) ||
		busy.Setting != "TOUCHLINE_REDIS_LISTEN" {
		t.Errorf("the same port: got %v", err)
	}
}
