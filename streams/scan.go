package streams

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/touchline/touchline/schemas/wire"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// span is the offsets that a partition holds: from start (inclusive) to end (exclusive). Markers of transactions have
// offsets too.
type span struct{ start, end int64 }

// toTheEnd scans up to where the partition ends when the scan begins.
const toTheEnd = math.MaxInt64

// errEnough ends a scan early.
var errEnough = errors.New("enough")

// scan calls each for the committed records of one partition with offsets from (inclusive) to to (exclusive), in order,
// and returns what the partition held when it began. A record is each's to keep only as keep copies it.
func scan(ctx context.Context, opts []kgo.Opt, topic string, partition int32, from, to int64, each func(*kgo.Record) error) (span, error) {
	reader, adm, err := committedReader(opts)
	if err != nil {
		return span{}, err
	}
	defer reader.Close()
	if _, err := partitionsOf(ctx, adm, topic); err != nil {
		return span{}, err
	}
	var held span
	first := func(start, end kadm.ListedOffsets) map[int32]int64 {
		s, _ := start.Lookup(topic, partition)
		e, _ := end.Lookup(topic, partition)
		held = span{s.Offset, e.Offset}
		if from >= to {
			return map[int32]int64{partition: held.end} // only the span is asked for
		}
		return map[int32]int64{partition: max(from, held.start)}
	}
	err = readToEnd(ctx, reader, adm, topic, []int32{partition}, first, func(r *kgo.Record) error {
		if r.Offset >= to {
			return errEnough
		}
		return each(r)
	})
	if err != nil && !errors.Is(err, errEnough) {
		return held, fmt.Errorf("read %s/%d: %w", topic, partition, err)
	}
	return held, nil
}

// committedReader is a client that sees what has committed. It keeps control records, so that it sees the end of a log
// that ends with one.
func committedReader(opts []kgo.Opt) (*kgo.Client, *kadm.Client, error) {
	reader, err := kgo.NewClient(append(slices.Clone(opts), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())...)
	if err != nil {
		return nil, nil, err
	}
	return reader, kadm.NewClient(reader), nil
}

// partitionsOf returns the partitions of a topic, in order; kerr.UnknownTopicOrPartition when there is no such topic.
func partitionsOf(ctx context.Context, adm *kadm.Client, topic string) ([]int32, error) {
	detail, err := adm.ListTopics(ctx, topic)
	if err == nil {
		err = detail[topic].Err
	}
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", topic, err)
	}
	return detail[topic].Partitions.Numbers(), nil
}

// keep copies a record, for a record of a fetch holds the memory of its whole batch.
func keep(r *kgo.Record) *kgo.Record {
	kept := *r
	kept.Key, kept.Value = bytes.Clone(r.Key), bytes.Clone(r.Value)
	kept.Headers = slices.Clone(r.Headers)
	for i, h := range kept.Headers {
		kept.Headers[i].Value = bytes.Clone(h.Value)
	}
	return &kept
}

// position names a record: topic/partition/offset.
func position(topic string, partition int32, offset int64) string {
	return fmt.Sprintf("%s/%d/%d", topic, partition, offset)
}

// missing says why a scan that held s did not find the record at the offset.
func (s span) missing(topic string, partition int32, offset int64) string {
	switch at := position(topic, partition, offset); {
	case offset < s.start:
		return fmt.Sprintf("%s is gone: the partition begins at offset %d", at, s.start)
	case offset >= s.end:
		return fmt.Sprintf("%s is not there: the partition ends at offset %d; was the topic made anew?", at, s.end)
	default:
		return at + " holds no committed record"
	}
}

// ReadFacts calls each for the committed facts of a topic that stand there when it begins: one partition after the other,
// each in order. What does not decode is passed over.
func ReadFacts[T any](ctx context.Context, opts []kgo.Opt, serde *wire.Serde, topic string, schema *wire.Schema, each func(*T)) error {
	reader, adm, err := committedReader(opts)
	if err != nil {
		return err
	}
	defer reader.Close()
	partitions, err := partitionsOf(ctx, adm, topic)
	if err != nil {
		return err
	}
	for _, partition := range partitions {
		_, err := scan(ctx, opts, topic, partition, 0, toTheEnd, func(r *kgo.Record) error {
			fact, err := decodeFact[T](ctx, serde, schema, r)
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
