package cache_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/touchline/touchline/infra/local"
	"github.com/touchline/touchline/infra/local/realtest"
)

// real is the Redis behind the exercises, or nil for one in this process.
var real *local.Redis

// The exercises of the cache on Redis itself, alone and as a Cluster of three masters.
func TestRealRedis(t *testing.T) {
	realtest.Need(t)
	for _, kind := range []struct {
		name    string
		cluster bool
	}{{"single", false}, {"cluster", true}} {
		t.Run(kind.name, func(t *testing.T) {
			server, err := local.StartRedis(t.Context(), local.RedisConfig{Dir: t.TempDir(), Cluster: kind.cluster})
			if err != nil {
				t.Fatal(err)
			}
			real = server
			t.Cleanup(func() {
				real = nil
				if err := server.Close(); err != nil {
					t.Error(err)
				}
			})
			exercises(t)
		})
	}
}

func exercises(t *testing.T) {
	t.Helper()
	for _, exercise := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"a newer value replaces an older", TestANewerValueReplacesAnOlder},
		{"a settled match leaves the cache", TestASettledMatchLeavesTheCache},
		{"values expire", TestValuesExpire},
		{"the newest wins in any order", TestTheNewestWinsInAnyOrder},
		{"matches of all nodes go in one pipeline", TestManyMatchesGoInOnePipeline},
		{"warming reads one time to live", TestWarmingReadsOneTimeToLive},
		{"warming sends the whole table", TestWarmingSendsTheWholeTable},
		{"a Redis that comes back is brought up to date", TestARedisThatComesBackIsBroughtUpToDate},
	} {
		t.Run(exercise.name, exercise.run)
	}
}

// emptied returns the host:port of each node, and leaves nothing on them.
func emptied(t testing.TB, server *local.Redis) []string {
	t.Helper()
	var addrs []string
	for _, url := range server.URLs() {
		options, err := redis.ParseURL(url)
		if err != nil {
			t.Fatal(err)
		}
		client := redis.NewClient(options)
		defer client.Close()
		if err := client.FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		addrs = append(addrs, options.Addr)
	}
	return addrs
}
