package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/infra/retry"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// streamParts are what all streams of a projector have in common.
type streamParts struct {
	cfg     Config
	kafka   []kgo.Opt
	pool    *pgxpool.Pool
	logger  *slog.Logger
	metrics *metrics
	now     func() time.Time
}

// stream follows one topic: poll, decode, write, and again. While one batch is being written the next is decoded.
type stream[F any] struct {
	streamParts
	projection projection[F]
	name       string        // of the topic in Kafka, in the version that is current
	local      string        // the same without the installation, as rows have it
	ready      chan struct{} // closed, by once, when partitions were claimed for the first time
	once       sync.Once
	epoch      atomic.Int64
	inFlight   atomic.Int32 // batches between poll and commit

	mu      sync.Mutex         // guards what follows
	trouble error              // what keeps it from writing; nil while it writes
	spans   map[int32]span     // how far each partition was polled: next is where the next batch begins
	lag     map[int32]lagPoint // of the partitions that it has
}

func newStream[F any](parts streamParts, p projection[F]) *stream[F] {
	return &stream[F]{
		streamParts: parts, projection: p, ready: make(chan struct{}), spans: map[int32]span{},
		lag: map[int32]lagPoint{},
	}
}

func (s *stream[F]) topicName() string             { return s.projection.topicName() }
func (s *stream[F]) readyChannel() <-chan struct{} { return s.ready }
func (s *stream[F]) becomeReady()                  { s.once.Do(func() { close(s.ready) }) }

// followTopic follows the topic until ctx is done. When that fails (a lost partition, an answer that makes no sense),
// it begins again from the checkpoints.
func (s *stream[F]) followTopic(ctx context.Context) error {
	waits := retry.New()
	for {
		err := s.followOnce(ctx)
		if ctx.Err() != nil {
			return nil
		}
		s.setTrouble(err)
		s.logger.Warn("projection starts again", "topic", s.topicName(), "error", err)
		_ = waits.Sleep(ctx) // ctx is looked at again
	}
}

// followOnce joins the group with a client of its own and follows the topic until something fails.
func (s *stream[F]) followOnce(ctx context.Context) error {
	names := s.cfg.Names()
	topic := names.Topic(s.topicName())
	s.name = topic
	s.local, _ = names.LocalName(topic)
	client, err := kgo.NewClient(kafkalog.Committed(s.kafka,
		kgo.ConsumerGroup(s.cfg.Group+"."+s.local),
		kgo.ConsumeTopics(topic),
		kgo.FetchMaxPartitionBytes(8<<20),
		kgo.FetchMaxWait(100*time.Millisecond),
		kgo.DisableAutoCommit(),
		kgo.RebalanceTimeout(s.cfg.RebalanceTimeout),
		kgo.SessionTimeout(10*time.Second),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, assigned map[string][]int32) {
			if len(assigned[topic]) == 0 {
				s.becomeReady() // in the group, with nothing to do: others have all partitions
			}
		}),
		kgo.OnPartitionsRevoked(func(_ context.Context, _ *kgo.Client, revoked map[string][]int32) {
			s.waitForWrites()
			s.dropLagOf(revoked[topic])
		}),
		kgo.AdjustFetchOffsetsFn(s.claimPartitions),
	)...)
	if err != nil {
		return fmt.Errorf("make Kafka client: %w", err)
	}
	defer client.CloseAllowingRebalance()

	batches := make(chan *batch[F]) // unbuffered: one batch being written, one being decoded
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(batches)
		return s.pollBatches(ctx, client, batches)
	})
	group.Go(func() error { return s.writeBatches(ctx, client, batches) })
	group.Go(func() error { return s.watchVersions(ctx) })
	return group.Wait()
}

// watchVersions fails when the line was switched to another version of the topic.
func (s *stream[F]) watchVersions(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if now := s.cfg.Names().Topic(s.topicName()); now != s.name {
			return fmt.Errorf("the line was switched from %s to %s", s.name, now)
		}
	}
}

