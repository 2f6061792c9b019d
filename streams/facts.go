package streams

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/wire"
)

// DecodeRecord decodes the fact that a record carries.
func DecodeRecord[T any](ctx context.Context, serde *wire.Serde, schema *wire.Schema[T], r *kgo.Record) (*T, error) {
	fact, err := wire.Decode(ctx, serde, schema, r.Value)
	if err != nil {
		return nil, fmt.Errorf("decode %s: %w", kafkalog.AddressOf(r), err)
	}
	return fact, nil
}

// ReadFacts calls each for the committed facts that a topic has when it begins: one partition after the other, each in
// order. What does not decode is skipped.
func ReadFacts[T any](
	ctx context.Context, opts []kgo.Opt, serde *wire.Serde, topic string, schema *wire.Schema[T], each func(*T),
) error {
	reader, err := kafkalog.Open(opts)
	if err != nil {
		return err
	}
	defer reader.Close()
	partitions, err := reader.Partitions(ctx, topic)
	if err != nil {
		return err
	}
	for _, partition := range partitions {
		_, err := reader.Scan(ctx, topic, partition, 0, kafkalog.ToEnd, func(r *kgo.Record) error {
			fact, err := DecodeRecord(ctx, serde, schema, r)
			if undecodable := (*wire.UndecodableError)(nil); errors.As(err, &undecodable) {
				return nil
			}
			if err == nil {
				each(fact)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
