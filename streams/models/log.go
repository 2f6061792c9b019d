// Package models reads and changes football.models, the log of facts about the life of models: registered, shadowed,
// promoted, split, retired.
//
// A Log follows the topic and hands each fact, in order, to a function that applies it; stages wait in Await until the
// position that an event names is applied. A Change appends a fact and announces it to every pool in one transaction,
// so that it takes effect at one place of each pool's log (decision 0013).
//
//	log, err := models.Read(ctx, opts, names, serde, apply, logger)
//	go log.Run(ctx)
//	announced, err := models.Change{Client: opts, Reference: ref}.Apply(ctx, log, decide)
//
// What a fact means is processors/predict's business; streams/line brings the two together.
package models

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/infra/retry"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// awaitTime is how long a step waits for a fact of football.models, which was committed together with what asks for it.
// It is short of a transaction's time: the batch is aborted then, and tried again.
const awaitTime = 2 * time.Second

// Log is football.models as far as its facts have been applied. It follows the topic while Run runs. It is safe for
// concurrent use.
type Log struct {
	opts  []kgo.Opt
	names wire.Namespace
	topic string // football.models, as it is called in Kafka
	serde *wire.Serde
	apply Apply
	log   *slog.Logger

	registered map[registration]bool // of facts that were read; used by Read and Register only

	mu      sync.Mutex
	next    int64         // so many offsets are applied
	err     error         // why the next one could not be
	changed chan struct{} // closed when next or err change
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

// Apply applies the fact at an offset. A fact that makes no sense after those before it is no error; an error means
// that the fact could not be applied now and must be offered again.
type Apply func(ctx context.Context, offset int64, fact *football.ModelFact) error

// UnappliedError says that a fact could not be applied now. Those before it are applied, and Run offers it again.
type UnappliedError struct {
	Topic  string // the full name of football.models
	Offset int64
	Err    error
}

func (e *UnappliedError) Error() string {
	return fmt.Sprintf("%s/%d: %v", e.Topic, e.Offset, e.Err)
}

func (e *UnappliedError) Unwrap() error { return e.Err }

// Read reads the topic up to its end. A cluster that has no such topic yet has no facts. With an *UnappliedError comes
// the log up to that fact.
func Read(
	ctx context.Context, opts []kgo.Opt, names wire.Namespace, serde *wire.Serde, apply Apply, log *slog.Logger,
) (*Log, error) {
	l := &Log{
		opts: opts, names: names, topic: names.Topic(wire.TopicModels), serde: serde, apply: apply, log: log,
		registered: map[registration]bool{},
		changed:    make(chan struct{}),
	}
	reader, err := kafkalog.Open(opts)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return l, l.readToEnd(ctx, reader)
}

// readToEnd applies what the topic has beyond what was applied.
func (l *Log) readToEnd(ctx context.Context, reader *kafkalog.Reader) error {
	exists, err := reader.Exists(ctx, l.topic)
	if err != nil || !exists {
		return err
	}
	_, err = reader.Scan(ctx, l.topic, 0, l.Position(), kafkalog.ToEnd, func(r *kgo.Record) error {
		return l.applyRecord(ctx, r)
	})
	return err
}

// applyRecord applies one record. One that nobody can read is skipped, by every reader alike.
func (l *Log) applyRecord(ctx context.Context, r *kgo.Record) error {
	fact, err := wire.Decode(ctx, l.serde, wire.ModelFact, r.Value)
	if undecodable := (*wire.UndecodableError)(nil); errors.As(err, &undecodable) {
		l.log.Warn("a fact about a model can't be read and is skipped", "topic", r.Topic, "offset", r.Offset, "error",
			err)
		l.setPosition(r.Offset+1, nil)
		return nil
	}
	if err == nil {
		l.registered[registrationOf(fact)] = true
		err = l.apply(ctx, r.Offset, fact)
	}
	if err != nil {
		err = &UnappliedError{l.topic, r.Offset, err}
		l.setPosition(r.Offset, err)
		return err
	}
	l.setPosition(r.Offset+1, nil)
	return nil
}

// setPosition records how far the topic is applied, and why no further.
func (l *Log) setPosition(next int64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next, l.err = next, err
	close(l.changed)
	l.changed = make(chan struct{})
}

// Position returns how many offsets of the topic are applied.
func (l *Log) Position() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.next
}

// Await returns once so many offsets of the topic are applied. It gives up after 2 s with the reason.
func (l *Log) Await(ctx context.Context, position int64) error {
	var late <-chan time.Time
	for {
		l.mu.Lock()
		next, err, changed := l.next, l.err, l.changed
		l.mu.Unlock()
		if next >= position {
			return nil
		}
		if late == nil {
			timer := time.NewTimer(awaitTime)
			defer timer.Stop()
			late = timer.C
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			behind := fmt.Errorf("the models as of position %d of %s are needed, and it is read to %d", position,
				l.topic, next)
			return errors.Join(behind, err)
		}
	}
}

// Run follows the topic until ctx is done. It returns nil then.
func (l *Log) Run(ctx context.Context) error {
	retry.Run(ctx, l.followTopic, func(err error, wait time.Duration) {
		l.log.Warn("can't follow the models, trying again", "topic", l.topic, "error", err, "wait", wait)
	})
	return nil
}

// followTopic applies records as they come. Markers of transactions move the position too: announcements name it.
func (l *Log) followTopic(ctx context.Context) error {
	reader, err := kafkalog.Open(l.opts)
	if err != nil {
		return err
	}
	defer reader.Close()
	from := kafkalog.Offsets{l.topic: {0: l.Position()}}
	return reader.Follow(ctx, from, func(fetches kgo.Fetches) error {
		for r := range fetches.RecordsAll() {
			if r.Attrs.IsControl() {
				l.setPosition(r.Offset+1, nil)
			} else if err := l.applyRecord(ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// Register appends those registrations to football.models that are not there yet. It announces nothing, for a
// registration lets no model be served. Two processes that start at once may both append one; readers take the first.
// It must not be called while Run runs.
func (l *Log) Register(ctx context.Context, facts ...*football.ModelFact) error {
	client, err := kgo.NewClient(kafkalog.Committed(l.opts, kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		return fmt.Errorf("make a Kafka client: %w", err)
	}
	defer client.Close()
	if err := l.readToEnd(ctx, kafkalog.Over(client)); err != nil {
		return err
	}
	var missing []*kgo.Record
	for _, fact := range facts {
		if l.registered[registrationOf(fact)] {
			continue
		}
		record, err := l.factRecord(fact)
		if err != nil {
			return err
		}
		missing = append(missing, record)
	}
	if err := client.ProduceSync(ctx, missing...).FirstErr(); err != nil {
		return fmt.Errorf("register models: %w", err)
	}
	return nil
}

// factRecord is a fact as the topic has it.
func (l *Log) factRecord(fact *football.ModelFact) (*kgo.Record, error) {
	frame, err := wire.Encode(l.serde, wire.ModelFact, fact)
	if err != nil {
		return nil, err
	}
	return &kgo.Record{Topic: l.topic, Key: []byte(fact.ID), Value: frame}, nil
}
