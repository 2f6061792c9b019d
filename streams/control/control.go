// Package control is how operators steer a running line: facts on football.control say which version of each stage is
// current and which stages are paused. Every process follows them.
//
//	ctl, err := control.Read(ctx, opts, names, serde, log)
//	go ctl.Run(ctx)
//	if ctl.Paused(chain) { ... }
//
// It decides nothing itself: workers look at Paused, readers of topics at Versions.
package control

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/infra/retry"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
)

// Control is the newest control record of each stage. It follows football.control while Run runs. It is safe for
// concurrent use.
type Control struct {
	opts  []kgo.Opt
	names wire.Namespace // of the installation; its versions are not those of the records
	topic string         // football.control, as it is called in Kafka
	serde *wire.Serde
	log   *slog.Logger

	mu      sync.Mutex
	stages  map[string]*football.StageControl // by stage
	next    int64                             // the offset to follow from
	changed chan struct{}                     // closed at the next change
}

// Read reads the topic up to its end. In a cluster that has no such topic yet, every stage has version 1 and none is
// paused.
func Read(
	ctx context.Context, opts []kgo.Opt, names wire.Namespace, serde *wire.Serde, log *slog.Logger,
) (*Control, error) {
	c := &Control{
		opts: opts, names: names, topic: names.Topic(wire.TopicControl), serde: serde, log: log,
		stages: map[string]*football.StageControl{}, changed: make(chan struct{}),
	}
	reader, err := kafkalog.Open(opts)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	exists, err := reader.Exists(ctx, c.topic)
	if err != nil || !exists {
		return c, err
	}
	if err := reader.ReadToEnd(ctx, c.topic, func(r *kgo.Record) error {
		return c.applyRecord(ctx, r)
	}); err != nil {
		return nil, fmt.Errorf("read %s: %w", c.topic, err)
	}
	return c, nil
}

// applyRecord takes over one record of the topic. One that nobody can read is skipped.
func (c *Control) applyRecord(ctx context.Context, r *kgo.Record) error {
	stage, err := wire.Decode(ctx, c.serde, wire.StageControl, r.Value)
	undecodable := (*wire.UndecodableError)(nil)
	if err != nil && !errors.As(err, &undecodable) {
		return fmt.Errorf("decode %s: %w", kafkalog.AddressOf(r), err)
	}
	if err != nil {
		c.log.Warn("a control record can't be read and is skipped", "topic", r.Topic, "offset", r.Offset, "error", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next = r.Offset + 1
	if err == nil {
		c.stages[stage.Stage] = stage
		close(c.changed)
		c.changed = make(chan struct{})
	}
	return nil
}

// Run follows the topic until ctx is done. It returns nil then.
func (c *Control) Run(ctx context.Context) error {
	retry.Run(ctx, c.followTopic, func(err error, wait time.Duration) {
		c.log.Warn("can't follow the control records, trying again", "topic", c.topic, "error", err, "wait",
			wait)
	})
	return nil
}

func (c *Control) followTopic(ctx context.Context) error {
	reader, err := kafkalog.Open(c.opts)
	if err != nil {
		return err
	}
	defer reader.Close()
	c.mu.Lock()
	from := kafkalog.Offsets{c.topic: {0: c.next}}
	c.mu.Unlock()
	return reader.Follow(ctx, from, kafkalog.EachCommitted(func(r *kgo.Record) error { return c.applyRecord(ctx, r) }))
}

// Changed returns a channel that is closed at the next change.
func (c *Control) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

// Versions returns the current version of each stage's topics.
func (c *Control) Versions() wire.Versions {
	c.mu.Lock()
	defer c.mu.Unlock()
	versions := wire.Versions{}
	for name, stage := range c.stages {
		versions[name] = int(stage.Version)
	}
	return versions
}

// Names returns the names of the installation's topics in their current versions.
func (c *Control) Names() wire.Namespace { return c.names.At(c.Versions()) }

// Paused reports whether any of the chain's stages is paused.
func (c *Control) Paused(chain streams.Chain) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(chain, func(s *streams.Stage) bool {
		stage := c.stages[s.Name]
		return stage != nil && stage.Paused
	})
}

// Of returns the newest control record of a stage: version 1 and not paused where there is none.
func (c *Control) Of(stage string) football.StageControl {
	c.mu.Lock()
	defer c.mu.Unlock()
	if newest := c.stages[stage]; newest != nil {
		return *newest
	}
	return football.StageControl{Stage: stage, Version: 1}
}

// Append appends how stages are to run from now on.
func (c *Control) Append(ctx context.Context, stages ...football.StageControl) error {
	client, err := kgo.NewClient(slices.Concat(c.opts, []kgo.Opt{kgo.RecordPartitioner(kgo.ManualPartitioner())})...)
	if err != nil {
		return fmt.Errorf("make a Kafka client: %w", err)
	}
	defer client.Close()
	var records []*kgo.Record
	for _, stage := range stages {
		frame, err := wire.Encode(c.serde, wire.StageControl, &stage)
		if err != nil {
			return err
		}
		records = append(records, &kgo.Record{Topic: c.topic, Key: []byte(stage.Stage), Value: frame})
	}
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return fmt.Errorf("append to %s: %w", c.topic, err)
	}
	return nil
}
