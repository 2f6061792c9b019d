package cache

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/touchline/touchline/infra/retry"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Config holds the cache's settings. Zero values mean the defaults.
type Config struct {
	// Prefix begins every key. Default "touchline". Installations that share a Redis need one each.
	Prefix string
	// PredictionTTL is how long a forecast stays after it was last put. Default 24 h. It bounds how far back the table
	// is read when the cache is warmed.
	PredictionTTL time.Duration
	// MaxPending is the most keys that wait for Redis. Default 20,000, of about 2 KiB each. When there are more, all
	// are dropped and the cache is warmed from the table later.
	MaxPending int
}

const (
	// pipelineSize is how many values are sent to Redis at once.
	pipelineSize = 128
	// warmMargin is read beyond the time to live when the cache is warmed, for clocks that differ.
	warmMargin = time.Hour
)

func (c Config) withDefaults() Config {
	c.Prefix = cmp.Or(c.Prefix, wire.DefaultInstallation)
	c.PredictionTTL = cmp.Or(c.PredictionTTL, 24*time.Hour)
	c.MaxPending = cmp.Or(c.MaxPending, 20_000)
	return c
}

// putScript replaces the value under KEYS[1] unless the one that is there is newer.
const putScript = `
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

	wake chan struct{} // has an element when pending may have one

	mu      sync.Mutex // guards what follows
	pending map[string]cachedValue
	cold    bool  // keys may be behind: warm them
	trouble error // why Redis does not take values; nil while it does
}

// cachedValue is what a key is to become.
type cachedValue struct {
	position wire.Position
	frame    []byte // nil: the key is to be deleted
}

// PutForecast takes a forecast of a match by a model: where it is in the log, the phase of the match, and its frame.
type PutForecast func(position wire.Position, match football.MatchID, model string, phase football.Phase, frame []byte)

// Warm calls put for every forecast that was written to the table since then.
type Warm func(ctx context.Context, since time.Time, put PutForecast) error

// NewWriter returns a writer; Run does its work.
func NewWriter(cfg Config, client redis.UniversalClient, logger *slog.Logger) *Writer {
	return &Writer{
		cfg: cfg.withDefaults(), redis: client, script: redis.NewScript(putScript), logger: logger,
		pending: map[string]cachedValue{}, cold: true, wake: make(chan struct{}, 1),
	}
}

// PutPrediction notes the forecast, a frame of the predictions topic, for Redis. It never blocks.
func (w *Writer) PutPrediction(position wire.Position, match football.MatchID, model string, phase football.Phase,
	frame []byte) {
	v := cachedValue{position: position}
	if phase != football.Settled {
		v.frame = bytes.Clone(frame) // a slice of a whole fetch: while it waits, the rest could not be freed
	}
	w.addPending(w.cfg.predictionKey(match, model), v)
}

// addPending notes a value, unless a newer one of the key is waiting.
func (w *Writer) addPending(key string, v cachedValue) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if old, ok := w.pending[key]; ok && v.position.Before(old.position) {
		return
	}
	w.pending[key] = v
	if len(w.pending) > w.cfg.MaxPending {
		w.pending, w.cold = map[string]cachedValue{}, true
	}
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run puts what was noted into Redis until ctx is done. It uses at most a fifth of the time of the Redis that it has,
// so that a replay of years does not push readers aside: what waits meanwhile is replaced by what is newer.
func (w *Writer) Run(ctx context.Context, warm Warm) error {
	waits := retry.New()
	for {
		began := time.Now()
		err := w.flushPending(ctx)
		if err == nil {
			err = w.warmIfCold(ctx, warm)
		}
		if ctx.Err() != nil {
			return nil
		}
		w.setTrouble(err)
		if err != nil {
			w.logger.Warn("Redis does not take values, trying again", "pending", w.countPending(), "error", err)
			_ = waits.Sleep(ctx) // ctx is looked at again
			continue
		}
		waits.Reset()
		if w.countPending() == 0 {
			select {
			case <-w.wake:
			case <-ctx.Done():
				return nil
			}
			continue
		}
		sleepOrStop(ctx, min(4*time.Since(began), time.Second))
	}
}

// flushPending sends one pipeline of pending values. What Redis did not take stays pending, unless something newer
// came.
func (w *Writer) flushPending(ctx context.Context) error {
	batch := w.takePending(pipelineSize)
	if len(batch) == 0 {
		return nil
	}
	err := w.sendPipeline(ctx, batch)
	if err == nil {
		return nil
	}
	for key, v := range batch {
		w.addPending(key, v)
	}
	return fmt.Errorf("put %d values into Redis: %w", len(batch), err)
}

// sendPipeline sends one pipeline, and once more when Redis did not know the script: it restarted, or has a new shard.
func (w *Writer) sendPipeline(ctx context.Context, batch map[string]cachedValue) error {
	err := w.trySendPipeline(ctx, batch)
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		if err = w.script.Load(ctx, w.redis).Err(); err == nil {
			err = w.trySendPipeline(ctx, batch)
		}
	}
	return err
}

func (w *Writer) trySendPipeline(ctx context.Context, batch map[string]cachedValue) error {
	pipe := w.redis.Pipeline()
	for key, v := range batch {
		if v.frame == nil {
			pipe.Del(ctx, key)
			continue
		}
		w.script.EvalSha(ctx, pipe, []string{key}, v.position.Epoch, v.position.Partition, v.position.Offset, v.frame,
			w.cfg.PredictionTTL.Milliseconds())
	}
	_, err := pipe.Exec(ctx)
	return err
}

func (w *Writer) takePending(n int) map[string]cachedValue {
	w.mu.Lock()
	defer w.mu.Unlock()
	batch := make(map[string]cachedValue, min(n, len(w.pending)))
	for key, v := range w.pending {
		if len(batch) == n {
			break
		}
		batch[key] = v
		delete(w.pending, key)
	}
	return batch
}

// warmIfCold reads the table when keys may be behind. It waits while there is a backlog, so the table is read once, and
// a start in the middle of a replay does not begin with the past.
func (w *Writer) warmIfCold(ctx context.Context, warm Warm) error {
	w.mu.Lock()
	cold := w.cold && len(w.pending) == 0
	w.mu.Unlock()
	if !cold || warm == nil {
		return nil
	}
	if err := w.redis.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("ping Redis: %w", err)
	}
	w.setCold(false)
	if err := w.sendTable(ctx, warm); err != nil {
		w.setCold(true)
		return fmt.Errorf("warm the cache: %w", err)
	}
	return nil
}

// sendTable sends every forecast that warm offers.
func (w *Writer) sendTable(ctx context.Context, warm Warm) error {
	batch := map[string]cachedValue{}
	var failed error
	sendBatch := func() {
		if failed == nil && len(batch) > 0 {
			failed = w.sendPipeline(ctx, batch)
		}
		clear(batch)
	}
	put := func(p wire.Position, match football.MatchID, model string, phase football.Phase, frame []byte) {
		v := cachedValue{position: p, frame: frame}
		if phase == football.Settled {
			v.frame = nil
		}
		batch[w.cfg.predictionKey(match, model)] = v
		if len(batch) == pipelineSize {
			sendBatch()
		}
	}
	err := warm(ctx, time.Now().Add(-w.cfg.PredictionTTL-warmMargin), put)
	sendBatch()
	return cmp.Or(err, failed)
}

func (w *Writer) setCold(cold bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cold = cold
}

// Healthy returns why Redis does not take values, if it does not.
func (w *Writer) Healthy(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trouble
}

func (w *Writer) setTrouble(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trouble = err
}

func (w *Writer) countPending() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.pending)
}

func sleepOrStop(ctx context.Context, d time.Duration) {
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
