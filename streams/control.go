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

// Control is what operators have said of the stages on football.control: which version of each is current, and which are
// paused. It follows the topic while Run runs. It is safe for concurrent use.
type Control struct {
	opts  []kgo.Opt
	serde *wire.Serde
	log   *slog.Logger

	mu      sync.Mutex
	said    map[string]*football.StageControl // by stage
	next    int64                             // the offset to follow from
	changed chan struct{}
}

// NewControl reads the topic up to its end. A cluster that has no such topic yet has nothing to say.
func NewControl(ctx context.Context, opts []kgo.Opt, serde *wire.Serde, log *slog.Logger) (*Control, error) {
	c := &Control{opts: opts, serde: serde, log: log, said: map[string]*football.StageControl{}, changed: make(chan struct{})}
	client, err := c.client()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	adm := kadm.NewClient(client)
	detail, err := adm.ListTopics(ctx, wire.TopicControl)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", wire.TopicControl, err)
	}
	if errors.Is(detail[wire.TopicControl].Err, kerr.UnknownTopicOrPartition) {
		return c, nil
	}
	err = readToEnd(ctx, client, adm, wire.TopicControl, []int32{0}, nil, func(r *kgo.Record) error { return c.hear(ctx, r) })
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", wire.TopicControl, err)
	}
	return c, nil
}

func (c *Control) client() (*kgo.Client, error) {
	return kgo.NewClient(append(slices.Clone(c.opts), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
		kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
}

// hear takes one record of the topic. One that nobody can read is passed over.
func (c *Control) hear(ctx context.Context, r *kgo.Record) error {
	v, err := c.serde.Decode(ctx, wire.StageControl, r.Value)
	if undecodable := (*wire.UndecodableError)(nil); errors.As(err, &undecodable) {
		c.log.Warn("what an operator said can't be read and is passed over", "topic", r.Topic, "offset", r.Offset, "error", err)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.next = r.Offset + 1
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s/%d: %w", r.Topic, r.Offset, err)
	}
	said := v.(*football.StageControl)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next = r.Offset + 1
	c.said[said.Stage] = said
	close(c.changed)
	c.changed = make(chan struct{})
	return nil
}

// Run follows the topic until ctx is done. It returns nil then.
func (c *Control) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := c.follow(ctx); err != nil && ctx.Err() == nil {
			c.log.Warn("can't follow what operators say, trying again", "topic", wire.TopicControl, "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
	return nil
}

func (c *Control) follow(ctx context.Context) error {
	client, err := c.client()
	if err != nil {
		return err
	}
	defer client.Close()
	client.AddConsumePartitions(map[string]map[int32]kgo.Offset{wire.TopicControl: {0: kgo.NewOffset().At(c.next)}})
	for {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err := fetchError(fetches); err != nil {
			return err
		}
		for r := range fetches.RecordsAll() {
			if r.Attrs.IsControl() {
				continue
			}
			if err := c.hear(ctx, r); err != nil {
				return err
			}
		}
	}
}

// Changed returns a channel that is closed when something new is said.
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
	for stage, said := range c.said {
		versions[stage] = int(said.Version)
	}
	return versions
}

// Paused reports whether any of the chain's stages is paused.
func (c *Control) Paused(chain Chain) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(chain, func(s *Stage) bool { return c.said[s.Name] != nil && c.said[s.Name].Paused })
}

// Said returns what holds for a stage now.
func (c *Control) Said(stage string) football.StageControl {
	c.mu.Lock()
	defer c.mu.Unlock()
	if said := c.said[stage]; said != nil {
		return *said
	}
	return football.StageControl{Stage: stage, Version: 1}
}

// Say appends how stages are to run from now on.
func (c *Control) Say(ctx context.Context, controls ...football.StageControl) error {
	client, err := c.client()
	if err != nil {
		return err
	}
	defer client.Close()
	var records []*kgo.Record
	for _, control := range controls {
		frame, err := c.serde.Encode(wire.StageControl, &control)
		if err != nil {
			return err
		}
		records = append(records, &kgo.Record{Topic: wire.TopicControl, Key: []byte(control.Stage), Value: frame})
	}
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return fmt.Errorf("append to %s: %w", wire.TopicControl, err)
	}
	return nil
}
