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
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/touchline/touchline/schemas/wire"
)

// stream follows one topic: poll, decode, write, and again. While one batch is being written the next is decoded.
type stream struct {
	cfg        Config
	projection projection
	name       string // of the topic in Kafka, for one session
	kafka      []kgo.Opt
	pool       *pgxpool.Pool
	logger     *slog.Logger
	metrics    *metrics
	now        func() time.Time

	epoch   atomic.Int64
	ready   chan struct{} // closed once partitions were claimed for the first time
	once    sync.Once
	mu      sync.Mutex
	trouble error              // what keeps it from writing; nil while it writes
	spans   map[int32]span     // how far each partition was polled: next is where the next batch begins
	flight  atomic.Int32       // batches between poll and commit
	lag     map[int32]lagPoint // of the partitions that it has
}

type lagPoint struct {
	next, end int64
	behind    time.Duration
}

// run follows the topic until ctx is done. A session that fails (a lost partition, an answer that makes no sense) is
// begun again from the checkpoints.
func (s *stream) run(ctx context.Context) error {
	wait := backoff{}
	for {
		err := s.session(ctx)
		if ctx.Err() != nil {
			return nil
		}
		s.report(err)
		s.logger.Warn("projection starts again", "topic", s.projection.topic(), "cause", err)
		wait.sleep(ctx)
	}
}

func (s *stream) session(ctx context.Context) error {
	topic := s.cfg.Versions().Topic(s.projection.topic())
	s.name = topic
	client, err := kgo.NewClient(append(append([]kgo.Opt{}, s.kafka...),
		kgo.ConsumerGroup(s.cfg.Group+"."+topic),
		kgo.ConsumeTopics(topic),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), // so that the lag is 0 behind a transaction's marker
		kgo.FetchMaxPartitionBytes(8<<20),
		kgo.FetchMaxWait(100*time.Millisecond),
		kgo.DisableAutoCommit(),
		kgo.RebalanceTimeout(s.cfg.RebalanceTimeout),
		kgo.SessionTimeout(10*time.Second),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, assigned map[string][]int32) {
			if len(assigned[topic]) == 0 {
				s.once.Do(func() { close(s.ready) }) // in the group, with nothing to do: others have all partitions
			}
		}),
		kgo.OnPartitionsRevoked(func(_ context.Context, _ *kgo.Client, revoked map[string][]int32) {
			s.drain()
			s.letGo(revoked[topic])
		}),
		kgo.AdjustFetchOffsetsFn(s.claim),
	)...)
	if err != nil {
		return fmt.Errorf("make Kafka client: %w", err)
	}
	defer client.CloseAllowingRebalance()

	batches := make(chan *batch) // unbuffered: one batch being written, one being decoded
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(batches)
		return s.poll(ctx, client, batches)
	})
	group.Go(func() error { return s.writeAll(ctx, client, batches) })
	group.Go(func() error { return s.watchVersions(ctx) })
	return group.Wait()
}

// watchVersions ends the session when the line was switched to another version of the topic.
func (s *stream) watchVersions(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if now := s.cfg.Versions().Topic(s.projection.topic()); now != s.name {
			return fmt.Errorf("the line was switched from %s to %s", s.name, now)
		}
	}
}

// claim answers the group's question where to begin: at the checkpoints.
func (s *stream) claim(ctx context.Context, asked map[string]map[int32]kgo.Offset) (map[string]map[int32]kgo.Offset, error) {
	topic := s.name
	var partitions []int32
	for p := range asked[topic] {
		partitions = append(partitions, p)
	}
	if len(partitions) == 0 {
		return asked, nil
	}
	wait := backoff{}
	for {
		err := s.tryClaim(ctx, topic, partitions, asked[topic])
		if err == nil {
			s.report(nil)
			s.once.Do(func() { close(s.ready) })
			return asked, nil
		}
		if ctx.Err() != nil {
			return nil, err
		}
		s.report(err)
		s.logger.Warn("checkpoints can't be read", "topic", topic, "cause", err)
		wait.sleep(ctx)
	}
}

