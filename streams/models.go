package streams

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// awaitModels is how long a step waits for a fact of football.models, which was committed together with what asks for it.
// It is short of a transaction's time: the batch is aborted then, and tried again.
const awaitModels = 2 * time.Second

// Models reads the facts of football.models in order and hands each to a taker. It follows the topic while Run runs. It is
// safe for concurrent use.
type Models struct {
	opts  []kgo.Opt
	serde *wire.Serde
	take  TakeModel
	log   *slog.Logger

	said map[registration]bool // of facts that were read

	mu      sync.Mutex
	next    int64 // so many offsets are taken
	err     error // why the next one could not be
	changed chan struct{}
}

// registration is what makes two registrations of a model the same.
type registration struct {
	id      string
	version int32
	digest  string
	change  football.ModelChange
}

func registrationOf(f *football.ModelFact) registration {
	return registration{f.ID, f.Version, f.Digest, f.Change}
}

// TakeModel takes the fact at an offset. A fact that does not apply is no error; an error means that the fact could not be
// taken now and must be offered again.
type TakeModel func(ctx context.Context, offset int64, fact *football.ModelFact) error

// UntakenError says that a fact could not be taken now. What stands before it is taken, and Run offers it again.
type UntakenError struct {
	Offset int64 // of football.models
	Err    error
}

func (e *UntakenError) Error() string {
	return fmt.Sprintf("%s/%d: %v", wire.TopicModels, e.Offset, e.Err)
}

func (e *UntakenError) Unwrap() error { return e.Err }

// ReadModels reads the topic up to its end. A cluster that has no such topic yet has no facts. With an *UntakenError come the
// models up to that fact.
func ReadModels(ctx context.Context, opts []kgo.Opt, serde *wire.Serde, take TakeModel, log *slog.Logger) (*Models, error) {
	m := &Models{opts: opts, serde: serde, take: take, log: log, said: map[registration]bool{}, changed: make(chan struct{})}
	client, err := m.client()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	return m, m.read(ctx, client)
}

func (m *Models) client() (*kgo.Client, error) {
	return kgo.NewClient(append(slices.Clone(m.opts), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
		kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
}

// read takes what stands in the topic beyond what was taken.
func (m *Models) read(ctx context.Context, client *kgo.Client) error {
	adm := kadm.NewClient(client)
	detail, err := adm.ListTopics(ctx, wire.TopicModels)
	if err != nil {
		return fmt.Errorf("list %s: %w", wire.TopicModels, err)
	}
	if errors.Is(detail[wire.TopicModels].Err, kerr.UnknownTopicOrPartition) {
		return nil
	}
	from := func(kadm.ListedOffsets, kadm.ListedOffsets) map[int32]int64 { return map[int32]int64{0: m.Position()} }
	if err := readToEnd(ctx, client, adm, wire.TopicModels, []int32{0}, from, func(r *kgo.Record) error { return m.hear(ctx, r) }); err != nil {
		return fmt.Errorf("read %s: %w", wire.TopicModels, err)
	}
	return nil
}

// hear takes one record. One that nobody can read is passed over, by every reader alike.
func (m *Models) hear(ctx context.Context, r *kgo.Record) error {
	if r.Attrs.IsControl() {
		m.reach(r.Offset+1, nil)
		return nil
	}
	v, err := m.serde.Decode(ctx, wire.ModelFact, r.Value)
	if undecodable := (*wire.UndecodableError)(nil); errors.As(err, &undecodable) {
		m.log.Warn("what is said of a model can't be read and is passed over", "topic", r.Topic, "offset", r.Offset, "error", err)
		m.reach(r.Offset+1, nil)
		return nil
	}
	if err == nil {
		fact := v.(*football.ModelFact)
		m.said[registrationOf(fact)] = true
		err = m.take(ctx, r.Offset, fact)
	}
	if err != nil {
		err = &UntakenError{r.Offset, err}
		m.reach(r.Offset, err)
		return err
	}
	m.reach(r.Offset+1, nil)
	return nil
}

// reach notes how far the topic is taken, and why no further.
func (m *Models) reach(next int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.next, m.err = next, err
	close(m.changed)
	m.changed = make(chan struct{})
}

// Position returns how many offsets of the topic are taken.
func (m *Models) Position() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.next
}

// Await returns once so many offsets of the topic are taken. It gives up after 2 s and says why.
func (m *Models) Await(ctx context.Context, position int64) error {
	var late <-chan time.Time
	for {
		m.mu.Lock()
		next, err, changed := m.next, m.err, m.changed
		m.mu.Unlock()
		if next >= position {
			return nil
		}
		if late == nil {
			timer := time.NewTimer(awaitModels)
			defer timer.Stop()
			late = timer.C
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			return errors.Join(fmt.Errorf("the models as of position %d of %s are needed, and it is read to %d", position, wire.TopicModels, next), err)
		}
	}
}

// Run follows the topic until ctx is done. It returns nil then.
func (m *Models) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := m.follow(ctx); err != nil && ctx.Err() == nil {
			m.log.Warn("can't follow the models, trying again", "topic", wire.TopicModels, "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
	return nil
}

func (m *Models) follow(ctx context.Context) error {
	client, err := m.client()
	if err != nil {
		return err
	}
	defer client.Close()
	client.AddConsumePartitions(map[string]map[int32]kgo.Offset{wire.TopicModels: {0: kgo.NewOffset().At(m.Position())}})
	for {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err := fetchError(fetches); err != nil {
			return err
		}
		for r := range fetches.RecordsAll() {
			if err := m.hear(ctx, r); err != nil {
				return err
			}
		}
	}
}
