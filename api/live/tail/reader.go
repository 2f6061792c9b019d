package tail

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/api/live/record"
	"github.com/touchline/touchline/infra/kafkalog"
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
// partition, one topic after the other. Nothing may be between the last record before to and to itself: the board has
// seen a record or a marker at every offset before its positions. The error is fn's, ErrOutOfRange, or that the log or
// the registry can't be asked.
func (r *Reader) ReadSpan(ctx context.Context, from, to record.Positions, fn func(*record.Record) error) error {
	ctx, cancel := context.WithTimeout(ctx, maxScan)
	defer cancel()
	if from.Covers(to) {
		return nil
	}
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	reader, err := kafkalog.Open(r.kafka,
		kgo.FetchMaxWait(100*time.Millisecond), kgo.ConsumeResetOffset(kgo.NoResetOffset()))
	if err != nil {
		return err
	}
	defer reader.Close()
	for topic, name := range to.Log.Names {
		spans := map[int32]kafkalog.Span{}
		for p, next := range from.Next[topic] {
			spans[int32(p)] = kafkalog.Span{Start: next, End: to.Next[topic][p]}
		}
		err := reader.Read(ctx, name, spans, func(fetched *kgo.Record) error {
			rec, _, err := decodeKafka(ctx, r.serde, record.Topic(topic), fetched)
			if err != nil {
				return err
			}
			return fn(rec)
		})
		if errors.Is(err, kerr.OffsetOutOfRange) {
			return ErrOutOfRange
		}
		if err != nil {
			return fmt.Errorf("read %s again: %w", name, err)
		}
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
