package line_test

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/internal/brokertest"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/line/linetest"
)

// BenchmarkWholeLine takes a season of result rows from raw-events to evaluations, all four stages in transactions of
// their own. BenchmarkBareHops copies the same raw events through as many topics with franz-go alone, transactions and
// all. The unit of both is raw events a second; their ratio is what football and the runtime cost.
func BenchmarkWholeLine(b *testing.B) {
	raws := linetest.Season(b)
	want := linetest.Evaluations(raws)
	for b.Loop() {
		b.StopTimer()
		w := linetest.NewBroker(b, raws)
		chains, err := line.Chains(line.Separate, football.DefaultReference(), predict.BuiltInRegistry(),
			wire.Namespace{}, "normalize", "features", "predict", "evaluate")
		if err != nil {
			b.Fatal(err)
		}
		w.Prepare(b, chains...)
		runs := w.Workers(b, chains...)
		b.StartTimer()
		w.Until(b, wire.TopicEvaluations, want, runs...)
	}
	b.ReportMetric(float64(len(raws)*b.N)/b.Elapsed().Seconds(), "raw-events/s")
}

// BenchmarkBareHops is the baseline of BenchmarkWholeLine.
func BenchmarkBareHops(b *testing.B) {
	raws := linetest.Season(b)
	hops := []string{wire.TopicRawEvents, wire.TopicMatchEvents, wire.TopicMatchFeatures, wire.TopicPredictions,
		wire.TopicEvaluations}
	for b.Loop() {
		b.StopTimer()
		w := linetest.NewBroker(b, raws)
		b.StartTimer()
		var runs []func(context.Context) error
		for i, from := range hops[:len(hops)-1] {
			runs = append(runs, func(ctx context.Context) error { return copyTopic(ctx, w.Engines, from, hops[i+1]) })
		}
		w.Until(b, wire.TopicEvaluations, len(raws), runs...)
	}
	b.ReportMetric(float64(len(raws)*b.N)/b.Elapsed().Seconds(), "raw-events/s")
}

// copyTopic copies one topic to another in transactions.
func copyTopic(ctx context.Context, w *brokertest.Engines, from, to string) error {
	session, err := kgo.NewGroupTransactSession(append(append([]kgo.Opt{}, w.Opts()...),
		kgo.ConsumerGroup("touchline.hop-"+from), kgo.ConsumeTopics(from),
		kgo.TransactionalID("hop-"+from), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(0),
		// see decision 0007
		kgo.MetadataMinAge(50*time.Millisecond),
		kgo.RetryBackoffFn(func(int) time.Duration { return 2 * time.Millisecond }),
		kgo.MaxProduceRequestsInflightPerBroker(1), kgo.FetchMaxWait(100*time.Millisecond))...)
	if err != nil {
		return err
	}
	defer session.Close()
	for {
		fetches := session.PollRecords(ctx, 4000)
		if ctx.Err() != nil {
			return nil
		}
		if err := session.Begin(); err != nil {
			return err
		}
		for r := range fetches.RecordsAll() {
			session.Produce(ctx, &kgo.Record{Topic: to, Partition: r.Partition, Key: r.Key, Value: r.Value,
				Headers: r.Headers}, nil)
		}
		if _, err := session.End(context.WithoutCancel(ctx), kgo.TryCommit); err != nil {
			return err
		}
	}
}