func (s *stream) tryClaim(ctx context.Context, topic string, partitions []int32, offsets map[int32]kgo.Offset) error {
	client, err := kgo.NewClient(s.kafka...)
	if err != nil {
		return fmt.Errorf("make Kafka client: %w", err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	details, err := admin.ListTopics(ctx, topic)
	if err != nil {
		return fmt.Errorf("ask for the id of the topic: %w", err)
	}
	if err := details[topic].Err; err != nil {
		return fmt.Errorf("ask for the id of the topic: %w", err)
	}
	ends, err := admin.ListEndOffsets(ctx, topic)
	if err != nil {
		return fmt.Errorf("ask for the end of the topic: %w", err)
	}
	epoch, next, err := claim(ctx, s.pool, s.projection.topic(), details[topic].ID, partitions, s.projection.forget())
	if err != nil {
		return err
	}
	for _, p := range partitions {
		if end, ok := ends.Lookup(topic, p); ok && end.Err == nil && next[p] > end.Offset {
			return fmt.Errorf("the checkpoint %d of partition %d is beyond the end of the topic, %d: the log has lost records; "+
				"rebuild the projection from the log", next[p], p, end.Offset)
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

// drain waits, before partitions go to another projector, until what was polled of them is written: then the other
// begins where this one ended. When that takes too long it gives up: the checkpoint decides who was first.
func (s *stream) drain() {
	deadline := time.After(s.cfg.RebalanceTimeout / 2)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for s.flight.Load() > 0 {
		select {
		case <-tick.C:
		case <-deadline:
			return
		}
	}
}

func (s *stream) poll(ctx context.Context, client *kgo.Client, batches chan<- *batch) error {
	for {
		fetches := client.PollRecords(ctx, s.cfg.MaxBatch)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var failed error
		fetches.EachError(func(_ string, partition int32, err error) {
			failed = errors.Join(failed, fmt.Errorf("fetch partition %d: %w", partition, err))
		})
		if failed != nil {
			return failed
		}
		if fetches.NumRecords() == 0 {
			continue
		}
		s.flight.Add(1)
		b, err := s.decode(ctx, fetches)
		if err != nil || len(b.spans) == 0 {
			s.flight.Add(-1)
		}
		if err != nil {
			return err
		}
		if len(b.spans) == 0 { // markers only
			s.observe()
			continue
		}
		select {
		case batches <- b:
		case <-ctx.Done():
			s.flight.Add(-1)
			return ctx.Err()
		}
	}
}

// decode turns a poll into a batch. What will never decode is parked; while the registry can't be asked it waits.
func (s *stream) decode(ctx context.Context, fetches kgo.Fetches) (*batch, error) {
	b := &batch{items: make([]item, 0, fetches.NumRecords()), spans: map[int32]span{}}
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
			it := item{record: r}
			var err error
			it.fact, it.at, err = s.decodeRecord(ctx, r)
			var undecodable *wire.UndecodableError
			switch {
			case errors.As(err, &undecodable):
				b.parked = append(b.parked, parked{it, err.Error()})
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

func (s *stream) decodeRecord(ctx context.Context, r *kgo.Record) (fact any, at instant, err error) {
	wait := backoff{}
	for {
		fact, at, err = s.projection.decode(ctx, r)
		var undecodable *wire.UndecodableError
		if err == nil || errors.As(err, &undecodable) || ctx.Err() != nil {
			return fact, at, err
		}
		s.report(err)
		s.logger.Warn("schema registry can't be asked", "topic", r.Topic, "cause", err)
		wait.sleep(ctx)
	}
}

// writeAll writes batches in order, each as often as it takes.
func (s *stream) writeAll(ctx context.Context, client *kgo.Client, batches <-chan *batch) error {
	var current *session
	defer func() {
		if current != nil {
			current.close()
		}
	}()
	for b := range batches {
		wait := backoff{}
		for {
			var err error
			if current == nil {
				current, err = openSession(ctx, s.pool)
			}
			if err == nil {
				err = s.write(ctx, current, b)
			}
			if err == nil {
				break
			}
			if current != nil {
				current.close() // whatever happened, the next try has a connection without a past
				current = nil
			}
			if ctx.Err() != nil || judge(err) == giveUp {
				s.flight.Add(-1)
				return err
			}
			s.report(err)
			s.logger.Warn("batch not written, trying again", "topic", s.projection.topic(), "records", len(b.items), "cause", err)
			wait.sleep(ctx)
		}
		s.flight.Add(-1)
		s.report(nil)
		s.observe()
		s.commitForShow(ctx, client, b)
	}
	return ctx.Err()
}

// observe publishes how far the partitions are.
func (s *stream) observe() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p, point := range s.lag {
		s.metrics.setLag(s.projection.topic(), p, point)
	}
}

// letGo ends what is published of partitions that another projector has now.
func (s *stream) letGo(partitions []int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range partitions {
		delete(s.lag, p)
		s.metrics.dropLag(s.projection.topic(), p)
	}
}

// commitForShow tells the group how far it is, for tools that list the lag of groups. Nothing reads it back.
func (s *stream) commitForShow(ctx context.Context, client *kgo.Client, b *batch) {
	offsets := map[int32]kgo.EpochOffset{}
	for p, sp := range b.spans {
		offsets[p] = kgo.EpochOffset{Epoch: -1, Offset: sp.next}
	}
	client.CommitOffsets(ctx, map[string]map[int32]kgo.EpochOffset{s.name: offsets}, nil)
}

// report says what is wrong, or with nil that nothing is.
func (s *stream) report(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble = err
}

func (s *stream) healthy() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.trouble != nil {
		return fmt.Errorf("projection of %s: %w", s.projection.topic(), s.trouble)
	}
	return nil
}

// backoff is the time between tries: from 50 ms, doubled each time, to 5 s.
type backoff struct{ last time.Duration }

func (b *backoff) sleep(ctx context.Context) {
	b.last = min(max(50*time.Millisecond, 2*b.last), 5*time.Second)
	timer := time.NewTimer(b.last)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
