package source

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Config is what a collector needs to know. Zero values mean the default.
type Config struct {
	// Client options that reach the brokers: seed brokers, TLS, SASL, hooks. Required.
	Client []kgo.Opt

	// Name of the collector: it goes on after the last event that a collector of this name published. Two that run at
	// once need different names. Default: the names of its sources joined by "+".
	Name string

	// Names are those of the installation into whose raw-events the collector publishes.
	Names wire.Namespace

	// Partitions of football.raw-events. Default wire.DefaultPartitions.
	Partitions int32

	// Pace of all feeds. Default: as fast as it can.
	Pace Pace

	// Buffered is the greatest number of events that wait for the brokers; a feed that is faster waits. Default 10,000.
	Buffered int

	// StopTimeout bounds the flush of what is buffered after Run was asked to stop. What it cuts off is published again
	// after a restart. Default 10 s.
	StopTimeout time.Duration

	// Strict makes a refused row or a skipped file an error. Default: they are logged, and the others go on.
	Strict bool

	// Opening, if set, returns the event that the log of a pool begins with, nil for none. It is asked for a pool of
	// which raw-events has nothing, and may be asked again when the collector was stopped right after it. The event is
	// no part of the feed.
	Opening func(ctx context.Context, pool football.PoolID) (*football.RawEvent, error)

	// Progress, if set, is called with each event that the brokers acknowledged, in the order of its pool.
	Progress func(raw *football.RawEvent)

	// Now dates the fetching of payloads. Default time.Now.
	Now func() time.Time
}

func (c Config) withDefaults(sources []Source) Config {
	if c.Name == "" {
		c.Name = joined(sources).Name()
	}
	if c.Partitions == 0 {
		c.Partitions = wire.DefaultPartitions
	}
	if c.Buffered == 0 {
		c.Buffered = 10_000
	}
	if c.StopTimeout == 0 {
		c.StopTimeout = 10 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func (c Config) validate(sources []Source) error {
	var errs []error
	if len(c.Client) == 0 {
		errs = append(errs, errors.New("no Kafka client options: set TOUCHLINE_KAFKA_BROKERS"))
	}
	if len(sources) == 0 {
		errs = append(errs, errors.New("a collector without sources: name at least one"))
	}
	if c.Partitions < 0 {
		errs = append(errs, fmt.Errorf("%d partitions: set TOUCHLINE_PARTITIONS to that of the topics", c.Partitions))
	}
	if c.Pace.Speed < 0 || c.Pace.SkipIdle < 0 {
		errs = append(errs, fmt.Errorf("a speed of %v and idle time of %v: both must be 0 or above", c.Pace.Speed,
			c.Pace.SkipIdle))
	}
	return errors.Join(errs...)
}

// producerLinger is how long the producer waits for a batch to fill: not at all when events are paced.
func (c Config) producerLinger() time.Duration {
	if c.Pace.Speed > 0 {
		return 0
	}
	return 5 * time.Millisecond
}
