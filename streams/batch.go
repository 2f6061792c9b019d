package streams

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// positionKey is the changelog record that every batch ends with: how far the input is applied, even when no value
// changed.
const positionKey = "@position"

// Limits of what quarantine keeps of an original.
const (
	wholeOriginal = 512 << 10
	headOriginal  = 64 << 10
)

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

func numbers(parts []*partition) []int32 {
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

	latest  map[string]*kgo.Record // by topic and key: what compacted topics get at the end
	order   []*kgo.Record          // the same in first-written order
	results []Result
	next    int64     // the input offset after the last record
	newest  time.Time // when the last record was published

	mu     sync.Mutex
	logged []int64 // by stage: the changelog offset after the last change
	err    error   // of the first produce that failed
}

// fold folds the records, produces what they cause and appends the changes of state to the changelogs. An error means
// that the transaction must be aborted.
func (b *batch) fold(ctx context.Context, records []*kgo.Record) error {
	for i, record := range records {
		if i > 0 && time.Now().After(b.deadline) { // one record may take as long as a whole batch of another stage
			return errSlowBatch
		}
		if err := b.record(ctx, record); err != nil {
			return err
		}
	}
	for _, record := range b.order {
		b.produce(ctx, record)
	}
	last := records[len(records)-1]
	b.next, b.newest = last.Offset+1, last.Timestamp
	if err := b.changelogs(ctx, last.Topic, last.Offset+1); err != nil {
		return err
	}
	return nil
}

// end applies what the batch changed, or drops it. All that it produced is acknowledged or failed by now.
func (b *batch) end(committed bool) {
	if !committed {
		b.part.copy.abort()
		return
	}
	for i, t := range b.part.copy.tables {
		t.Commit()
		b.part.copy.next[i] = max(b.part.copy.next[i], b.logged[i])
		b.part.copy.reached[i] = b.next
	}
	b.part.next, b.part.newest = b.next, b.newest
}

// record folds one record and emits what it caused.
func (b *batch) record(ctx context.Context, record *kgo.Record) error {
	stage := b.w.chain[0]
	event, err := b.w.serde.Decode(ctx, stage.Schema, record.Value)
	var undecodable *wire.UndecodableError
	switch {
	case errors.As(err, &undecodable):
		return b.emit(ctx, record, 0, Result{stage, refusedFrame(undecodable)})
	case err != nil:
		return fmt.Errorf("decode %s/%d/%d: %w", record.Topic, record.Partition, record.Offset, err)
	}
	if b.results, err = b.w.chain.fold(ctx, b.part.copy.tables, event, b.results[:0]); err != nil {
		return err
	}
	for i, result := range b.results {
		if err := b.emit(ctx, record, i, result); err != nil {
			return err
		}
	}
	return nil
}

// emit writes one output of a record to its topics.
func (b *batch) emit(ctx context.Context, input *kgo.Record, index int, result Result) error {
	if out, ok := result.Output.(*football.Dropped); ok {
		b.w.metrics.dropped.WithLabelValues(result.Stage.Name, out.Reason).Inc()
	}
	if out, ok := result.Output.(*football.Refusal); ok {
		b.w.metrics.refused.WithLabelValues(result.Stage.Name, string(out.Reason)).Inc()
	}
	for _, d := range destinations(result, input) {
		if err := b.write(ctx, input, index, result.Stage, d); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) write(ctx context.Context, input *kgo.Record, index int, stage *Stage, d destination) error {
	if through, ok := b.part.skip[d.topic]; ok && input.Offset <= through {
		b.w.metrics.repaired.WithLabelValues(stage.Name, d.topic).Inc()
		return nil
	}
	frame, err := b.w.serde.Encode(d.schema, d.value)
	if err != nil {
		return fmt.Errorf("%s: output %d of %s/%d/%d: %w", stage.Name, index, input.Topic, input.Partition, input.Offset, err)
	}
	record := &kgo.Record{
		Topic: d.topic, Partition: b.part.id, Key: []byte(d.key), Value: frame, Context: input.Context, // its trace goes on
		Headers: []kgo.RecordHeader{
			{Key: wire.HeaderCause, Value: []byte(Cause{input.Topic, input.Partition, input.Offset, index}.String())},
			{Key: wire.HeaderStage, Value: []byte(stage.Name)},
			{Key: wire.HeaderStageVersion, Value: []byte(strconv.Itoa(stage.Topics))},
		},
	}
	if trace, ok := header(input, wire.HeaderTraceparent); ok { // also where this process traces nothing itself
		record.Headers = append(record.Headers, kgo.RecordHeader{Key: wire.HeaderTraceparent, Value: trace})
	}
	if !d.latest {
		b.produce(ctx, record)
		return nil
	}
	slot := d.topic + "\x00" + d.key
	if earlier, ok := b.latest[slot]; ok {
		*earlier = *record
		return nil
	}
	b.latest[slot] = record
	b.order = append(b.order, record)
	return nil
}

// changelogs appends every changed key and the position to each stateful stage's changelog.
func (b *batch) changelogs(ctx context.Context, topic string, next int64) error {
	position := []byte(fmt.Sprintf("%s/%d/%d", topic, b.part.id, next))
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

func (b *batch) encodeState(stage *Stage, key string, value any) ([]byte, error) {
	if value == nil {
		return nil, nil // a tombstone
	}
	schema, err := stage.schemaOf(key)
	if err != nil {
		return nil, err
	}
	return b.w.serde.Encode(schema, value)
}

// appendChange appends one change to the i-th stage's changelog and notes where it came to stand.
func (b *batch) appendChange(ctx context.Context, i int, key string, value, position []byte) {
	record := &kgo.Record{
		Topic: b.w.chain[i].Changelog(), Partition: b.part.id, Key: []byte(key), Value: value,
		Headers: []kgo.RecordHeader{{Key: wire.HeaderInputOffset, Value: position}},
	}
	b.w.metrics.written.WithLabelValues(record.Topic).Inc()
	b.client.Produce(ctx, record, func(r *kgo.Record, err error) {
		b.produced(r, err)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.logged[i] = max(b.logged[i], r.Offset+1)
	})
}

func (b *batch) produce(ctx context.Context, record *kgo.Record) {
	b.w.metrics.written.WithLabelValues(record.Topic).Inc()
	b.client.Produce(ctx, record, b.produced)
}

// produced keeps the first error.
func (b *batch) produced(r *kgo.Record, err error) {
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

// refusedFrame is the refusal of a frame that can't be decoded.
func refusedFrame(err *wire.UndecodableError) *football.Refusal {
	return &football.Refusal{Reason: football.RefusedUndecodable, Detail: err.Error()}
}

// quarantined is a refused input as quarantine keeps it.
func quarantined(stage *Stage, refusal *football.Refusal, input *kgo.Record) *football.Quarantined {
	original := refusal.Original
	if len(original) == 0 {
		original = input.Value
	}
	digest := sha256.Sum256(original)
	q := &football.Quarantined{
		Stage: stage.Name, StageVersion: int32(stage.Version), Reason: refusal.Reason, Field: refusal.Field,
		Detail: refusal.Detail, Topic: input.Topic, Partition: input.Partition, Offset: input.Offset, Key: input.Key,
		Original: original, OriginalSize: int64(len(original)), Digest: hex.EncodeToString(digest[:]),
	}
	if len(original) > wholeOriginal {
		q.Original = original[:headOriginal]
	}
	return q
}
