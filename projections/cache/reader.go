package cache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/touchline/touchline/schemas/football"
)

// ErrMiss says that the cache does not hold the key.
var ErrMiss = errors.New("not in the cache")

// Reader gets values from Redis, and fills in what a reader had to fetch elsewhere. It is safe for concurrent use.
type Reader struct {
	cfg    Config
	redis  redis.UniversalClient
	script *redis.Script
}

// NewReader returns a reader; its Config must have the writer's Prefix.
func NewReader(cfg Config, client redis.UniversalClient) *Reader {
	return &Reader{cfg: cfg.withDefaults(), redis: client, script: redis.NewScript(put)}
}

// Prediction returns the forecast's frame and its position, or ErrMiss.
func (r *Reader) Prediction(ctx context.Context, match football.MatchID, model string) ([]byte, Position, error) {
	return r.get(ctx, r.cfg.predictionKey(match, model))
}

// Live returns the match's live state, or ErrMiss.
func (r *Reader) Live(ctx context.Context, match football.MatchID) (LiveMatch, error) {
	var live LiveMatch
	body, _, err := r.get(ctx, r.cfg.liveKey(match))
	if err != nil {
		return live, err
	}
	if err := json.Unmarshal(body, &live); err != nil {
		return live, fmt.Errorf("decode live state of %s: %w", match, err)
	}
	return live, nil
}

// Fill puts a forecast that was read from the table, unless a newer one is there.
func (r *Reader) Fill(ctx context.Context, position Position, match football.MatchID, model string, frame []byte) error {
	key := []string{r.cfg.predictionKey(match, model)}
	err := r.script.Run(ctx, r.redis, key, position.Epoch, position.Partition, position.Offset, frame, r.cfg.PredictionTTL.Milliseconds()).Err()
	if err != nil {
		return fmt.Errorf("fill %s: %w", key[0], err)
	}
	return nil
}

func (r *Reader) get(ctx context.Context, key string) ([]byte, Position, error) {
	fields, err := r.redis.HMGet(ctx, key, "e", "p", "o", "v").Result()
	if err != nil {
		return nil, Position{}, fmt.Errorf("get %s: %w", key, err)
	}
	var text [4]string
	for i, f := range fields {
		s, ok := f.(string)
		if !ok {
			return nil, Position{}, ErrMiss
		}
		text[i] = s
	}
	epoch, err1 := strconv.ParseInt(text[0], 10, 64)
	partition, err2 := strconv.ParseInt(text[1], 10, 32)
	offset, err3 := strconv.ParseInt(text[2], 10, 64)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, Position{}, fmt.Errorf("read position of %s: %w", key, err)
	}
	return []byte(text[3]), Position{Epoch: epoch, Partition: int32(partition), Offset: offset}, nil
}
