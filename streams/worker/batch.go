package worker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
)

// positionKey is the changelog record that every batch ends with: how far the input is applied, even when no value
// changed.
const positionKey = "@position"

// errSlowBatch aborts a batch that took longer than Config.BatchTime.
var errSlowBatch = errors.New("the batch takes too long")

// partition is one partition of the input with the state that it feeds.
type partition struct {
	id     int32
	copy   *replica         // the state; nil until it is restored
	skip   map[string]int64 // by output topic: outputs caused up to this input offset are there already
	next   int64            // the input offset up to which (exclusive) all is folded and committed
	newest time.Time        // when the newest record that was folded was published
}

func partitionIDs(parts []*partition) []int32 {
	ids := make([]int32, len(parts))
	for i, p := range parts {
		ids[i] = p.id
	}
	return ids
}

// batch is one transaction's work on one partition. Encoding and producing happen in the partition's own goroutine, so
// the order within every output partition is the order of the input.
type batch struct {
	w        *Worker
	client   *kgo.Client
	part     *partition
	deadline time.Time

	outputs streams.Records
	latest  streams.Latest // what compacted topics get at the end
	results []streams.Result
	next    int64     // the input offset after the last record
	newest  time.Time // when the last record was published

	mu     sync.Mutex
	logged []int64 // by stage: the changelog offset after the last change
	err    error   // of the first produce that failed
}

func newBatch(w *Worker, client *kgo.Client, part *partition, deadline time.Time) *batch {
	b := &batch{w: w, client: client, part: part, deadline: deadline, logged: make([]int64, len(w.chain))}
	b.outputs = streams.Records{Serde: w.serde, Skip: b.alreadyWritten}
	return b
}

// foldRecords folds the records, produces what they cause and appends the changes of state to the changelogs. An error
// means that the transaction must be aborted.
func (b *batch) foldRecords(ctx context.Context, records []*kgo.Record) error {
	for i, record := range records {
		if i > 0 && time.Now().After(b.deadline) { // one record may take as long as a whole batch of another stage
			return errSlowBatch
		}
		if err := b.foldRecord(ctx, record); err != nil {
			return err
		}
	}
	for _, record := range b.latest.Records() {
		b.produceOutput(ctx, record)
	}
	last := records[len(records)-1]
	b.next, b.newest = last.Offset+1, last.Timestamp
	return b.appendChangelogs(ctx, last.Topic, last.Offset+1)
}

// finishTransaction applies what the batch changed, or drops it. All that it produced is acknowledged or failed by now.
func (b *batch) finishTransaction(committed bool) {
	if !committed {
		b.part.copy.abortTables()
		return
	}
	for i, t := range b.part.copy.tables {
		t.Commit()
		b.part.copy.next[i] = max(b.part.copy.next[i], b.logged[i])
		b.part.copy.reached[i] = b.next
	}
	b.part.next, b.part.newest = b.next, b.newest
}

// foldRecord folds one record and produces what it caused.
func (b *batch) foldRecord(ctx context.Context, record *kgo.Record) error {
	var err error
	b.results, err = b.w.chain.FoldRecord(ctx, b.w.serde, b.part.copy.tables, record, b.results[:0])
	if err != nil {
		return err
	}
	for i, result := range b.results {
		b.countRefusal(result)
		err := b.outputs.Each(record, i, result, &b.latest, func(r *kgo.Record) { b.produceOutput(ctx, r) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) countRefusal(result streams.Result) {
	switch out := result.Output.(type) {
	case *football.Dropped:
		b.w.metrics.dropped.WithLabelValues(result.Stage.Name, out.Reason).Inc()
	case *football.Refusal:
		b.w.metrics.refused.WithLabelValues(result.Stage.Name, string(out.Reason)).Inc()
	default: // facts are counted where they are produced
	}
}

// alreadyWritten reports outputs that a commit which was cut off half-way left in their topic.
func (b *batch) alreadyWritten(input *kgo.Record, topic string, stage *streams.Stage) bool {
	through, ok := b.part.skip[topic]
	if !ok || input.Offset > through {
		return false
	}
	b.w.metrics.repaired.WithLabelValues(stage.Name, topic).Inc()
	return true
}

// appendChangelogs appends every changed key and the position to each stateful stage's changelog.
func (b *batch) appendChangelogs(ctx context.Context, topic string, next int64) error {
	position := []byte(kafkalog.Address(topic, b.part.id, next))
	for i, stage := range b.w.chain {
		if !stage.Stateful() {
			continue
		}
		for key, value := range b.part.copy.tables[i].Changes() {
			frame, err := b.encodeState(stage, key, value)
			if err != nil {
				return err
			}
			b.appendChange(ctx, i, key, frame, position)
		}
		b.appendChange(ctx, i, positionKey, position, position)
	}
	return nil
}

func (b *batch) encodeState(stage *streams.Stage, key string, value any) ([]byte, error) {
	if value == nil {
		return nil, nil // a tombstone
	}
	codec, err := stage.StateCodec(key)
	if err != nil {
		return nil, err
	}
	return b.w.serde.EncodeValue(codec, value)
}

// appendChange appends one change to the i-th stage's changelog and notes where it came to stand.
func (b *batch) appendChange(ctx context.Context, i int, key string, value, position []byte) {
	record := &kgo.Record{
		Topic: b.w.chain[i].Changelog(), Partition: b.part.id, Key: []byte(key), Value: value,
		Headers: []kgo.RecordHeader{{Key: wire.HeaderInputOffset, Value: position}},
	}
	b.w.metrics.written.WithLabelValues(record.Topic).Inc()
	b.client.Produce(ctx, record, func(r *kgo.Record, err error) {
		b.keepFirstError(r, err)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.logged[i] = max(b.logged[i], r.Offset+1)
	})
}

func (b *batch) produceOutput(ctx context.Context, record *kgo.Record) {
	b.w.metrics.written.WithLabelValues(record.Topic).Inc()
	b.client.Produce(ctx, record, b.keepFirstError)
}

// keepFirstError keeps the first error.
func (b *batch) keepFirstError(r *kgo.Record, err error) {
	if err == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = fmt.Errorf("produce to %s/%d: %w", r.Topic, r.Partition, err)
	}
}

// produceErr returns why the first produce failed. It is only complete after a flush.
func (b *batch) produceErr() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}
