package line_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/catalogue"
	"github.com/touchline/touchline/streams/internal/brokertest"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/source/simulator"
	"github.com/touchline/touchline/streams/source/sourcetest"
	"github.com/touchline/touchline/streams/worker"
)

// BenchmarkLatency measures, at a steady rate of raw events of matches in play, the time from the moment before an
// event is published to the moment a read_committed consumer has a record that it caused, by topic, and how long each
// stage's transactions take; and before them, by itself, one bare transactional hop of franz-go. With real brokers in
// TOUCHLINE_KAFKA_BROKERS it deletes the line's topics there. It is run with -benchtime 1x (make bench-real).
func BenchmarkLatency(b *testing.B) {
	for _, rate := range []int{100, 1000} {
		b.Run(fmt.Sprintf("%d-events/s/bare-hop", rate), func(b *testing.B) {
			for b.Loop() {
				l := newLoad(b)
				l.start(b, func(ctx context.Context) error {
					return copyTopic(ctx, l.Engines, wire.TopicRawEvents, hopTopic)
				})
				l.play(b, rate, 20*time.Second)
				l.report(b, hopTopic)
			}
		})
		for _, layout := range []line.Layout{line.Separate, line.Chained} {
			b.Run(fmt.Sprintf("%d-events/s/%s", rate, layout), func(b *testing.B) {
				chains, err := line.Chains(layout, football.DefaultReference(), predict.BuiltInRegistry(),
					wire.Namespace{}, "normalize", "features", "predict", "evaluate")
				if err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					l := newLoad(b, chains...)
					l.start(b, l.workers(b, chains)...)
					l.warmUp(b)
					l.play(b, rate, 20*time.Second)
					l.report(b, wire.TopicMatchEvents, wire.TopicMatchFeatures, wire.TopicPredictions)
				}
			})
		}
	}
}

// load is the line on real brokers with one process's workers, and what was seen of it.
type load struct {
	*brokertest.Engines
	client  *kgo.Client
	gather  *prometheus.Registry
	history []*football.RawEvent
	live    []*football.RawEvent

	mu   sync.Mutex
	sent []time.Time // by event
	seen map[string][]time.Duration
	last time.Time
}

const hopTopic = "football.bench-hop"

func newLoad(b *testing.B, chains ...streams.Chain) *load {
	b.Helper()
	l := &load{Engines: brokertest.Measured(b), gather: prometheus.NewRegistry(), seen: map[string][]time.Duration{}}
	l.client = l.Client(b, kgo.ProducerLinger(0))
	l.events(b)
	ctx := b.Context()
	adm := kadm.NewClient(l.client)
	if err := catalogue.New(wire.DefaultPartitions, -1, chains...).Ensure(ctx, adm); err != nil {
		b.Fatal(err)
	}
	if _, err := adm.CreateTopic(ctx, wire.DefaultPartitions, -1, nil, hopTopic); err != nil {
		b.Fatal(err)
	}
	if err := catalogue.Register(ctx, l.Serde, chains...); err != nil {
		b.Fatal(err)
	}
	return l
}

// events makes a season of results and then matches in play, in two pools.
func (l *load) events(b *testing.B) {
	b.Helper()
	sim, err := simulator.New(simulator.Config{Seed: 5, History: 1})
	if err != nil {
		b.Fatal(err)
	}
	feeds := sourcetest.Open(b, sim)
	start := football.At(time.Date(2026, 8, 7, 18, 0, 0, 0, time.UTC))
	for len(l.live) < 25_000 {
		for _, feed := range feeds {
			raw := sourcetest.Take(b, feed, 1)[0]
			if raw.At < start {
				l.history = append(l.history, raw)
			} else {
				l.live = append(l.live, raw)
			}
		}
	}
}

// workers returns what runs a worker of each chain.
func (l *load) workers(b *testing.B, chains []streams.Chain) (runs []func(context.Context) error) {
	b.Helper()
	metrics := worker.NewMetrics(l.gather)
	for _, chain := range chains {
		worker, err := worker.New(worker.Config{Client: l.Opts(), Instance: "bench"}, chain, l.Serde,
			slog.New(slog.DiscardHandler), metrics)
		if err != nil {
			b.Fatal(err)
		}
		runs = append(runs, worker.Run)
	}
	return runs
}

// start runs all of them, and the consumer that watches, to the end of the benchmark.
func (l *load) start(b *testing.B, runs ...func(context.Context) error) {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var group errgroup.Group
	for _, run := range append(runs, l.watch) {
		group.Go(func() error { return run(ctx) })
	}
	b.Cleanup(func() {
		cancel()
		if err := group.Wait(); err != nil {
			b.Error(err)
		}
	})
}

