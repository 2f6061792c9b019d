package worker

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/catalogue"
	"github.com/touchline/touchline/streams/internal/brokertest"
)

// How many keys the state has, on real brokers and on the embedded one.
const (
	restoreKeys         = 1_000_000
	restoreKeysEmbedded = 100_000
)

// BenchmarkRestore measures, with a million keys (embedded: 100,000) of state over twelve partitions, how long a new
// worker takes to restore them all, and how long a worker takes to go on with the half that another one leaves, with a
// warm copy and without. It runs on the brokers in TOUCHLINE_KAFKA_BROKERS, where it deletes the line's topics, or on
// the embedded one. Run it with -benchtime 1x.
func BenchmarkRestore(b *testing.B) {
	for b.Loop() {
		w := newRestoreWorld(b)
		w.fill(b)
		started := time.Now()
		stop := w.start(b, "cold", false)
		w.probe(b)
		b.ReportMetric(time.Since(started).Seconds(), "cold-restore-s")
		w.takeover(b, "with-standby", false)
		stop()
		stop = w.start(b, "again", true)
		w.probe(b)
		w.takeover(b, "without-standby", true)
		stop()
	}
}

type restoreWorld struct {
	*brokertest.Engines
	keys    int
	client  *kgo.Client
	chain   streams.Chain
	log     *logs
	metrics *Metrics
	sent    int
	seen    chan struct{} // one for each output record
}

func newRestoreWorld(b *testing.B) *restoreWorld {
	b.Helper()
	w := &restoreWorld{Engines: brokertest.Measured(b), keys: restoreKeys, chain: numberingChain(), log: &logs{},
		metrics: NewMetrics(prometheus.NewRegistry()), seen: make(chan struct{}, 2*restoreKeys)}
	if w.Cluster != nil {
		w.keys = restoreKeysEmbedded
	}
	w.client = w.Client(b, kgo.MaxBufferedRecords(100_000))
	adm := kadm.NewClient(w.client)
	if err := catalogue.New(wire.DefaultPartitions, -1, w.chain).Ensure(b.Context(), adm); err != nil {
		b.Fatal(err)
	}
	if err := catalogue.Register(b.Context(), w.Serde, w.chain); err != nil {
		b.Fatal(err)
	}
	go w.watch(b.Context())
	return w
}

func (w *restoreWorld) watch(ctx context.Context) {
	client, err := kgo.NewClient(append(w.Opts(), kgo.ConsumeTopics(wire.TopicMatchEvents),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()))...)
	if err != nil {
		panic(err)
	}
	defer client.Close()
	for ctx.Err() == nil {
		for range client.PollFetches(ctx).NumRecords() {
			w.seen <- struct{}{}
		}
	}
}

func (w *restoreWorld) send(b *testing.B, n int, match func(i int) string) {
	b.Helper()
	for i := range n {
		w.sent++
		raw := &football.RawEvent{Source: "feed", SourceEventID: fmt.Sprint(w.sent), SourceMatchID: match(i)}
		frame, err := wire.Encode(w.Serde, wire.RawEvent, raw)
		if err != nil {
			b.Fatal(err)
		}
		w.client.Produce(b.Context(), &kgo.Record{Topic: wire.TopicRawEvents,
			Partition: int32(i % wire.DefaultPartitions), Value: frame}, nil)
	}
	if err := w.client.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	for range n {
		<-w.seen
	}
}

// fill makes the state.
func (w *restoreWorld) fill(b *testing.B) {
	b.Helper()
	stop := w.start(b, "fill", true)
	w.send(b, w.keys, func(i int) string { return fmt.Sprintf("match-%d", i) })
	stop()
}

// probe sends an event to each partition and waits until all are folded.
func (w *restoreWorld) probe(b *testing.B) {
	b.Helper()
	w.send(b, wire.DefaultPartitions, func(i int) string { return fmt.Sprintf("match-%d", i) })
}

func (w *restoreWorld) start(b *testing.B, instance string, noStandby bool) (stop func()) {
	b.Helper()
	worker, err := New(Config{Client: w.Opts(), Instance: instance, NoStandby: noStandby}, w.chain, w.Serde,
		slog.New(slog.NewTextHandler(w.log, nil)), w.metrics)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- worker.Run(ctx) }()
	select {
	case <-worker.Ready():
	case err := <-done:
		b.Fatalf("%s ended: %v", instance, err)
	}
	return func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
	}
}

// takeover starts two workers beside the one that runs, lets them settle, stops one of the two and reports how many
// milliseconds passed until all its partitions were folded by the others, and how many changelog records these read for
// it.
func (w *restoreWorld) takeover(b *testing.B, name string, noStandby bool) {
	b.Helper()
	stopOne := w.start(b, name+"-one", noStandby)
	stopOther := w.start(b, name+"-other", noStandby)
	defer stopOther()
	w.probe(b)
	if !noStandby {
		w.warm(b)
	}
	stopOne()
	before, started := testutil.ToFloat64(w.metrics.restored.WithLabelValues(wire.StageNormalize)), time.Now()
	w.probe(b)
	b.ReportMetric(float64(time.Since(started).Milliseconds()), "takeover-"+name+"-ms")
	b.ReportMetric(testutil.ToFloat64(w.metrics.restored.WithLabelValues(wire.StageNormalize))-before,
		"takeover-"+name+"-records")
}

// warm waits until the standbys have read what there is.
func (w *restoreWorld) warm(b *testing.B) {
	b.Helper()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	before := -1.0
	for range tick.C {
		now := testutil.ToFloat64(w.metrics.followed.WithLabelValues(wire.StageNormalize))
		if now == before && now > 0 {
			return
		}
		before = now
	}
}
