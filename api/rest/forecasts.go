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

// forecasts finds the latest forecast of a match and model: in this process, in Redis, in Postgres.
type forecasts struct {
	store   *readmodel.Store
	redis   *cache.Reader // nil without Redis
	serde   *wire.Serde
	metrics *metrics

	mu     sync.Mutex
	near   *expirable.LRU[string, *entry]
	flight singleflight.Group
}

// entry is a forecast in this process; frame is nil while it is being fetched.
type entry struct {
	frame    []byte
	position wire.Position
}

func newForecasts(cfg Config, store *readmodel.Store, redis *cache.Reader, serde *wire.Serde, metrics *metrics) *forecasts {
	return &forecasts{store: store, redis: redis, serde: serde, metrics: metrics,
		near: expirable.NewLRU[string, *entry](cfg.CacheEntries, nil, cfg.CacheTTL)}
}

// observe takes a forecast from the tail of the log. It replaces what this process holds of the key; a key that nobody
// asked for is not taken in.
func (f *forecasts) observe(position wire.Position, match football.MatchID, model string, frame []byte) {
	key := string(match) + "~" + model
	f.mu.Lock()
	defer f.mu.Unlock()
	if old, ok := f.near.Peek(key); ok && old.position.Before(position) {
		old.frame, old.position = frame, position
	}
}

// latest returns the forecast and its position.
func (f *forecasts) latest(ctx context.Context, match football.MatchID, model string) (*football.Prediction, wire.Position, error) {
	key := string(match) + "~" + model
	f.mu.Lock()
	e, ok := f.near.Get(key)
	if ok && e.frame != nil {
		found := *e
		f.mu.Unlock()
		f.metrics.hits.WithLabelValues("process").Inc()
		return f.decode(ctx, found)
	}
	if !ok { // from now on the tail's news of the key are taken in: nothing is missed while we ask
		e = &entry{position: wire.Position{Epoch: -1}}
		f.near.Add(key, e)
	}
	f.mu.Unlock()
	fetched, err, _ := f.flight.Do(key, func() (any, error) { return f.fetch(context.WithoutCancel(ctx), match, model) })
	if err != nil {
		return nil, wire.Position{}, err
	}
	found := fetched.(entry)
	f.mu.Lock()
	switch {
	case e.frame == nil || e.position.Before(found.position):
		e.frame, e.position = found.frame, found.position
	default:
		found = *e // the tail was quicker
	}
	f.mu.Unlock()
	return f.decode(ctx, found)
}

func (f *forecasts) fetch(ctx context.Context, match football.MatchID, model string) (entry, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if f.redis != nil {
		quick, stop := context.WithTimeout(ctx, 200*time.Millisecond) // a Redis that is away costs this much, once a key
		frame, position, err := f.redis.Prediction(quick, match, model)
		stop()
		if err == nil {
			f.metrics.hits.WithLabelValues("redis").Inc()
			return entry{frame, position}, nil
		}
		if !errors.Is(err, cache.ErrMiss) {
			f.metrics.hits.WithLabelValues("redis-error").Inc()
		}
	}
	row, err := f.store.Latest(ctx, match, model)
	if err != nil {
		return entry{}, err
	}
	f.metrics.hits.WithLabelValues("postgres").Inc()
	if f.redis != nil {
		quick, stop := context.WithTimeout(ctx, 200*time.Millisecond)
		_ = f.redis.Fill(quick, row.Position, match, model, row.Frame) // a cache that does not take it will be asked again
		stop()
	}
	return entry{row.Frame, row.Position}, nil
}

func (f *forecasts) decode(ctx context.Context, e entry) (*football.Prediction, wire.Position, error) {
	v, err := f.serde.Decode(ctx, wire.Prediction, e.frame)
	if err != nil {
		return nil, e.position, fmt.Errorf("decode forecast at %s: %w", e.position, err)
	}
	return v.(*football.Prediction), e.position, nil
}
