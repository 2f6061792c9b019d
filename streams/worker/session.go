package worker

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/touchline/touchline/infra/retry"
)

// Run folds records until ctx is done, and returns nil then. A session that breaks (a broker that went away, a
// transaction that timed out) is replaced by a new one with backoff; being fenced by another process is final.
func (w *Worker) Run(ctx context.Context) error {
	for _, stage := range w.chain {
		w.metrics.followed.WithLabelValues(stage.Name) // 0 is an answer too
	}
	ctx, cancel := context.WithCancel(ctx)
	standby := make(chan struct{})
	go func() {
		defer close(standby)
		w.keepCopiesWarm(ctx)
	}()
	defer func() { cancel(); <-standby }()
	return w.runSessions(ctx)
}

// runSessions runs one session after the other.
func (w *Worker) runSessions(ctx context.Context) (final error) {
	retry.Run(ctx, func(ctx context.Context) error {
		err := w.runSession(ctx)
		if fenced, refused := (*FencedError)(nil), (*StartError)(nil); errors.As(err, &fenced) ||
			errors.As(err, &refused) {
			final = err
			return nil
		}
		return err
	}, func(err error, wait time.Duration) {
		w.log.Warn("session broke, starting another", "error", err, "wait", wait)
		w.metrics.sessions.WithLabelValues(w.chain.Name()).Inc()
	})
	return final
}

// firstBatch is the size of a session's first batch, before it is known how long they take.
const firstBatch = 20

// session is one transactional Kafka session. One goroutine, loop, owns it: poll, fold, commit. Another restores newly
// assigned partitions while they are paused.
type session struct {
	w    *Worker
	txn  *kgo.GroupTransactSession
	work chan []*partition // assigned, to be restored

	restored chan struct{} // gets a value when partitions begin to flow: lag is looked at then

	paused bool         // an operator holds the stage; guarded by mu
	idle   atomic.Int64 // since when, in Unix nanoseconds, the loop waits for records; 0 while it works

	mu      sync.Mutex
	parts   map[int32]*partition // assigned; copies are nil until restored
	busy    bool                 // a transaction is under way
	leaving []*partition         // revoked meanwhile: handed over when it has ended
	max     int                  // records of the next batch
	least   time.Duration        // what a commit takes at least, of late
}

func (w *Worker) runSession(ctx context.Context) error {
	// The session's own context outlives the stop: the last batch still commits.
	hard, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	s := &session{w: w, parts: map[int32]*partition{}, max: min(w.cfg.MaxBatch, firstBatch),
		work:     make(chan []*partition, 64),
		restored: make(chan struct{}, 1)}
	txn, err := kgo.NewGroupTransactSession(s.clientOptions(hard)...)
	if err != nil {
		return fmt.Errorf("open a session: %w", err)
	}
	s.txn = txn
	defer s.closeSession()

	// Under the same transactional id this aborts what a killed predecessor left open, so that nobody waits for its
	// transaction to time out.
	if _, _, err := txn.Client().ProducerID(ctx); err != nil {
		return w.classifyError(fmt.Errorf("begin as %s: %w", w.cfg.transactionalID(w.chain), err), 0)
	}
	group, loopCtx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.restoreAll(loopCtx) })
	group.Go(func() error { return s.watchLag(loopCtx) })
	group.Go(func() error { return s.followPauses(loopCtx) })
	group.Go(func() error { return s.pollLoop(loopCtx, hard) })
	return group.Wait()
}

func (s *session) clientOptions(ctx context.Context) []kgo.Opt {
	cfg, chain := s.w.cfg, s.w.chain
	assigned := func(_ context.Context, client *kgo.Client, topics map[string][]int32) {
		s.assignPartitions(ctx, client, topics)
	}
	revoked := func(_ context.Context, _ *kgo.Client, topics map[string][]int32) { s.revokePartitions(topics) }
	return append(append([]kgo.Opt{}, cfg.Client...),
		kgo.ConsumerGroup(chain.Group()), kgo.ConsumeTopics(chain.Input()),
		kgo.TransactionalID(cfg.transactionalID(chain)), kgo.TransactionTimeout(cfg.TransactionTimeout),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.SessionTimeout(cfg.SessionTimeout), kgo.HeartbeatInterval(cfg.SessionTimeout/4),
		kgo.ServerSideBalancer(), kgo.Balancers(kgo.StickyBalancer()), // the second for brokers before KIP-848
		kgo.OnPartitionsAssigned(assigned), kgo.OnPartitionsRevoked(revoked), kgo.OnPartitionsLost(revoked),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(0),
		kgo.ConcurrentTransactionsBackoff(2*time.Millisecond),
		kgo.RetryBackoffFn(requestBackoff), kgo.MetadataMinAge(50*time.Millisecond),
		kgo.MaxProduceRequestsInflightPerBroker(1),
		kgo.FetchMaxWait(100*time.Millisecond), // partitions that are resumed join the next fetch, not one that waits
		kgo.MaxBufferedRecords(50_000), kgo.FetchMaxBytes(8<<20), kgo.FetchMaxPartitionBytes(2<<20),
		kgo.ProducerBatchCompression(kgo.Lz4Compression(), kgo.NoCompression()), kgo.ProducerBatchMaxBytes(8<<20),
	)
}

