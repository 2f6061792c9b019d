package rest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"
	"golang.org/x/sync/singleflight"

	"github.com/touchline/touchline/projections/cache"
	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

const (
	// fetchTimeout is how long a forecast may take to be fetched from Redis and Postgres together.
	fetchTimeout = 5 * time.Second
	// redisTimeout is how long Redis may take of it. A Redis that is away costs this much, once a key.
	redisTimeout = 200 * time.Millisecond
)

// forecastCache finds the latest forecast of a match and model: in this process, in Redis, in Postgres.
//
// An entry begins in pending, while it is fetched, and moves to found once there is a forecast. A key for which there
// is none leaves pending again and is not remembered, so that requests for matches that do not exist push nothing out
// of found.
type forecastCache struct {
	store   *readmodel.Store
	redis   *cache.Reader // nil without Redis
	serde   *wire.Serde
	metrics *readMetrics
	flight  singleflight.Group // one fetch a key, however many requests want it

	mu      sync.Mutex // guards what follows, the fields of every entry included
	keeps   bool       // whether found takes entries; one of size 0 would take any number
	found   *expirable.LRU[string, *cacheEntry]
	pending map[string]*cacheEntry
}

// cacheEntry is a forecast in this process. Its frame is nil until it is fetched or the log's tail has brought it.
type cacheEntry struct {
	frame    []byte
	position wire.Position
}

func newForecastCache(cfg Config, store *readmodel.Store, redis *cache.Reader, serde *wire.Serde,
	metrics *readMetrics) *forecastCache {
	return &forecastCache{store: store, redis: redis, serde: serde, metrics: metrics,
		keeps:   cfg.CacheEntries > 0,
		found:   expirable.NewLRU[string, *cacheEntry](max(cfg.CacheEntries, 0), nil, cfg.CacheTTL),
		pending: map[string]*cacheEntry{}}
}

// observeForecast takes a forecast from the tail of the log. It replaces what this process keeps of the key; a key that
// nobody asked for is not taken in.
func (f *forecastCache) observeForecast(position wire.Position, match football.MatchID, model string, frame []byte) {
	key := string(match) + "~" + model
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.entriesOf(key) {
		if e.position.Before(position) {
			e.frame, e.position = frame, position
		}
	}
}

// entriesOf returns what there is of a key: at most one entry that is found and one that is being fetched. The caller
// has locked mu.
func (f *forecastCache) entriesOf(key string) []*cacheEntry {
	var entries []*cacheEntry
	if e := f.pending[key]; e != nil {
		entries = append(entries, e)
	}
	if e, ok := f.found.Peek(key); ok {
		entries = append(entries, e)
	}
	return entries
}

// latestForecast returns the forecast and its position, or readmodel.ErrNotFound.
func (f *forecastCache) latestForecast(ctx context.Context, match football.MatchID, model string) (
	*football.Prediction, wire.Position, error) {
	key := string(match) + "~" + model
	f.mu.Lock()
	if e, ok := f.found.Get(key); ok {
		entry := *e
		f.mu.Unlock()
		f.metrics.reads.WithLabelValues("process").Inc()
		return f.decodeEntry(ctx, entry)
	}
	f.mu.Unlock()
	fetched, err, _ := f.flight.Do(key, func() (any, error) {
		f.beginFetch(key)
		entry, err := f.fetchForecast(context.WithoutCancel(ctx), match, model)
		return f.finishFetch(key, entry, err)
	})
	if err != nil {
		return nil, wire.Position{}, err
	}
	return f.decodeEntry(ctx, fetched.(cacheEntry))
}

// beginFetch makes the tail's news of the key be taken in from now on, so that nothing is missed while we ask.
func (f *forecastCache) beginFetch(key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pending[key] = &cacheEntry{position: wire.Position{Epoch: -1}}
}

// finishFetch ends a fetch. The newest of what it found and of what the tail brought meanwhile is returned and becomes
// the entry of the key. Where there is neither, the key has no entry and the fetch's error is returned.
func (f *forecastCache) finishFetch(key string, fetched cacheEntry, err error) (cacheEntry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.entriesOf(key) {
		if e.frame != nil && (fetched.frame == nil || fetched.position.Before(e.position)) {
			fetched = *e
		}
	}
	delete(f.pending, key)
	if fetched.frame == nil {
		return cacheEntry{}, err
	}
	if f.keeps {
		kept := fetched
		f.found.Add(key, &kept)
	}
	return fetched, nil
}

func (f *forecastCache) fetchForecast(ctx context.Context, match football.MatchID, model string) (cacheEntry, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	if f.redis != nil {
		quick, stop := context.WithTimeout(ctx, redisTimeout)
		frame, position, err := f.redis.Prediction(quick, match, model)
		stop()
		if err == nil {
			f.metrics.reads.WithLabelValues("redis").Inc()
			return cacheEntry{frame, position}, nil
		}
		if !errors.Is(err, cache.ErrMiss) {
			f.metrics.reads.WithLabelValues("redis-error").Inc()
		}
	}
	row, err := f.store.Latest(ctx, match, model)
	if errors.Is(err, readmodel.ErrNotFound) {
		f.metrics.reads.WithLabelValues("none").Inc()
	}
	if err != nil {
		return cacheEntry{}, err
	}
	f.metrics.reads.WithLabelValues("postgres").Inc()
	if f.redis != nil {
		quick, stop := context.WithTimeout(ctx, redisTimeout)
		_ = f.redis.Fill(quick, row.Position, match, model, row.Frame) // a cache that does not take it is asked again
		stop()
	}
	return cacheEntry{row.Frame, row.Position}, nil
}

func (f *forecastCache) decodeEntry(ctx context.Context, e cacheEntry) (*football.Prediction, wire.Position, error) {
	forecast, err := wire.Decode(ctx, f.serde, wire.Prediction, e.frame)
	if err != nil {
		return nil, e.position, fmt.Errorf("decode forecast at %s: %w", e.position, err)
	}
	return forecast, e.position, nil
}
