package watch

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/wire"
)

// Line follows what goes into the line and what comes out of it, on a connection that no fault of a proxy touches. A
// channel is a partition.
type Line struct {
	*Gaps
	Events      atomic.Int64 // raw events seen
	Predictions atomic.Int64 // committed forecasts seen

	client *kgo.Client
}

// NewLine returns an observer of the line from its beginning on.
func NewLine(brokers []string) (*Line, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeTopics(wire.TopicRawEvents, wire.TopicPredictions), kgo.FetchMaxWait(100*time.Millisecond),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		return nil, fmt.Errorf("observe the line: %w", err)
	}
	return &Line{Gaps: NewGaps(), client: client}, nil
}

// Run follows until ctx is done. Errors of the brokers pass: the client tries again by itself.
func (l *Line) Run(ctx context.Context) {
	defer l.client.Close()
	for ctx.Err() == nil {
		fetches := l.client.PollFetches(ctx)
		now := time.Now()
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			switch {
			case len(p.Records) == 0:
			case p.Topic == wire.TopicRawEvents:
				l.Events.Add(int64(len(p.Records)))
				l.In(p.Partition, now)
			default:
				l.Predictions.Add(int64(len(p.Records)))
				l.Out(p.Partition, now)
			}
		})
	}
}