// requestBackoff is how long a request waits before its n-th retry, from 2 ms to 1 s. It begins low because Kafka 4
// answers the first produce of a transaction with CONCURRENT_TRANSACTIONS while the markers of the one before are still
// being written (KIP-890), and franz-go's default of 250 ms would be spent in every transaction. For the same reason
// metadata may be asked for every 50 ms: a partition whose produce was refused waits for fresh metadata, by default for
// up to 5 s, which is a whole transaction's timeout. And one request at a time goes to a broker: what was sent behind a
// refused one is refused too.
func requestBackoff(n int) time.Duration {
	const most = time.Second
	if n > 9 {
		return most
	}
	wait := time.Millisecond << max(1, n)
	return wait + rand.N(wait/4)
}

// assignPartitions registers partitions and pauses them; restoring runs elsewhere, for a callback must not block.
func (s *session) assignPartitions(ctx context.Context, client *kgo.Client, topics map[string][]int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var fresh []*partition
	for topic, ids := range topics {
		client.PauseFetchPartitions(map[string][]int32{topic: ids})
		for _, id := range ids {
			p := &partition{id: id}
			s.parts[id] = p
			fresh = append(fresh, p)
		}
	}
	if len(fresh) == 0 {
		return
	}
	s.w.log.Info("partitions assigned", "partitions", partitionIDs(fresh))
	select {
	case s.work <- fresh:
	case <-ctx.Done():
	}
}

// revokePartitions hands partitions over: another worker restores them from the changelog. Their tables stay behind as
// warm copies.
//
// It never waits. The transaction session holds the lock that End needs while this runs, and it has seen to it that a
// transaction under way aborts, unless its commit was already being sent; then the new owner's question for the group's
// offset waits for it. Rebalances are not blocked while records are folded either: with the broker's assignment, End
// asks for a heartbeat that would wait for the rebalance that waits for End.
func (s *session) revokePartitions(topics map[string][]int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ids := range topics {
		if len(ids) > 0 {
			s.w.log.Info("partitions revoked", "partitions", ids)
		}
		for _, id := range ids {
			if part := s.parts[id]; part != nil {
				s.leaving = append(s.leaving, part)
			}
			delete(s.parts, id)
			s.w.metrics.forgetPartition(s.w.chain.Name(), id)
		}
	}
	if !s.busy {
		s.releaseRevoked()
	}
}

// releaseRevoked keeps what the revoked partitions had in memory. The caller holds the mutex, and no batch uses the
// tables.
func (s *session) releaseRevoked() {
	for _, part := range s.leaving {
		if part.copy != nil {
			part.copy.abortTables()
			s.w.copies.giveCopy(part.id, part.copy)
		}
	}
	s.leaving = nil
}

// beginBusy and done enclose a transaction: what is revoked in between keeps its tables until the end.
func (s *session) beginBusy() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy = true
}

func (s *session) endBusy() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy = false
	s.releaseRevoked()
}

// closeSession ends the Kafka session. What it had in memory is the beginning of the next one's restore.
func (s *session) closeSession() {
	s.txn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, part := range s.parts {
		s.leaving = append(s.leaving, part)
	}
	clear(s.parts)
	s.releaseRevoked()
}

// restoreAll restores assigned partitions and lets them flow.
func (s *session) restoreAll(ctx context.Context) error {
	for first := true; ; first = false {
		select {
		case <-ctx.Done():
			return nil
		case fresh := <-s.work:
			if err := s.restorePartitions(ctx, fresh); err != nil {
				if ctx.Err() != nil {
					return nil
				}
				return fmt.Errorf("restore: %w", err)
			}
			s.resumeRestored(fresh)
			if first {
				s.logProtocol(ctx)
			}
		}
	}
}

func (s *session) resumeRestored(restored []*partition) {
	s.mu.Lock()
	var ids []int32
	for _, p := range restored {
		if s.parts[p.id] == p && !s.paused {
			ids = append(ids, p.id)
		}
	}
	s.txn.Client().ResumeFetchPartitions(map[string][]int32{s.w.chain.Input(): ids})
	s.mu.Unlock()
	select {
	case s.restored <- struct{}{}:
	default:
	}
	select {
	case <-s.w.ready:
	default:
		close(s.w.ready)
	}
}

// logProtocol logs once a session who assigns partitions: the broker (KIP-848), or the group's leader among the
// clients.
func (s *session) logProtocol(ctx context.Context) {
	name := s.w.chain.Group()
	described, err := kadm.NewClient(s.txn.Client()).DescribeConsumerGroups(ctx, name)
	if group := described[name]; err == nil && group.Err == nil && len(group.Members) > 0 {
		s.w.log.Info("group protocol", "group", name, "protocol", "consumer (KIP-848)", "assignor", group.AssignorName)
		return
	}
	s.w.log.Info("group protocol", "group", name, "protocol", "classic", "session_timeout", s.w.cfg.SessionTimeout)
}
