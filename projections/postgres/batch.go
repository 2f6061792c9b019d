package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// batch is what one poll brought: the items in the order of each partition, and the spans that they fill.
type batch struct {
	items  []item
	parked []parked
	spans  map[int32]span
}

// parked is a record that can't be written.
type parked struct {
	item
	reason string
}

// halves cuts a batch between two items. The first part ends, in the partition that is cut, where the second begins;
// a partition's span belongs to the part that has its last item.
func (b *batch) halves() (first, second *batch) {
	middle := len(b.items) / 2
	first = &batch{items: b.items[:middle], spans: map[int32]span{}}
	second = &batch{items: b.items[middle:], spans: maps.Clone(b.spans)}
	for _, it := range first.items {
		p := it.record.Partition
		s, ok := first.spans[p]
		if !ok {
			s = b.spans[p]
			s.at = 0
		}
		s.next = it.record.Offset + 1
		s.at = max(s.at, it.at)
		first.spans[p] = s
	}
	for p, s := range first.spans {
		rest := second.spans[p]
		rest.from = s.next
		second.spans[p] = rest
	}
	first.parked, second.parked = nil, b.parked
	return first, second
}

// write writes the batch, or the parts of it that can be written, and parks the rest. It returns errStale, or an error
// of the connection: then what was not written is still to be written.
func (s *stream) write(ctx context.Context, session *session, b *batch) error {
	err := s.transact(ctx, session, b, false)
	if isSQLState(err, "23505") { // a row that was expected to be new is not: the topic says something twice
		err = s.transact(ctx, session, b, true)
	}
	if err == nil || judge(err) != split {
		return err
	}
	if len(b.items) == 0 {
		return fmt.Errorf("park: %w", err)
	}
	if len(b.items) == 1 {
		lone := *b
		lone.parked = append(slices.Clone(b.parked), parked{b.items[0], err.Error()})
		lone.items = nil
		return s.transact(ctx, session, &lone, false)
	}
	first, second := b.halves()
	if err := s.write(ctx, session, first); err != nil {
		return err
	}
	*b = *second // written is written: a retry goes on from here
	return s.write(ctx, session, b)
}

func (s *stream) transact(ctx context.Context, session *session, b *batch, careful bool) error {
	if err := s.projection.prepare(ctx, session, b.items); err != nil {
		return err
	}
	begun, err := session.conn.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	tx := &transaction{Tx: begun, session: session, careful: careful}
	defer tx.Rollback(context.WithoutCancel(ctx))
	if _, err := tx.Exec(ctx, `SET LOCAL synchronous_commit = off`); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := advance(ctx, tx, s.projection.topic(), b.spans); err != nil {
		return err
	}
	if err := s.projection.write(ctx, tx, b.items); err != nil {
		return err
	}
	if err := s.park(ctx, tx, b); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	for _, name := range tx.made {
		session.staged[name] = true
	}
	s.projection.committed(s.epoch.Load(), b.items)
	s.metrics.records.WithLabelValues(s.projection.topic()).Add(float64(len(b.items)))
	s.metrics.parked.WithLabelValues(s.projection.topic()).Add(float64(len(b.parked)))
	return nil
}

var parkedTable = &table{
	name:    "parked_records",
	columns: []string{"topic", "epoch", "partition", "log_offset", "reason", "key", "value", "parked_at"},
	key:     []string{"topic", "epoch", "partition", "log_offset"},
}

func (s *stream) park(ctx context.Context, tx *transaction, b *batch) error {
	if len(b.parked) == 0 {
		return nil
	}
	var rows copyBuffer
	rows.reset()
	for _, p := range b.parked {
		r := p.record
		s.logger.Warn("record parked", "topic", r.Topic, "partition", r.Partition, "offset", r.Offset, "reason", p.reason)
		rows.row(len(parkedTable.columns))
		rows.text(r.Topic)
		rows.int8(b.spans[r.Partition].epoch)
		rows.int4(r.Partition)
		rows.int8(r.Offset)
		rows.text(clean(p.reason))
		rows.bytes(head(r.Key))
		rows.bytes(head(r.Value))
		rows.instant(football.At(s.now()))
	}
	return tx.merge(ctx, parkedTable, &rows)
}

// clean makes a text that Postgres takes: no zero bytes, valid UTF-8.
func clean(s string) string {
	return string(slices.DeleteFunc([]rune(s), func(r rune) bool { return r == 0 }))
}