// watch notes when a record of each topic was there, by the number of the event in its trace header.
func (l *load) watch(ctx context.Context) error {
	client, err := kgo.NewClient(append(l.Opts(), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.FetchMinBytes(1),
		kgo.ConsumeTopics(wire.TopicMatchEvents, wire.TopicMatchFeatures, wire.TopicPredictions, wire.TopicEvaluations,
			hopTopic))...)
	if err != nil {
		return err
	}
	defer client.Close()
	for ctx.Err() == nil {
		fetches := client.PollFetches(ctx)
		now := time.Now()
		l.mu.Lock()
		l.last = now
		for r := range fetches.RecordsAll() {
			for _, h := range r.Headers {
				var n int
				if h.Key != wire.HeaderTraceparent {
					continue
				}
				if _, err := fmt.Sscanf(string(h.Value), "00-%032x-0000000000000001-01", &n); err == nil &&
					n < len(l.sent) {
					l.seen[r.Topic] = append(l.seen[r.Topic], now.Sub(l.sent[n]))
				}
			}
		}
		l.mu.Unlock()
	}
	return nil
}

// record is an event as a collector publishes it, with its number as the trace; -1: none.
func (l *load) record(b *testing.B, raw *football.RawEvent, n int) *kgo.Record {
	frame, err := wire.Encode(l.Serde, wire.RawEvent, raw)
	if err != nil {
		b.Fatal(err)
	}
	r := &kgo.Record{Topic: wire.TopicRawEvents, Partition: football.DefaultReference().Partition(raw.Pool,
		wire.DefaultPartitions), Key: []byte(raw.Pool), Value: frame}
	if n >= 0 {
		r.Headers = []kgo.RecordHeader{{Key: wire.HeaderTraceparent,
			Value: fmt.Appendf(nil, "00-%032x-0000000000000001-01", n)}}
	}
	return r
}

// warmUp publishes the history and waits until nothing new has come for a second.
func (l *load) warmUp(b *testing.B) {
	b.Helper()
	var records []*kgo.Record
	for _, raw := range l.history {
		records = append(records, l.record(b, raw, -1))
	}
	if err := l.client.ProduceSync(b.Context(), records...).FirstErr(); err != nil {
		b.Fatal(err)
	}
	l.quiet(b, 2*time.Second)
}

func (l *load) quiet(b *testing.B, long time.Duration) {
	b.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		l.mu.Lock()
		since := time.Since(l.last)
		started := !l.last.IsZero()
		l.mu.Unlock()
		if started && since > long {
			return
		}
	}
}

// play publishes live events at an even rate.
func (l *load) play(b *testing.B, rate int, long time.Duration) {
	b.Helper()
	n := min(len(l.live), int(long.Seconds())*rate)
	l.mu.Lock()
	l.sent = make([]time.Time, n)
	l.mu.Unlock()
	begin := time.Now()
	for i := range n {
		if wait := time.Until(begin.Add(time.Duration(i) * time.Second / time.Duration(rate))); wait > 0 {
			select {
			case <-time.After(wait):
			case <-b.Context().Done():
				b.Fatal(errors.New("stopped"))
			}
		}
		record := l.record(b, l.live[i], i)
		l.mu.Lock()
		l.sent[i] = time.Now()
		l.mu.Unlock()
		l.client.Produce(b.Context(), record, func(_ *kgo.Record, err error) {
			if err != nil {
				b.Error(err)
			}
		})
	}
	l.quiet(b, 2*time.Second)
}

// report gives the 50th and 99th percentiles of the topics in milliseconds.
func (l *load) report(b *testing.B, topics ...string) {
	b.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, topic := range topics {
		name := strings.TrimSuffix(strings.TrimPrefix(topic, "football."), ".v1")
		seen := l.seen[topic]
		if len(seen) < len(l.sent)/10 { // most events become a record in each topic
			b.Fatalf("%d records of %s were seen of %d events", len(seen), topic, len(l.sent))
		}
		slices.Sort(seen)
		b.ReportMetric(milliseconds(seen[len(seen)/2]), name+"-p50-ms")
		b.ReportMetric(milliseconds(seen[len(seen)*99/100]), name+"-p99-ms")
	}
	families, err := l.gather.Gather()
	if err != nil {
		b.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != "touchline_stage_commit_seconds" {
			continue
		}
		for _, m := range family.GetMetric() {
			stage := m.GetLabel()[0].GetValue()
			b.ReportMetric(quantile(m.GetHistogram(), 0.5), stage+"-commit-p50-ms")
			b.ReportMetric(quantile(m.GetHistogram(), 0.99), stage+"-commit-p99-ms")
		}
	}
}

// quantile interpolates within the bucket, in milliseconds.
func quantile(h *dto.Histogram, q float64) float64 {
	rank, below, lower := q*float64(h.GetSampleCount()), 0.0, 0.0
	for _, bucket := range h.GetBucket() {
		count := float64(bucket.GetCumulativeCount())
		if count >= rank {
			return 1000 * (lower + (bucket.GetUpperBound()-lower)*(rank-below)/max(1, count-below))
		}
		below, lower = count, bucket.GetUpperBound()
	}
	return 1000 * lower
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
