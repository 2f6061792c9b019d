package cache

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/touchline/touchline/schemas/football"
)

// Config holds the cache's settings. Zero values mean the defaults.
type Config struct {
	// Prefix begins every key. Default "touchline". Installations that share a Redis need one each.
	Prefix string
	// PredictionTTL is how long a forecast stays after it was last put. Default 24 h. It bounds how far back the table is
	// read when the cache is warmed.
	PredictionTTL time.Duration
	// TTL is how long a live state stays. Default 30 min.
	TTL time.Duration
	// MaxPending is the most keys that wait for Redis. Default 20,000, of about 2 KiB each. When there are more, all are
	// dropped and the cache is warmed from the table later.
	MaxPending int
}

func (c Config) withDefaults() Config {
	c.Prefix = cmp.Or(c.Prefix, "touchline")
	c.PredictionTTL = cmp.Or(c.PredictionTTL, 24*time.Hour)
	c.TTL = cmp.Or(c.TTL, 30*time.Minute)
	c.MaxPending = cmp.Or(c.MaxPending, 20_000)
	return c
}

// Position is where a value stands in the log.
type Position struct {
	Epoch     int64
	Partition int32
	Offset    int64
}

// Before reports whether p is older than other. Both must be positions of one key, so of one partition.
func (p Position) Before(other Position) bool {
	return p.Epoch < other.Epoch || p.Epoch == other.Epoch && p.Offset < other.Offset
}

// String formats the position as epoch/partition/offset.
func (p Position) String() string { return fmt.Sprintf("%d/%d/%d", p.Epoch, p.Partition, p.Offset) }

// LiveMatch is the live state of a match as it is cached.
type LiveMatch struct {
	Match    football.MatchID   `json:"match"`
	Kickoff  football.Instant   `json:"kickoff"`
	At       football.Instant   `json:"at"`
	Sequence int64              `json:"sequence"`
	Live     football.LiveState `json:"live"`
}

// put replaces the value under KEYS[1] unless the one that stands is newer.
const put = `
local old = redis.call('HMGET', KEYS[1], 'e', 'o')
if old[1] then
  local e, o, ne, no = tonumber(old[1]), tonumber(old[2]), tonumber(ARGV[1]), tonumber(ARGV[3])
  if ne < e or (ne == e and no < o) then return 0 end
end
redis.call('HSET', KEYS[1], 'e', ARGV[1], 'p', ARGV[2], 'o', ARGV[3], 'v', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1`

// Writer puts values into Redis in the background. It is safe for concurrent use.
type Writer struct {
	cfg    Config
	redis  redis.UniversalClient
	script *redis.Script
	logger *slog.Logger

	mu      sync.Mutex
	pending map[string]value
	cold    bool // keys may be behind: warm them
	trouble error
	wake    chan struct{}
}

// value is what a key is to become; a nil body means that it is to go.
type value struct {
	position Position
	body     []byte
	ttl      time.Duration
}

// Warm calls put for every forecast that was written to the table since then.
type Warm func(ctx context.Context, since time.Time, put func(Position, football.MatchID, string, football.Phase, []byte)) error

// NewWriter returns a writer; Run does its work.
func NewWriter(cfg Config, client redis.UniversalClient, logger *slog.Logger) *Writer {
	return &Writer{cfg: cfg.withDefaults(), redis: client, script: redis.NewScript(put), logger: logger,
		pending: map[string]value{}, cold: true, wake: make(chan struct{}, 1)}
}

// PutPrediction notes the forecast, a frame of the predictions topic, for Redis. It never blocks.
func (w *Writer) PutPrediction(position Position, match football.MatchID, model string, phase football.Phase, frame []byte) {
	v := value{position: position, ttl: w.cfg.PredictionTTL}
	if phase != football.Settled {
		v.body = bytes.Clone(frame) // a slice of a whole fetch: waiting with it would hold the rest too
	}
	w.put(w.cfg.predictionKey(match, model), v)
}

// PutLive notes the live state for Redis. It never blocks.
func (w *Writer) PutLive(position Position, live LiveMatch) {
	v := value{position: position, ttl: w.cfg.TTL}
	if live.Live.Phase != football.Settled {
		v.body, _ = json.Marshal(live) // a struct of numbers and strings always encodes
	}
	w.put(w.cfg.liveKey(live.Match), v)
}

