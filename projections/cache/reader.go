package cache

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// ErrMiss means that the cache does not have the key.
var ErrMiss = errors.New("not in the cache")

// Reader gets values from Redis, and fills in what a reader had to fetch elsewhere. It is safe for concurrent use.
type Reader struct {
	cfg    Config
	redis  redis.UniversalClient
	script *redis.Script
}

// NewReader returns a reader; its Config must have the writer's Prefix.
func NewReader(cfg Config, client redis.UniversalClient) *Reader {
	return &Reader{cfg: cfg.withDefaults(), redis: client, script: redis.NewScript(putScript)}
}

// Prediction returns the forecast's frame and its position, or ErrMiss.
func (r *Reader) Prediction(ctx context.Context, match football.MatchID, model string) ([]byte, wire.Position, error) {
	return r.getFrame(ctx, r.cfg.predictionKey(match, model))
}

// Fill puts a forecast that was read from the table, unless a newer one is there.
func (r *Reader) Fill(ctx context.Context, position wire.Position, match football.MatchID, model string,
	frame []byte) error {
	key := []string{r.cfg.predictionKey(match, model)}
	err := r.script.Run(ctx, r.redis, key, position.Epoch, position.Partition, position.Offset, frame,
		r.cfg.PredictionTTL.Milliseconds()).Err()
	if err != nil {
		return fmt.Errorf("fill %s: %w", key[0], err)
	}
	return nil
}

func (r *Reader) getFrame(ctx context.Context, key string) ([]byte, wire.Position, error) {
	fields, err := r.redis.HMGet(ctx, key, "e", "p", "o", "v").Result()
	if err != nil {
		return nil, wire.Position{}, fmt.Errorf("get %s: %w", key, err)
	}
	var text [4]string
	for i, f := range fields {
		s, ok := f.(string)
		if !ok {
			return nil, wire.Position{}, ErrMiss
		}
		text[i] = s
	}
	epoch, err1 := strconv.ParseInt(text[0], 10, 64)
	partition, err2 := strconv.ParseInt(text[1], 10, 32)
	offset, err3 := strconv.ParseInt(text[2], 10, 64)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, wire.Position{}, fmt.Errorf("read position of %s: %w", key, err)
	}
	return []byte(text[3]), wire.Position{Epoch: epoch, Partition: int32(partition), Offset: offset}, nil
}
