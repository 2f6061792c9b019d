package line_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/internal/brokertest"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/source/footballdata"
	"github.com/touchline/touchline/streams/source/sourcetest"
)

// BenchmarkWholeLine takes a season of result rows from raw-events to evaluations, all four stages in transactions of
// their own. BenchmarkBareHops copies the same raw events through as many topics with franz-go alone, transactions and
// all. The unit of both is raw events a second; their ratio is what football and the runtime cost.
func BenchmarkWholeLine(b *testing.B) {
	raws := season(b)
	want := evaluations(raws)
	for b.Loop() {
		b.StopTimer()
		w := newBroker(b, raws)
		chains, err := line.Chains(line.Separate, football.DefaultReference(), predict.NewRegistry(predict.Live()...), nil, "normalize", "features", "predict", "evaluate")
		if err != nil {
			b.Fatal(err)
		}
		if err := streams.NewCatalogue(wire.DefaultPartitions, -1, chains...).Ensure(context.Background(), w.adm); err != nil {
			b.Fatal(err)
		}
		if err := streams.Register(context.Background(), w.Serde, chains...); err != nil {
			b.Fatal(err)
		}
		metrics := streams.NewMetrics(prometheus.NewRegistry())
		b.StartTimer()
		var runs []func(context.Context) error
		for _, chain := range chains {
			worker, err := streams.NewWorker(streams.Config{Client: w.Opts(), Instance: "bench"}, chain, w.Serde, slog.New(slog.DiscardHandler), metrics)
			if err != nil {
				b.Fatal(err)
			}
			runs = append(runs, worker.Run)
		}
		w.until(b, wire.TopicEvaluations, want, runs...)
	}
	b.ReportMetric(float64(len(raws)*b.N)/b.Elapsed().Seconds(), "raw-events/s")
}

// BenchmarkBareHops is the baseline of BenchmarkWholeLine.
func BenchmarkBareHops(b *testing.B) {
	raws := season(b)
	hops := []string{wire.TopicRawEvents, wire.TopicMatchEvents, wire.TopicMatchFeatures, wire.TopicPredictions, wire.TopicEvaluations}
	for b.Loop() {
		b.StopTimer()
		w := newBroker(b, raws)
		b.StartTimer()
		var runs []func(context.Context) error
		for i, from := range hops[:len(hops)-1] {
			runs = append(runs, func(ctx context.Context) error { return w.hop(ctx, from, hops[i+1]) })
		}
		w.until(b, wire.TopicEvaluations, len(raws), runs...)
	}
	b.ReportMetric(float64(len(raws)*b.N)/b.Elapsed().Seconds(), "raw-events/s")
}

type broker struct {
	*brokertest.Engines
	adm *kadm.Client
}

// newBroker starts a broker whose raw-events hold the events.
func newBroker(b testing.TB, raws []*football.RawEvent) *broker {
	b.Helper()
	engines := brokertest.Embedded(b)
	client := engines.Client(b)
	w := &broker{Engines: engines, adm: kadm.NewClient(client)}
	ctx := context.Background()
	if err := streams.NewCatalogue(wire.DefaultPartitions, -1).Ensure(ctx, w.adm); err != nil {
		b.Fatal(err)
	}
	if err := streams.Register(ctx, w.Serde); err != nil {
		b.Fatal(err)
	}
	records := make([]*kgo.Record, len(raws))
	for i, raw := range raws {
		frame, err := w.Serde.Encode(wire.RawEvent, raw)
		if err != nil {
			b.Fatal(err)
		}
		records[i] = &kgo.Record{Topic: wire.TopicRawEvents, Key: []byte(raw.Pool), Value: frame}
	}
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		b.Fatal(err)
	}
	return w
}

// until runs all until n records stand committed in the topic.
func (w *broker) until(b testing.TB, topic string, n int, runs ...func(context.Context) error) {
	b.Helper()
	bounded, stop := context.WithTimeout(context.Background(), 4*time.Minute)
	defer stop()
	group, ctx := errgroup.WithContext(bounded) // a worker that ends by itself ends the wait
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, run := range runs {
		group.Go(func() error { return run(ctx) })
	}
	client, err := kgo.NewClient(append(w.Opts(), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()))...)
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	for n > 0 && ctx.Err() == nil {
		n -= client.PollFetches(ctx).NumRecords()
	}
	cancel()
	if err := group.Wait(); err != nil || n > 0 {
		b.Fatalf("%s lacks %d records: %v", topic, n, err)
	}
}

// hop copies one topic to another in transactions.
func (w *broker) hop(ctx context.Context, from, to string) error {
	session, err := kgo.NewGroupTransactSession(append(append([]kgo.Opt{}, w.Opts()...), kgo.ConsumerGroup("touchline.hop-"+from), kgo.ConsumeTopics(from),
		kgo.TransactionalID("hop-"+from), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(0),
		kgo.MetadataMinAge(50*time.Millisecond), kgo.RetryBackoffFn(func(int) time.Duration { return 2 * time.Millisecond }), // see decision 0007
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
			session.Produce(ctx, &kgo.Record{Topic: to, Partition: r.Partition, Key: r.Key, Value: r.Value, Headers: r.Headers}, nil)
		}
		if _, err := session.End(context.WithoutCancel(ctx), kgo.TryCommit); err != nil {
			return err
		}
	}
}

// season is a double round-robin of twenty teams with odds and shots, as raw events.
func season(b testing.TB) []*football.RawEvent {
	b.Helper()
	return rows(b, writeSeason(b))
}

// writeSeason writes the season's file of results and returns its path.
func writeSeason(b testing.TB) string {
	b.Helper()
	teams := []string{"Arsenal", "Aston Villa", "Blackburn", "Bolton", "Chelsea", "Everton", "Fulham", "Hull", "Liverpool", "Man City",
		"Man United", "Middlesbrough", "Newcastle", "Portsmouth", "Stoke", "Sunderland", "Tottenham", "West Brom", "West Ham", "Wigan"}
	var text strings.Builder
	text.WriteString("Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,HTHG,HTAG,HS,AS,HST,AST,AvgH,AvgD,AvgA,AvgCH,AvgCD,AvgCA\n")
	day := time.Date(2008, 8, 16, 0, 0, 0, 0, time.UTC)
	for i := range teams {
		for j := range teams {
			if i == j {
				continue
			}
			home, away := (3*i+j)%4, (i+2*j)%3
			fmt.Fprintf(&text, "E0,%s,%s,%s,%d,%d,%d,%d,12,9,5,4,2.1,3.4,3.6,2.0,3.5,3.8\n",
				day.AddDate(0, 0, (i*19+j)*270/380).Format(time.DateOnly), teams[i], teams[j], home, away, home/2, away/2)
		}
	}
	path := filepath.Join(b.TempDir(), "E0_0809.csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
		b.Fatal(err)
	}
	return path
}

// rows returns the raw events of a file of results.
func rows(t testing.TB, path string) []*football.RawEvent {
	t.Helper()
	return sourcetest.All(t, sourcetest.Open(t, footballdata.New(football.DefaultReference(), path))[0])
}

// evaluations returns how many evaluations the events cause.
func evaluations(raws []*football.RawEvent) int {
	memory, n := streams.NewMemory(line.Whole(football.DefaultReference(), predict.NewRegistry(predict.Live()...))), 0
	for _, raw := range raws {
		for _, result := range memory.Step(raw) {
			if _, ok := result.Output.(*football.Evaluation); ok {
				n++
			}
		}
	}
	return n
}
