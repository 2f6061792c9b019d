package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// batch is what one poll brought: the items in the order of each partition, and the spans that they fill.
type batch[F any] struct {
	items  []item[F]
	parked []parkedRecord
	spans  map[int32]span // by partition
}

// splitInHalves cuts a batch between two items. The first part ends, in the partition that is cut, where the second
// begins; a partition's span belongs to the part that has its last item.
func (b *batch[F]) splitInHalves() (first, second *batch[F]) {
	middle := len(b.items) / 2
	first = &batch[F]{items: b.items[:middle], spans: map[int32]span{}}
	second = &batch[F]{items: b.items[middle:], spans: maps.Clone(b.spans)}
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

// writeBatch writes the batch, or the parts of it that can be written, and parks the rest. It returns errStale, or an
// error of the connection: then b is what is still to be written.
func (s *stream[F]) writeBatch(ctx context.Context, c *connection, b *batch[F]) error {
	err := s.commitBatch(ctx, c, b, false)
	if isSQLState(err, uniqueViolation) { // a row that was expected to be new is not: the topic has a record twice
		err = s.commitBatch(ctx, c, b, true)
	}
	if err == nil || classifyError(err) != splitBatch {
		return err
	}
	if len(b.items) == 0 {
		return fmt.Errorf("park: %w", err)
	}
	if len(b.items) == 1 {
		lone := *b
		lone.parked = append(slices.Clone(b.parked), parkedRecord{b.items[0].record, err.Error()})
		lone.items = nil
		return s.commitBatch(ctx, c, &lone, false)
	}
	first, second := b.splitInHalves()
	if err := s.writeBatch(ctx, c, first); err != nil {
		return err
	}
	*b = *second // the first half is committed: a retry goes on from here
	return s.writeBatch(ctx, c, b)
}

// commitBatch writes rows, parked records and checkpoints in one transaction.
func (s *stream[F]) commitBatch(ctx context.Context, c *connection, b *batch[F], careful bool) error {
	if err := s.projection.prepareTables(ctx, c, b.items); err != nil {
		return err
	}
	tx, err := c.beginTransaction(ctx, careful)
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	if _, err := tx.Exec(ctx, `SET LOCAL synchronous_commit = off`); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := moveCheckpoints(ctx, tx, s.projection.topicName(), b.spans); err != nil {
		return err
	}
	if err := s.projection.writeItems(ctx, tx, b.items); err != nil {
		return err
	}
	if err := s.parkRecords(ctx, tx, b); err != nil {
		return err
	}
	if err := tx.commitStaged(ctx); err != nil {
		return err
	}
	s.projection.afterCommit(s.epoch.Load(), b.items)
	s.metrics.records.WithLabelValues(s.projection.topicName()).Add(float64(len(b.items)))
	s.metrics.parked.WithLabelValues(s.projection.topicName()).Add(float64(len(b.parked)))
	return nil
}
