package cache_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/touchline/touchline/projections/cache"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

const match = football.MatchID("england.2015-16.arsenal.chelsea.1")

func TestANewerValueReplacesAnOlder(t *testing.T) {
	t.Parallel()
	c := start(t, cache.Config{})
	c.writer.PutPrediction(at(1, 5), match, "goals", football.InPlay, []byte("five"))
	c.has("five", at(1, 5))
	c.writer.PutPrediction(at(1, 4), match, "goals", football.InPlay, []byte("four"))
	c.writer.PutPrediction(at(1, 4), match, "other", football.InPlay, []byte("after it")) // written behind it
	c.eventually("the later key is there", func() bool {
		_, _, err := c.reader.Prediction(t.Context(), match, "other")
		return err == nil
	})
	c.has("five", at(1, 5))
	c.writer.PutPrediction(at(2, 0), match, "goals", football.InPlay, []byte("of the next epoch"))
	c.has("of the next epoch", at(2, 0))
	if err := c.reader.Fill(t.Context(), at(1, 99), match, "goals", []byte("of the last epoch")); err != nil {
		t.Fatal(err)
	}
	c.has("of the next epoch", at(2, 0))
}

func TestASettledMatchLeavesTheCache(t *testing.T) {
	t.Parallel()
	c := start(t, cache.Config{})
	c.writer.PutPrediction(at(1, 1), match, "goals", football.InPlay, []byte("in play"))
	c.has("in play", at(1, 1))
	c.writer.PutPrediction(at(1, 2), match, "goals", football.Settled, []byte("settled"))
	c.eventually("the key is gone", func() bool {
		_, _, err := c.reader.Prediction(t.Context(), match, "goals")
		return errors.Is(err, cache.ErrMiss)
	})
}

func TestValuesExpire(t *testing.T) {
	t.Parallel()
	c := start(t, cache.Config{PredictionTTL: time.Second})
	c.writer.PutPrediction(at(1, 1), match, "goals", football.InPlay, []byte("x"))
	c.has("x", at(1, 1))
	if c.server != nil {
		c.server.FastForward(2 * time.Second) // its clock stands still otherwise
	}
	c.eventually("the key has expired", func() bool {
		_, _, err := c.reader.Prediction(t.Context(), match, "goals")
		return errors.Is(err, cache.ErrMiss)
	})
}

