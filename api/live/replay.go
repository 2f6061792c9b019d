package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/wire"
)

// replay sends a subscription what the log holds from at up to target, as fast as its connection takes it, and moves at.
func (h *Hub) replay(ctx context.Context, s *subscription, at, target positions) error {
	return h.scan(ctx, at, target, func(rec *record) error {
		at[rec.topic][rec.partition] = rec.offset + 1
		if !s.filter.wants(rec) {
			return nil
		}
		if !s.out.waitForRoom(ctx.Done()) {
			return context.Canceled
		}
		s.out.push(&message{sub: s, rec: rec, at: at.clone(), own: true})
		return nil
	})
}

// readOne reads the record at a place again, or nil if the log no longer has it.
func (h *Hub) readOne(ctx context.Context, place *record) (*record, error) {
	var from, to positions
	from[place.topic] = make([]int64, place.partition+1)
	to[place.topic] = make([]int64, place.partition+1)
	from[place.topic][place.partition], to[place.topic][place.partition] = place.offset, place.offset+1
	var found *record
	err := h.scan(ctx, from, to, func(r *record) error {
		found = r
		return nil
	})
	var required *snapshotRequired
	if errors.As(err, &required) {
		return nil, nil
	}
	return found, err
}

// scan reads the log from from up to to (exclusive) and calls fn for each record, in the order of each partition. Few
// scans run at a time, each with a client of its own. The hub has seen a record at every offset before to, so a partition
// is done when that record was read.
func (h *Hub) scan(ctx context.Context, from, to positions, fn func(*record) error) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	select {
	case h.replays <- struct{}{}:
		defer func() { <-h.replays }()
	case <-ctx.Done():
		return ctx.Err()
	}
	starts, left := map[string]map[int32]kgo.Offset{}, 0
	h.mu.Lock()
	names := h.names
	h.mu.Unlock()
	for t, name := range names {
		for p := range from[t] {
			if from[t][p] >= to[t][p] {
				continue
			}
			if starts[name] == nil {
				starts[name] = map[int32]kgo.Offset{}
			}
			starts[name][int32(p)] = kgo.NewOffset().At(from[t][p])
			left++
		}
	}
	if left == 0 {
		return nil
	}
	client, err := kgo.NewClient(append(append([]kgo.Opt{}, h.kafka...), kgo.ConsumePartitions(starts), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.FetchMaxWait(100*time.Millisecond), kgo.KeepControlRecords(), kgo.ConsumeResetOffset(kgo.NoResetOffset()))...)
	if err != nil {
		return fmt.Errorf("make Kafka client: %w", err)
	}
	defer client.Close()
	for left > 0 {
		fetches := client.PollRecords(ctx, 1000)
		for _, e := range fetches.Errors() {
			if errors.Is(e.Err, kerr.OffsetOutOfRange) {
				return &snapshotRequired{"out-of-range", "the log does not reach back to this cursor"}
			}
			return fmt.Errorf("read the log again, %s/%d: %w", e.Topic, e.Partition, e.Err)
		}
		var failed error
		fetches.EachRecord(func(r *kgo.Record) {
			topic := slices.Index(names[:], r.Topic)
			end := to[topic][r.Partition]
			if failed != nil || r.Offset >= end {
				return
			}
			rec, err := read(ctx, h.serde, topic, r)
			var undecodable *wire.UndecodableError
			if err != nil && !errors.As(err, &undecodable) {
				failed = err
				return
			}
			if err := fn(rec); err != nil {
				failed = err
				return
			}
			if r.Offset == end-1 {
				left--
			}
		})
		if failed != nil {
			return failed
		}
	}
	return nil
}