// claimPartitions answers the group's question where to begin: at the checkpoints.
func (s *stream[F]) claimPartitions(ctx context.Context, asked map[string]map[int32]kgo.Offset) (
	map[string]map[int32]kgo.Offset, error) {
	topic := s.name
	var partitions []int32
	for p := range asked[topic] {
		partitions = append(partitions, p)
	}
	if len(partitions) == 0 {
		return asked, nil
	}
	waits := retry.New()
	for {
		err := s.tryClaimPartitions(ctx, topic, partitions, asked[topic])
		if err == nil {
			s.setTrouble(nil)
			s.becomeReady()
			return asked, nil
		}
		if ctx.Err() != nil {
			return nil, err
		}
		s.setTrouble(err)
		s.logger.Warn("checkpoints can't be read", "topic", topic, "error", err)
		_ = waits.Sleep(ctx) // ctx is looked at again
	}
}

// tryClaimPartitions writes the offset where each partition begins into offsets.
func (s *stream[F]) tryClaimPartitions(ctx context.Context, topic string, partitions []int32,
	offsets map[int32]kgo.Offset) error {
	reader, err := kafkalog.Open(s.kafka)
	if err != nil {
		return err
	}
	defer reader.Close()
	id, err := reader.TopicID(ctx, topic)
	if err != nil {
		return err
	}
	spans, err := reader.Spans(ctx, topic)
	if err != nil {
		return err
	}
	epoch, next, err := readCheckpoints(ctx, s.pool, s.topicName(), id, partitions,
		s.projection.forgetSQL())
	if err != nil {
		return err
	}
	for _, p := range partitions {
		if span, ok := spans[p]; ok && next[p] > span.End {
			return fmt.Errorf("the checkpoint %d of partition %d is beyond the end of the topic, %d: "+
				"the log has lost records; rebuild the projection from the log", next[p], p, span.End)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epoch.Store(epoch)
	for _, p := range partitions {
		s.spans[p] = span{epoch: epoch, from: next[p], next: next[p]}
		offsets[p] = kgo.NewOffset().At(next[p]).WithEpoch(-1)
	}
	return nil
}

// waitForWrites waits, before partitions go to another projector, until what was polled of them is written: then the
// other begins where this one ended. When that takes too long it gives up: the checkpoint decides who was first.
func (s *stream[F]) waitForWrites() {
	deadline := time.After(s.cfg.RebalanceTimeout / 2)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for s.inFlight.Load() > 0 {
		select {
		case <-tick.C:
		case <-deadline:
			return
		}
	}
}

func (s *stream[F]) pollBatches(ctx context.Context, client *kgo.Client, batches chan<- *batch[F]) error {
	for {
		fetches := client.PollRecords(ctx, s.cfg.MaxBatch)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := kafkalog.FetchError(fetches); err != nil {
			return err
		}
		if fetches.NumRecords() == 0 {
			continue
		}
		s.inFlight.Add(1)
		b, err := s.decodeFetches(ctx, fetches)
		if err != nil || len(b.spans) == 0 {
			s.inFlight.Add(-1)
		}
		if err != nil {
			return err
		}
		if len(b.spans) == 0 { // markers only
			s.publishLag()
			continue
		}
		select {
		case batches <- b:
		case <-ctx.Done():
			s.inFlight.Add(-1)
			return ctx.Err()
		}
	}
}

// decodeFetches turns a poll into a batch. What will never decode is parked; while the registry can't be asked it
// waits.
func (s *stream[F]) decodeFetches(ctx context.Context, fetches kgo.Fetches) (*batch[F], error) {
	b := &batch[F]{items: make([]item[F], 0, fetches.NumRecords()), spans: map[int32]span{}}
	var failed error
	fetches.EachPartition(func(fetched kgo.FetchTopicPartition) {
		if failed != nil || len(fetched.Records) == 0 {
			return
		}
		s.mu.Lock()
		sp := s.spans[fetched.Partition]
		s.mu.Unlock()
		sp.from, sp.at = sp.next, 0
		for _, r := range fetched.Records {
			if r.Offset < sp.next || r.Attrs.IsControl() {
				continue // polled before the partition was claimed anew, or a marker
			}
			it := item[F]{record: r}
			var err error
			it.fact, it.at, err = s.decodeWithRetry(ctx, r)
			var undecodable *wire.UndecodableError
			switch {
			case errors.As(err, &undecodable):
				b.parked = append(b.parked, parkedRecord{r, err.Error()})
			case err != nil:
				failed = err
				return
			default:
				b.items = append(b.items, it)
			}
			sp.at = max(sp.at, it.at)
			sp.next = r.Offset + 1
		}
		if sp.next > sp.from {
			b.spans[fetched.Partition] = sp
		}
		newest := fetched.Records[len(fetched.Records)-1]
		point := lagPoint{next: newest.Offset + 1, end: fetched.LastStableOffset}
		s.mu.Lock()
		s.spans[fetched.Partition] = sp
		if point.end > point.next {
			point.behind = s.now().Sub(newest.Timestamp)
		}
		s.lag[fetched.Partition] = point
		s.mu.Unlock()
	})
	return b, failed
}

func (s *stream[F]) decodeWithRetry(ctx context.Context, r *kgo.Record) (fact *F, at football.Instant, err error) {
	waits := retry.New()
	for {
		fact, at, err = s.projection.decodeRecord(ctx, r)
		var undecodable *wire.UndecodableError
		if err == nil || errors.As(err, &undecodable) || ctx.Err() != nil {
			return fact, at, err
		}
		s.setTrouble(err)
		s.logger.Warn("schema registry can't be asked", "topic", r.Topic, "error", err)
		_ = waits.Sleep(ctx) // ctx is looked at again
	}
}

// writeBatches writes batches in order, each as often as it takes.
func (s *stream[F]) writeBatches(ctx context.Context, client *kgo.Client, batches <-chan *batch[F]) error {
	var current *connection
	defer func() {
		if current != nil {
			current.discard()
		}
	}()
	for b := range batches {
		waits := retry.New()
		for {
			var err error
			if current == nil {
				current, err = openConnection(ctx, s.pool)
			}
			if err == nil {
				err = s.writeBatch(ctx, current, b)
			}
			if err == nil {
				break
			}
			if current != nil {
				current.discard() // whatever happened, the next try has a connection without a past
				current = nil
			}
			if ctx.Err() != nil || classifyError(err) == leavePartitions {
				s.inFlight.Add(-1)
				return err
			}
			s.setTrouble(err)
			s.logger.Warn("batch not written, trying again",
				"topic", s.topicName(), "records", len(b.items), "error", err)
			_ = waits.Sleep(ctx) // ctx is looked at again
		}
		s.inFlight.Add(-1)
		s.setTrouble(nil)
		s.publishLag()
		s.commitGroupOffsets(ctx, client, b)
	}
	return ctx.Err()
}

// commitGroupOffsets commits to the group how far it is, for tools that list the lag of groups. Nothing reads it back.
func (s *stream[F]) commitGroupOffsets(ctx context.Context, client *kgo.Client, b *batch[F]) {
	offsets := map[int32]kgo.EpochOffset{}
	for p, sp := range b.spans {
		offsets[p] = kgo.EpochOffset{Epoch: -1, Offset: sp.next}
	}
	client.CommitOffsets(ctx, map[string]map[int32]kgo.EpochOffset{s.name: offsets}, nil)
}

// setTrouble records what is wrong, or with nil that nothing is.
func (s *stream[F]) setTrouble(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble = err
}

func (s *stream[F]) checkHealth() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.trouble != nil {
		return fmt.Errorf("projection of %s: %w", s.topicName(), s.trouble)
	}
	return nil
}