// Writers of several processes, in any order: the newest stands.
func TestTheNewestWinsInAnyOrder(t *testing.T) {
	t.Parallel()
	c := start(t, cache.Config{})
	var group sync.WaitGroup
	for _, offset := range rand.Perm(100) {
		group.Go(func() {
			if err := c.reader.Fill(context.Background(), at(1, int64(offset)), match, "goals",
				[]byte("x")); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	c.has("x", at(1, 99))
}

func TestManyMatchesGoInOnePipeline(t *testing.T) {
	t.Parallel()
	c := start(t, cache.Config{})
	const matches = 500 // of every slot's range
	for i := range matches {
		for _, model := range []string{"goals", "market"} {
			c.writer.PutPrediction(at(1, int64(i)), nthMatch(i), model, football.InPlay, []byte(fmt.Sprint(model, i)))
		}
	}
	for i := range matches {
		for _, model := range []string{"goals", "market"} {
			c.eventually(fmt.Sprintf("match %d has the forecast of %s", i, model), func() bool {
				got, p, err := c.reader.Prediction(t.Context(), nthMatch(i), model)
				return err == nil && string(got) == fmt.Sprint(model, i) && p == at(1, int64(i))
			})
		}
	}
}

func TestARedisThatComesBackIsBroughtUpToDate(t *testing.T) {
	t.Parallel()
	c := start(t, cache.Config{MaxPending: 2})
	c.writer.PutPrediction(at(1, 1), match, "goals", football.InPlay, []byte("old"))
	c.has("old", at(1, 1))
	c.away()
	c.mu.Lock()
	c.table = []row{{at(1, 9), match, "goals", []byte("new")}}
	c.mu.Unlock()
	for i := range int64(10) { // more keys than may wait: they are dropped
		c.writer.PutPrediction(at(1, i+10), football.NewMatchID("england", "2015-16", football.TeamID(rune('a'+i)), "x",
			1), "goals", football.InPlay, []byte("y"))
	}
	c.eventually("the writer says that Redis is away", func() bool { return c.writer.Healthy(t.Context()) != nil })
	c.back()
	c.has("new", at(1, 9)) // from the table
	c.eventually("the writer is well", func() bool { return c.writer.Healthy(t.Context()) == nil })
}

// What Redis has is at most one time to live old, so the table is read that far back, and an hour more for clocks that
// differ.
func TestWarmingReadsOneTimeToLive(t *testing.T) {
	t.Parallel()
	began := time.Now()
	c := start(t, cache.Config{PredictionTTL: 3 * time.Hour})
	since := <-c.warmed
	if back := 4 * time.Hour; since.Before(began.Add(-back)) || since.After(time.Now().Add(-back)) {
		t.Errorf("got %s, want four hours before %s", since, began)
	}
}

// A table of more than one pipeline reaches Redis whole.
func TestWarmingSendsTheWholeTable(t *testing.T) {
	t.Parallel()
	table := make([]row, 300)
	for i := range table {
		table[i] = row{at(1, int64(i)), nthMatch(i), "goals", []byte(fmt.Sprint(i))}
	}
	c := start(t, cache.Config{}, table...)
	for i := range table {
		c.eventually(fmt.Sprintf("match %d is there", i), func() bool {
			got, p, err := c.reader.Prediction(t.Context(), nthMatch(i), "goals")
			return err == nil && string(got) == fmt.Sprint(i) && p == at(1, int64(i))
		})
	}
}

// nthMatch returns a match of two teams, another one for each number.
func nthMatch(n int) football.MatchID {
	return football.NewMatchID("england", "2015-16", football.TeamID(fmt.Sprint("home-", n)), "away", 1)
}

type row struct {
	position wire.Position
	match    football.MatchID
	model    string
	frame    []byte
}

type caches struct {
	t      testing.TB
	server *miniredis.Miniredis // nil when the Redis is a real one
	writer *cache.Writer
	reader *cache.Reader

	warmed chan time.Time // since when warming read the table the first time

	mu    sync.Mutex
	table []row // what warming finds
}

// start runs a writer on a Redis; warming finds the table.
func start(t testing.TB, cfg cache.Config, table ...row) *caches {
	t.Helper()
	c := &caches{t: t, table: table, warmed: make(chan time.Time, 1)}
	options := &redis.UniversalOptions{}
	if real != nil {
		options.Addrs = emptied(t, real)
	} else {
		c.server = miniredis.RunT(t)
		options.Addrs, options.MaxRetries = []string{c.server.Addr()}, -1
	}
	client := redis.NewUniversalClient(options)
	t.Cleanup(func() { client.Close() })
	c.writer, c.reader = cache.NewWriter(cfg, client, slog.New(slog.DiscardHandler)), cache.NewReader(cfg, client)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	warm := func(_ context.Context, since time.Time, put cache.PutForecast) error {
		select {
		case c.warmed <- since:
		default: // not the first time
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, r := range c.table {
			put(r.position, r.match, r.model, football.InPlay, r.frame)
		}
		return nil
	}
	go func() { done <- c.writer.Run(ctx, warm) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return c
}

// away makes Redis answer nothing but errors: a real one is killed, with all that it holds.
func (c *caches) away() {
	c.t.Helper()
	if c.server != nil {
		c.server.SetError("LOADING Redis is away")
		return
	}
	if err := real.Kill(); err != nil {
		c.t.Fatal(err)
	}
}

func (c *caches) back() {
	c.t.Helper()
	if c.server != nil {
		c.server.SetError("")
		return
	}
	if err := real.Start(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
}

func at(epoch, offset int64) wire.Position {
	return wire.Position{Epoch: epoch, Partition: 3, Offset: offset}
}

func (c *caches) has(want string, position wire.Position) {
	c.t.Helper()
	c.eventually("the key holds "+want, func() bool {
		got, p, err := c.reader.Prediction(c.t.Context(), match, "goals")
		return err == nil && string(got) == want && p == position
	})
}

func (c *caches) eventually(what string, ok func() bool) {
	c.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			c.t.Fatalf("it did not come about that %s", what)
		}
		<-time.After(2 * time.Millisecond)
	}
}
