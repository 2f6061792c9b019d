package worker

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/catalogue"
)

// The addresses that BenchmarkStoppedWorker gives to the worker in another process.
const (
	childBrokers  = "TOUCHLINE_BENCH_BROKERS"
	childRegistry = "TOUCHLINE_BENCH_REGISTRY"
)

// stoppedInstance names the worker that is stopped.
const stoppedInstance = "stopped"

// TestMain runs the tests, or the worker that a benchmark stops.
func TestMain(m *testing.M) {
	if brokers := os.Getenv(childBrokers); brokers != "" {
		if err := stoppable(strings.Split(brokers, ","), os.Getenv(childRegistry)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// stoppable runs a worker until it is asked to end.
func stoppable(brokers []string, registry string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	client, err := sr.NewClient(sr.URLs(registry))
	if err != nil {
		return err
	}
	serde := wire.NewSerde(client)
	chain := numberingChain()
	if err := catalogue.Register(ctx, serde, chain); err != nil {
		return err
	}
	worker, err := New(Config{Client: []kgo.Opt{kgo.SeedBrokers(brokers...)}, Instance: stoppedInstance}, chain, serde,
		slog.New(slog.NewTextHandler(os.Stderr, nil)), NewMetrics(prometheus.NewRegistry()))
	if err != nil {
		return err
	}
	return worker.Run(ctx)
}

// BenchmarkStoppedWorker measures what stops when a worker is stopped (SIGSTOP) in the middle of a transaction while
// another one folds the other half of the partitions: the longest time without a committed output, of the partitions
// that the stopped worker had and of the others, and of all before it was stopped. It runs on the brokers in
// TOUCHLINE_KAFKA_BROKERS, where it deletes the line's topics, or on the embedded one. Run it with -benchtime 1x.
func BenchmarkStoppedWorker(b *testing.B) {
	for b.Loop() {
		w := newRestoreWorld(b)
		stop := w.start(b, "steady", false)
		child := w.child(b)
		gaps := w.gaps(b)
		steady := gaps.measure(b, 5*time.Second, nil)
		theirs := w.theirs(b)
		if len(theirs) == 0 || len(theirs) == wire.DefaultPartitions {
			b.Fatalf("the worker that is to be stopped has the partitions %v", theirs)
		}
		w.stop(b, child)
		during := gaps.measure(b, 20*time.Second, func() {
			if err := child.Process.Signal(syscall.SIGCONT); err != nil {
				b.Error(err)
			}
		})
		var waited, others time.Duration
		for p, gap := range during {
			if slices.Contains(theirs, int32(p)) {
				waited = max(waited, gap)
			} else {
				others = max(others, gap)
			}
		}
		b.ReportMetric(slices.Max(steady).Seconds()*1000, "before-longest-gap-ms")
		b.ReportMetric(others.Seconds()*1000, "others-longest-gap-ms")
		b.ReportMetric(waited.Seconds()*1000, "stopped-longest-gap-ms")
		b.ReportMetric(float64(len(theirs)), "stopped-partitions")
		gaps.close(b)
		if err := child.Process.Signal(syscall.SIGTERM); err != nil {
			b.Error(err)
		}
		if err := child.Wait(); err != nil {
			b.Error(err)
		}
		stop()
	}
}

// child starts the worker that is to be stopped.
func (w *restoreWorld) child(b *testing.B) *exec.Cmd {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childBrokers+"="+strings.Join(w.Brokers, ","), childRegistry+"="+w.Registry)
	cmd.Stderr = w.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	until(b, "the other process has partitions",
		func() bool { return len(w.log.find(`state restored.*instance=stopped`)) > 0 })
	return cmd
}

// stop stops the child with SIGSTOP while a transaction of its own is open at the brokers, and not merely about to end.
func (w *restoreWorld) stop(b *testing.B, child *exec.Cmd) {
	b.Helper()
	id := Config{Instance: stoppedInstance}.withDefaults().transactionalID(w.chain)
	adm := kadm.NewClient(w.client)
	open := func() bool {
		described, err := adm.DescribeTransactions(b.Context(), id)
		return err == nil && described[id].State == "Ongoing"
	}
	signal := func(s syscall.Signal) {
		if err := child.Process.Signal(s); err != nil {
			b.Fatal(err)
		}
	}
	until(b, "stopped in mid-transaction", func() bool {
		if !open() {
			return false
		}
		signal(syscall.SIGSTOP)
		if open() {
			return true
		}
		signal(syscall.SIGCONT) // it had asked for the end already
		return false
	})
}

// theirs returns the partitions that the other process was assigned last.
func (w *restoreWorld) theirs(b *testing.B) []int32 {
	b.Helper()
	var ids []int32
	for _, line := range w.log.find(`msg="state restored" .*instance=stopped.*`) {
		_, list, _ := strings.Cut(line, `partitions="[`)
		list, _, _ = strings.Cut(list, "]")
		for _, word := range strings.Fields(list) {
			var id int32
			if _, err := fmt.Sscan(word, &id); err != nil {
				b.Fatal(err)
			}
			ids = append(ids, id)
		}
	}
	return ids
}

// gapWatch sends an event to each partition every 20 ms and notes when outputs of it are committed.
type gapWatch struct {
	w      *restoreWorld
	cancel context.CancelFunc
	done   chan struct{}
	seen   chan int32 // partitions of outputs
}

func (w *restoreWorld) gaps(b *testing.B) *gapWatch {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	g := &gapWatch{w: w, cancel: cancel, done: make(chan struct{}), seen: make(chan int32, 1<<16)}
	go g.consume(ctx)
	go g.produce(ctx, b)
	return g
}

func (g *gapWatch) consume(ctx context.Context) {
	defer close(g.done)
	client, err := kgo.NewClient(append(g.w.Opts(), kgo.ConsumeTopics(wire.TopicMatchEvents),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtEnd()), kgo.FetchMaxWait(100*time.Millisecond))...)
	if err != nil {
		panic(err)
	}
	defer client.Close()
	for ctx.Err() == nil {
		for r := range client.PollFetches(ctx).RecordsAll() {
			g.seen <- r.Partition
		}
	}
}

func (g *gapWatch) produce(ctx context.Context, b *testing.B) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for p := range int32(wire.DefaultPartitions) {
			g.send(b, p, n)
		}
	}
}

