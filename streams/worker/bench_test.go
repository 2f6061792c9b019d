package worker

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/catalogue"
	"github.com/touchline/touchline/streams/internal/brokertest"
)

// benchRecords is how many raw events each run moves; the payload is that of a result row.
const benchRecords = 20_000

// BenchmarkWorker moves raw events through a stateful fold; BenchmarkBareLoop copies the same records with franz-go
// alone, transactions and all. Their ratio is what the runtime costs.
func BenchmarkWorker(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w := newBenchWorld(b)
		b.StartTimer()
		ctx, cancel := context.WithCancel(context.Background())
		worker, err := New(Config{Client: w.Opts(), Instance: "bench", Partitions: partitions},
			numberingChain(), w.Serde, slog.New(slog.NewTextHandler(io.Discard, nil)),
			NewMetrics(prometheus.NewRegistry()))
		if err != nil {
			b.Fatal(err)
		}
		if err := catalogue.Register(ctx, w.Serde, worker.chain); err != nil {
			b.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- worker.Run(ctx) }()
		w.await(b, wire.TopicMatchEvents)
		cancel()
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(benchRecords*b.N)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkBareLoop is the baseline: poll, copy, commit.
func BenchmarkBareLoop(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w := newBenchWorld(b)
		b.StartTimer()
		ctx, cancel := context.WithCancel(context.Background())
		session, err := kgo.NewGroupTransactSession(append(w.Opts(), kgo.ConsumerGroup("bare"),
			kgo.ConsumeTopics(wire.TopicRawEvents),
			kgo.TransactionalID("bare"), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
			kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
			kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(0))...)
		if err != nil {
			b.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- bareLoop(ctx, session) }()
		w.await(b, wire.TopicMatchEvents)
		cancel()
		if err := <-done; err != nil {
			b.Fatal(err)
		}
		session.Close()
	}
	b.ReportMetric(float64(benchRecords*b.N)/b.Elapsed().Seconds(), "records/s")
}

func bareLoop(ctx context.Context, session *kgo.GroupTransactSession) error {
	for {
		fetches := session.PollRecords(ctx, 4000)
		if ctx.Err() != nil {
			return nil
		}
		if err := session.Begin(); err != nil {
			return err
		}
		for r := range fetches.RecordsAll() {
			session.Produce(ctx, &kgo.Record{Topic: wire.TopicMatchEvents, Partition: r.Partition, Key: r.Key,
				Value: r.Value}, nil)
		}
		if _, err := session.End(context.WithoutCancel(ctx), kgo.TryCommit); err != nil {
			return err
		}
	}
}

type benchWorld struct{ *brokertest.Engines }

func newBenchWorld(b *testing.B) *benchWorld {
	b.Helper()
	w := &benchWorld{brokertest.Embedded(b)}
	client := w.Client(b)
	ctx := context.Background()
	chain := numberingChain()
	if err := catalogue.New(partitions, -1, chain).Ensure(ctx, kadm.NewClient(client)); err != nil {
		b.Fatal(err)
	}
	if err := catalogue.Register(ctx, w.Serde, chain); err != nil {
		b.Fatal(err)
	}
	payload := []byte(strings.Repeat("E0,2015-08-08,Bournemouth,Aston Villa,0,1,A,", 10))
	records := make([]*kgo.Record, benchRecords)
	for i := range records {
		frame, err := wire.Encode(w.Serde, wire.RawEvent, &football.RawEvent{
			Source: "feed", SourceEventID: fmt.Sprint(i), SourceMatchID: fmt.Sprintf("m%d", i%300), Payload: payload})
		if err != nil {
			b.Fatal(err)
		}
		records[i] = &kgo.Record{Topic: wire.TopicRawEvents, Partition: int32(i % 300 % partitions), Value: frame}
	}
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		b.Fatal(err)
	}
	return w
}

// await reads the topic until all records came through.
func (w *benchWorld) await(b *testing.B, topic string) {
	b.Helper()
	client, err := kgo.NewClient(append(w.Opts(), kgo.ConsumeTopics(topic),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()))...)
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	for n := 0; n < benchRecords; {
		n += client.PollFetches(context.Background()).NumRecords()
	}
}
