package tail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/api/live/record"
	"github.com/touchline/touchline/schemas/wire"
)

// ErrOutOfRange is for positions that the log does not reach back to any more.
var ErrOutOfRange = errors.New("the log does not reach back to this cursor")

// maxScan is how long one scan may take. A subscriber that reads so slowly that it takes longer must come back.
const maxScan = time.Minute

// Reader reads spans of the log again. Few scans run at a time, each with a client of its own; others wait. It is safe
// for concurrent use.
type Reader struct {
	kafka []kgo.Opt
	serde *wire.Serde
	slots chan struct{} // has a value for each scan that runs
}

// NewReader returns a reader of which at most so many scans run at a time.
func NewReader(kafka []kgo.Opt, serde *wire.Serde, scans int) *Reader {
	return &Reader{kafka: kafka, serde: serde, slots: make(chan struct{}, scans)}
}

// ReadSpan reads the log from one place up to another (exclusive) and calls fn for each record, in the order of each
// partition. There must have been a record or a marker at every offset right before to: a partition is done when that
// one was read. The error is fn's, ErrOutOfRange, or that the log or the registry can't be asked.
func (r *Reader) ReadSpan(ctx context.Context, from, to record.Positions, fn func(*record.Record) error) error {
	ctx, cancel := context.WithTimeout(ctx, maxScan)
	defer cancel()
	starts, left := spanStarts(from, to)
	if left == 0 {
		return nil
	}
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	client, err := kgo.NewClient(
		committedReads(r.kafka, kgo.ConsumePartitions(starts), kgo.FetchMaxWait(100*time.Millisecond),
			kgo.ConsumeResetOffset(kgo.NoResetOffset()))...)
	if err != nil {
		return fmt.Errorf("make Kafka client: %w", err)
	}
	defer client.Close()
	for left > 0 {
		fetches := client.PollRecords(ctx, 1000)
		for _, e := range fetches.Errors() {
			if errors.Is(e.Err, kerr.OffsetOutOfRange) {
				return ErrOutOfRange
			}
			return fmt.Errorf("read the log again, %s/%d: %w", e.Topic, e.Partition, e.Err)
		}
		done, err := r.passRecords(ctx, fetches, to, fn)
		if err != nil {
			return err
		}
		left -= done
	}
	return nil
}

// ReadRecord reads the record at a place of a log again, or nil if the log no longer has it.
func (r *Reader) ReadRecord(ctx context.Context, log record.Log, place *record.Record) (*record.Record, error) {
	from, to := record.Positions{Log: log}, record.Positions{Log: log}
	from.Next[place.Topic] = make([]int64, place.Partition+1)
	to.Next[place.Topic] = make([]int64, place.Partition+1)
	from.Next[place.Topic][place.Partition], to.Next[place.Topic][place.Partition] = place.Offset, place.Offset+1
	var found *record.Record
	err := r.ReadSpan(ctx, from, to, func(rec *record.Record) error {
		found = rec
		return nil
	})
	if errors.Is(err, ErrOutOfRange) {
		return nil, nil
	}
	return found, err
}

// spanStarts returns where to read the partitions that have something in the span, and how many these are.
func spanStarts(from, to record.Positions) (starts map[string]map[int32]kgo.Offset, partitions int) {
	starts = map[string]map[int32]kgo.Offset{}
	for topic, name := range to.Log.Names {
		for p, next := range from.Next[topic] {
			if next >= to.Next[topic][p] {
				continue
			}
			if starts[name] == nil {
				starts[name] = map[int32]kgo.Offset{}
			}
			starts[name][int32(p)] = kgo.NewOffset().At(next)
			partitions++
		}
	}
	return starts, partitions
}

// passRecords calls fn for the records of a poll that are in the span, and returns how many partitions are done by
// that.
func (r *Reader) passRecords(
	ctx context.Context,
	fetches kgo.Fetches,
	to record.Positions,
	fn func(*record.Record) error,
) (
	done int, failed error) {
	fetches.EachRecord(func(fetched *kgo.Record) {
		topic := record.Topic(slices.Index(to.Log.Names[:], fetched.Topic))
		end := to.Next[topic][fetched.Partition]
		if failed != nil || fetched.Offset >= end {
			return
		}
		rec, _, err := decodeKafka(ctx, r.serde, topic, fetched)
		if err == nil {
			err = fn(rec)
		}
		if err != nil {
			failed = err
			return
		}
		if fetched.Offset == end-1 {
			done++
		}
	})
	return done, failed
}