func (g *gapWatch) send(b *testing.B, p int32, n int) {
	raw := &football.RawEvent{Source: "feed", SourceEventID: fmt.Sprint(n), SourceMatchID: fmt.Sprint("m", p)}
	frame, err := wire.Encode(g.w.Serde, wire.RawEvent, raw)
	if err != nil {
		b.Error(err)
		return
	}
	g.w.client.Produce(context.Background(), &kgo.Record{Topic: wire.TopicRawEvents, Partition: p, Value: frame}, nil)
}

// measure returns the longest time without an output of each partition, and calls then, if any, when three quarters of
// the time have passed.
func (g *gapWatch) measure(b *testing.B, long time.Duration, then func()) []time.Duration {
	b.Helper()
	begin := time.Now()
	last, longest := make([]time.Time, wire.DefaultPartitions), make([]time.Duration, wire.DefaultPartitions)
	for p := range last {
		last[p] = begin
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for time.Since(begin) < long {
		select {
		case p := <-g.seen:
			longest[p] = max(longest[p], time.Since(last[p]))
			last[p] = time.Now()
		case <-tick.C:
		}
		if then != nil && time.Since(begin) > long*3/4 {
			then()
			then = nil
		}
	}
	for p := range last {
		longest[p] = max(longest[p], time.Since(last[p]))
	}
	return longest
}

func (g *gapWatch) close(b *testing.B) {
	b.Helper()
	g.cancel()
	<-g.done
}