func (w *Writer) put(key string, v value) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if old, ok := w.pending[key]; ok && v.position.Before(old.position) {
		return
	}
	w.pending[key] = v
	if len(w.pending) > w.cfg.MaxPending {
		w.pending, w.cold = map[string]value{}, true
	}
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run puts what was noted into Redis until ctx is done. It uses at most a fifth of the time of the Redis that it has, so
// that a replay of years does not push readers aside: what waits meanwhile is replaced by what is newer.
func (w *Writer) Run(ctx context.Context, warm Warm) error {
	wait := 50 * time.Millisecond
	for {
		began := time.Now()
		err := w.flush(ctx)
		if err == nil {
			err = w.warmUp(ctx, warm)
		}
		if ctx.Err() != nil {
			return nil
		}
		w.report(err)
		if err != nil {
			w.logger.Warn("Redis does not take values, trying again", "pending", w.waiting(), "cause", err)
			rest(ctx, wait)
			wait = min(2*wait, 5*time.Second)
			continue
		}
		wait = 50 * time.Millisecond
		if w.waiting() == 0 {
			select {
			case <-w.wake:
			case <-ctx.Done():
				return nil
			}
			continue
		}
		rest(ctx, min(4*time.Since(began), time.Second))
	}
}

// flush sends one pipeline of pending values. What was not taken stays pending, unless something newer came.
func (w *Writer) flush(ctx context.Context) error {
	const size = 128
	batch := w.take(size)
	if len(batch) == 0 {
		return nil
	}
	err := w.send(ctx, batch)
	if err == nil {
		return nil
	}
	for key, v := range batch {
		w.put(key, v)
	}
	return fmt.Errorf("put %d values into Redis: %w", len(batch), err)
}

// send sends one pipeline, and once more when Redis did not know the script: it restarted, or has a new shard.
func (w *Writer) send(ctx context.Context, batch map[string]value) error {
	err := w.trySend(ctx, batch)
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		if err = w.script.Load(ctx, w.redis).Err(); err == nil {
			err = w.trySend(ctx, batch)
		}
	}
	return err
}

func (w *Writer) trySend(ctx context.Context, batch map[string]value) error {
	pipe := w.redis.Pipeline()
	for key, v := range batch {
		if v.body == nil {
			pipe.Del(ctx, key)
			continue
		}
		w.script.EvalSha(ctx, pipe, []string{key}, v.position.Epoch, v.position.Partition, v.position.Offset, v.body, v.ttl.Milliseconds())
	}
	_, err := pipe.Exec(ctx)
	return err
}

func (w *Writer) take(n int) map[string]value {
	w.mu.Lock()
	defer w.mu.Unlock()
	batch := make(map[string]value, min(n, len(w.pending)))
	for key, v := range w.pending {
		if len(batch) == n {
			break
		}
		batch[key] = v
		delete(w.pending, key)
	}
	return batch
}

// warmUp reads the table when keys may be behind. It waits while there is a backlog, so the table is read once, and a
// start in the middle of a replay does not begin with the past.
func (w *Writer) warmUp(ctx context.Context, warm Warm) error {
	w.mu.Lock()
	cold := w.cold && len(w.pending) == 0
	w.mu.Unlock()
	if !cold || warm == nil {
		return nil
	}
	if err := w.redis.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("ping Redis: %w", err)
	}
	w.mu.Lock()
	w.cold = false
	w.mu.Unlock()
	batch := map[string]value{}
	var failed error
	send := func() {
		if failed == nil && len(batch) > 0 {
			failed = w.send(ctx, batch)
		}
		clear(batch)
	}
	err := warm(ctx, time.Now().Add(-w.cfg.PredictionTTL-time.Hour), func(p Position, match football.MatchID, model string, phase football.Phase, frame []byte) {
		v := value{position: p, body: frame, ttl: w.cfg.PredictionTTL}
		if phase == football.Settled {
			v.body = nil
		}
		batch[w.cfg.predictionKey(match, model)] = v
		if len(batch) == 128 {
			send()
		}
	})
	send()
	if err == nil {
		err = failed
	}
	if err != nil {
		w.mu.Lock()
		w.cold = true
		w.mu.Unlock()
		return fmt.Errorf("warm the cache: %w", err)
	}
	return nil
}

// Healthy says why Redis does not take values, if it does not.
func (w *Writer) Healthy(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trouble
}

func (w *Writer) report(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trouble = err
}

func (w *Writer) waiting() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.pending)
}

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// A match's keys share a hash tag, so that a cluster keeps them on one node.
func (c Config) predictionKey(match football.MatchID, model string) string {
	return c.Prefix + ":prediction:{" + string(match) + "}~" + model
}

func (c Config) liveKey(match football.MatchID) string {
	return c.Prefix + ":live:{" + string(match) + "}"
}
