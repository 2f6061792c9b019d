package models

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// announcementTo is the raw event that tells a pool a position of football.models. It carries no time: a change takes
// effect at its place in the pool's log.
func announcementTo(pool football.PoolID, position int64) *football.RawEvent {
	return &football.RawEvent{
		Pool: pool, Source: football.SourceModels, SourceEventID: strconv.FormatInt(position, 10),
		Moment: football.MomentModels, ContentType: "application/json",
		Payload: fmt.Appendf(nil, `{"position":%d}`, position),
	}
}

// Opening returns what the log of a new pool begins with, as source.Config.Opening wants it: the announcement of the
// last change that decides which versions forecast, so that a pool which appears after a promotion is forecast by the
// model that was promoted. Without such a change it is nothing. The topic is read once, when a pool asks first.
func Opening(
	opts []kgo.Opt, names wire.Namespace, serde *wire.Serde,
) func(context.Context, football.PoolID) (*football.RawEvent, error) {
	var mu sync.Mutex
	read, position := false, int64(0)
	return func(ctx context.Context, pool football.PoolID) (*football.RawEvent, error) {
		mu.Lock()
		defer mu.Unlock()
		if !read {
			last, err := lastChange(ctx, opts, names.Topic(wire.TopicModels), serde)
			if err != nil {
				return nil, err
			}
			read, position = true, last
		}
		if position == 0 {
			return nil, nil
		}
		return announcementTo(pool, position), nil
	}
}

// lastChange returns the position after the last fact that is no mere registration, 0 where there is none: processes
// register what they are built with at any time, and a registration lets no version forecast.
func lastChange(ctx context.Context, opts []kgo.Opt, topic string, serde *wire.Serde) (int64, error) {
	reader, err := kafkalog.Open(opts)
	if err != nil {
		return 0, err
	}
	defer reader.Close()
	exists, err := reader.Exists(ctx, topic)
	if err != nil || !exists {
		return 0, err
	}
	position := int64(0)
	err = reader.ReadToEnd(ctx, topic, func(r *kgo.Record) error {
		fact, err := wire.Decode(ctx, serde, wire.ModelFact, r.Value)
		if undecodable := (*wire.UndecodableError)(nil); errors.As(err, &undecodable) {
			return nil // every reader passes it over
		}
		if err == nil && fact.Change != football.ModelRegistered {
			position = r.Offset + 1
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", topic, err)
	}
	return position, nil
}
