package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/touchline/touchline/infra/kafkalog"
)

// pollLoop is the session's owner: it polls, folds each partition in a goroutine, and ends the transaction. soft is
// done when the worker should take nothing new; hard bounds the commit of what it has taken.
func (s *session) pollLoop(soft, hard context.Context) error {
	for soft.Err() == nil {
		s.idle.Store(time.Now().UnixNano())
		fetches := s.txn.PollRecords(soft, s.max)
		s.idle.Store(0)
		if err := kafkalog.FetchError(fetches); err != nil && soft.Err() == nil {
			return s.w.classifyError(err, 0)
		}
		if fetches.NumRecords() > 0 {
			if err := s.transactBatch(hard, fetches); err != nil {
				return err
			}
		}
	}
	return nil
}

// transactBatch folds what was fetched in one transaction. An error means that the session can't go on; a batch that
// was aborted is fetched again.
func (s *session) transactBatch(ctx context.Context, fetches kgo.Fetches) error {
	ctx, cancel := context.WithTimeout(ctx, s.w.cfg.StopTimeout+s.w.cfg.TransactionTimeout)
	defer cancel()
	s.beginBusy()
	defer s.endBusy()
	started := time.Now()
	if err := s.txn.Begin(); err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	batches, foldErr := s.foldAll(ctx, fetches)
	folded := time.Now()
	if foldErr == nil {
		foldErr = s.flushBatches(ctx, batches)
	}
	committed, err := s.txn.End(ctx, kgo.TransactionEndTry(foldErr == nil))
	s.mu.Lock()
	for _, b := range batches {
		b.finishTransaction(committed)
	}
	s.mu.Unlock()
	ending := time.Since(folded)
	s.w.metrics.countTransaction(s.w.chain.Name(), committed, fetches.NumRecords(), time.Since(started), ending)
	s.least = min(cmp.Or(s.least, ending)+s.least/16, ending) // forgets slowly
	switch {
	case err != nil:
		return s.w.classifyError(fmt.Errorf("end a transaction of %d records: %w", fetches.NumRecords(), err),
			time.Since(started))
	case errors.Is(foldErr, errSlowBatch):
		s.max = max(1, fetches.NumRecords()/2)
		s.w.log.Warn("batch took too long, aborted and halved", "records", fetches.NumRecords(), "next", s.max)
	case foldErr != nil && !errors.Is(foldErr, errRevoked):
		return s.w.classifyError(foldErr, time.Since(started))
	case !committed:
		s.w.log.Info("transaction aborted, its records are fetched again", "records", fetches.NumRecords())
	case fetches.NumRecords() == s.max:
		s.max = s.w.cfg.nextBatch(s.max, time.Since(started)-s.least)
	}
	return nil
}

// flushBatches waits until all that the batches produced is acknowledged, and returns why the first record was not. End
// alone would commit the others without it.
func (s *session) flushBatches(ctx context.Context, batches []*batch) error {
	if err := s.txn.Client().Flush(ctx); err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	for _, b := range batches {
		if err := b.produceErr(); err != nil {
			return err
		}
	}
	return nil
}

// nextBatch returns how many records the next batch may have after a full one that took so long: as many as fit into a
// quarter of BatchTime, at most twice as many. What any commit takes, however small, is no part of that time: smaller
// batches would not make it shorter, and slow brokers would leave a backlog that is never folded.
func (c Config) nextBatch(records int, took time.Duration) int {
	fit := int(float64(records) * float64(c.BatchTime/4) / float64(max(took, time.Microsecond)))
	return max(1, min(fit, 2*records, c.MaxBatch))
}

// errRevoked aborts a batch some of whose records belong to a partition that has been revoked since they were polled.
var errRevoked = errors.New("a partition was revoked")

// foldAll folds the partitions of a fetch in parallel and waits for all.
func (s *session) foldAll(ctx context.Context, fetches kgo.Fetches) ([]*batch, error) {
	var (
		batches []*batch
		group   errgroup.Group
	)
	deadline := time.Now().Add(s.w.cfg.BatchTime)
	if fetches.NumRecords() == 1 {
		deadline = deadline.Add(time.Hour) // a single record can't be halved
	}
	var revoked error
	fetches.EachPartition(func(fetched kgo.FetchTopicPartition) {
		if len(fetched.Records) == 0 {
			return
		}
		s.mu.Lock()
		part := s.parts[fetched.Partition]
		s.mu.Unlock()
		if part == nil || part.copy == nil {
			revoked = errRevoked // between the poll and now
			return
		}
		b := newBatch(s.w, s.txn.Client(), part, deadline)
		batches = append(batches, b)
		group.Go(func() error { return b.foldRecords(ctx, fetched.Records) })
	})
	return batches, errors.Join(group.Wait(), revoked)
}
