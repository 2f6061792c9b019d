package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/audit"
	"github.com/touchline/touchline/streams/catalogue"
	"github.com/touchline/touchline/streams/control"
	"github.com/touchline/touchline/streams/internal/brokertest"
)

// numbering is a fold that is easy to check: it numbers the raw events of each source match.
type numbering struct{}

type counter struct {
	N int64 `avro:"n"`
}

const counterSchema = `{"type":"record","name":"Counter","fields":[{"name":"n","type":"long"}]}`

func (numbering) Name() string                { return wire.StageNormalize }
func (numbering) Version() int                { return 1 }
func (numbering) State() []football.StateKind { return nil }

func (numbering) Step(view football.View, raw *football.RawEvent) []football.Output {
	switch raw.Source {
	case "refused":
		view.Put("counter/"+raw.SourceMatchID, &counter{N: 1000}) // must be dropped with the refusal
		return []football.Output{&football.Refusal{Reason: football.RefusedImpossible, Detail: "a refused event"}}
	case "panics":
		view.Put("counter/"+raw.SourceMatchID, &counter{N: 1000})
		panic("a defect")
	case "dropped":
		return []football.Output{&football.Dropped{Reason: "duplicate"}}
	}
	key := "counter/" + raw.SourceMatchID
	n := int64(1)
	if c := football.Get[counter](view, key); c != nil {
		n = c.N + 1
	}
	view.Put(key, &counter{N: n})
	return []football.Output{&football.MatchEvent{
		Match: football.MatchID(raw.SourceMatchID), Pool: raw.Pool, Sequence: n, SourceEventID: raw.SourceEventID,
		Body: football.KickOff{},
	}}
}

func numberingChain() streams.Chain {
	stage := streams.Bind(numbering{}, wire.RawEvent)
	return streams.Chain{stage.Keeping("counter", wire.NewSchema[counter]("counter", counterSchema))}
}

// world is a broker and registry, embedded or real, with the line's topics.
type world struct {
	*brokertest.Engines
	t       *testing.T
	adm     *kadm.Client
	client  *kgo.Client
	metrics *Metrics
	logs    *logs // of all workers
	workers map[string]*Worker
	control *control.Control // of workers; nil for none
	sent    int
	ended   chan struct{} // closed when the last worker that was started has ended
}

const partitions = 3

func newWorld(t *testing.T) *world {
	t.Helper()
	engines := brokertest.Tested(t)
	client := engines.Client(t)
	w := &world{t: t, Engines: engines, adm: kadm.NewClient(client), client: client,
		metrics: NewMetrics(prometheus.NewRegistry()), logs: &logs{}, workers: map[string]*Worker{}}
	ctx := testContext(t)
	chain := numberingChain()
	if err := catalogue.New(partitions, -1, chain).Ensure(ctx, w.adm); err != nil {
		t.Fatal(err)
	}
	if err := catalogue.Register(ctx, w.Serde, chain); err != nil {
		t.Fatal(err)
	}
	return w
}

func testContext(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// start runs a worker over the chain and returns the function that stops it and its error.
func (w *world) start(instance string) (stop func() error) {
	w.t.Helper()
	return w.run(instance, numberingChain())
}

func (w *world) run(instance string, chain streams.Chain) (stop func() error) {
	w.t.Helper()
	if err := catalogue.Register(testContext(w.t), w.Serde, chain); err != nil {
		w.t.Fatal(err)
	}
	worker, err := New(Config{
		Client: []kgo.Opt{kgo.SeedBrokers(w.Brokers...)}, Instance: instance, Partitions: partitions, MaxBatch: 50,
		Control: w.control,
	}, chain, w.Serde, slog.New(slog.NewTextHandler(w.logs, nil)), w.metrics)
	if err != nil {
		w.t.Fatal(err)
	}
	w.workers[instance] = worker
	ctx, cancel := context.WithCancel(context.Background())
	done, ended := make(chan error, 1), make(chan struct{})
	w.ended = ended
	go func() {
		done <- worker.Run(ctx)
		close(ended)
	}()
	w.t.Cleanup(cancel)
	return func() error {
		cancel()
		return <-done
	}
}

func (w *world) send(source string, matches, n int) {
	w.t.Helper()
	var records []*kgo.Record
	for range n {
		w.sent++
		match := w.sent % matches
		raw := &football.RawEvent{Source: source, SourceEventID: fmt.Sprint(w.sent),
			SourceMatchID: fmt.Sprintf("m%d", match)}
		frame, err := wire.Encode(w.Serde, wire.RawEvent, raw)
		if err != nil {
			w.t.Fatal(err)
		}
		records = append(records, rawRecord(int32(match%partitions), frame))
	}
	w.produce(records...)
}

func (w *world) sendFrame(partition int32, frame []byte) {
	w.t.Helper()
	w.produce(rawRecord(partition, frame))
}

func rawRecord(partition int32, frame []byte) *kgo.Record {
	return &kgo.Record{Topic: wire.TopicRawEvents, Partition: partition, Value: frame}
}

// produce sends all at once: three real brokers take their time for each answer.
func (w *world) produce(records ...*kgo.Record) {
	w.t.Helper()
	if err := w.client.ProduceSync(testContext(w.t), records...).FirstErr(); err != nil {
		w.t.Fatal(err)
	}
}

// read returns the first n committed records of a topic; more than n within the topic's end is a failure.
func (w *world) read(topic string, n int) []*kgo.Record {
	w.t.Helper()
	ctx := testContext(w.t)
	client, err := kgo.NewClient(kgo.SeedBrokers(w.Brokers...), kgo.ConsumeTopics(topic),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	if err != nil {
		w.t.Fatal(err)
	}
	defer client.Close()
	var got []*kgo.Record
	for len(got) < n {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			w.t.Fatalf("%s: got %d records, want %d", topic, len(got), n)
		}
		got = append(got, fetches.Records()...)
	}
	if len(got) > n {
		w.t.Fatalf("%s: got %d records, want %d", topic, len(got), n)
	}
	return got
}

// checkNumbers fails unless the events of each match are numbered from 1 without gap or repetition, in order.
func (w *world) checkNumbers(records []*kgo.Record) {
	w.t.Helper()
	last := map[football.MatchID]int64{}
	for _, r := range records {
		e, err := wire.Decode(testContext(w.t), w.Serde, wire.MatchEvent, r.Value)
		if err != nil {
			w.t.Fatal(err)
		}
		if e.Sequence != last[e.Match]+1 {
			w.t.Fatalf("match %s: number %d after %d", e.Match, e.Sequence, last[e.Match])
		}
		last[e.Match] = e.Sequence
	}
}

func TestWorkerFoldsEachRecordOnceAndGoesOnAfterARestart(t *testing.T) {
	w := newWorld(t)
	w.send("feed", 7, 300)
	stop := w.start("a")
	w.checkNumbers(w.read(wire.TopicMatchEvents, 300))
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	w.send("feed", 7, 200)
	stop = w.start("a")
	records := w.read(wire.TopicMatchEvents, 500)
	w.checkNumbers(records)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if cause, ok := streams.CauseOf(r); !ok || cause.Topic != wire.TopicRawEvents ||
			cause.Partition != r.Partition {
			t.Fatalf("record %d/%d: cause %v, want one of %s/%d", r.Partition, r.Offset, cause, wire.TopicRawEvents,
				r.Partition)
		}
	}
	for _, topic := range []string{wire.TopicMatchEvents, wire.TopicQuarantine} {
		if n := testutil.ToFloat64(w.metrics.repaired.WithLabelValues(wire.StageNormalize, topic)); n != 0 {
			t.Errorf("records of %s repaired by the start-up comparison after a clean stop: got %v, want 0", topic, n)
		}
	}
}

func TestBadInputGoesToQuarantineAndTheLineGoesOn(t *testing.T) {
	w := newWorld(t)
	stop := w.start("a")
	w.send("feed", 1, 1)
	w.sendFrame(0, []byte("not a frame"))
	w.sendFrame(0, []byte{0, 0, 0, 255, 255, 1, 2})
	w.send("refused", 1, 1)
	w.send("panics", 1, 1)
	w.send("dropped", 1, 1)
	w.send("feed", 1, 2)
	w.checkNumbers(w.read(wire.TopicMatchEvents, 3)) // 1, 2, 3: what was refused left no trace in the state
	var reasons []football.RefusalReason
	for _, r := range w.read(wire.TopicQuarantine, 4) {
		q, err := wire.Decode(testContext(t), w.Serde, wire.Quarantined, r.Value)
		if err != nil {
			t.Fatal(err)
		}
		reasons = append(reasons, q.Reason)
		if q.Detail == "" || len(q.Original) == 0 || q.Topic != wire.TopicRawEvents || q.Stage != wire.StageNormalize {
			t.Errorf("quarantined %+v: want detail, original and position", q)
		}
	}
	want := []football.RefusalReason{football.RefusedUndecodable, football.RefusedUndecodable,
		football.RefusedImpossible, football.RefusedPanic}
	if fmt.Sprint(reasons) != fmt.Sprint(want) {
		t.Errorf("reasons: got %v, want %v", reasons, want)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if got := testutil.ToFloat64(w.metrics.dropped.WithLabelValues(wire.StageNormalize, "duplicate")); got != 1 {
		t.Errorf("dropped: got %v, want 1", got)
	}
}

func TestPartitionsMoveBetweenWorkersWithTheirState(t *testing.T) {
	w := newWorld(t)
	stopA := w.start("a")
	w.send("feed", 6, 120)
	w.read(wire.TopicMatchEvents, 120)
	stopB := w.start("b")
	w.send("feed", 6, 120)
	w.read(wire.TopicMatchEvents, 240)
	if err := stopA(); err != nil {
		t.Fatal(err)
	}
	w.send("feed", 6, 120)
	w.checkNumbers(w.read(wire.TopicMatchEvents, 360))
	if err := stopB(); err != nil {
		t.Fatal(err)
	}
}

// TestHalfFinishedCommitIsRepaired puts the group's offset back, as the embedded broker does when it is killed after it
// wrote the markers of outputs and changelog and before those of the offsets.
func TestHalfFinishedCommitIsRepaired(t *testing.T) {
	w := newWorld(t)
	w.send("feed", 5, 40)
	stop := w.start("a")
	w.read(wire.TopicMatchEvents, 40)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	w.send("feed", 5, 40)
	stop = w.start("a")
	w.read(wire.TopicMatchEvents, 80)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	ctx := testContext(t)
	group := numberingChain().Group()
	offsets, err := w.adm.FetchOffsets(ctx, group)
	if err != nil {
		t.Fatal(err)
	}
	back := kadm.Offsets{}
	restored := firstBatchOffsets(t, w)
	offsets.Each(func(o kadm.OffsetResponse) { back.AddOffset(o.Topic, o.Partition, restored[o.Partition], -1) })
	if _, err := w.adm.CommitOffsets(ctx, group, back); err != nil {
		t.Fatal(err)
	}
	w.send("feed", 5, 20)
	stop = w.start("a")
	w.checkNumbers(w.read(wire.TopicMatchEvents, 100))
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if got := testutil.ToFloat64(w.metrics.repaired.WithLabelValues(wire.StageNormalize,
		wire.TopicMatchEvents)); got != 40 {
		t.Errorf("outputs found already written: got %v, want 40", got)
	}
}

// firstBatchOffsets returns, by partition, how many of the first 40 raw events went there.
func firstBatchOffsets(t *testing.T, w *world) map[int32]int64 {
	t.Helper()
	at := map[int32]int64{}
	for i := 1; i <= 40; i++ {
		at[int32(i%5%partitions)]++
	}
	return at
}

func TestGroupWithoutOffsetRefusesToWriteOutputsTwice(t *testing.T) {
	w := newWorld(t)
	w.send("feed", 1, 200)
	stop := w.start("a")
	w.read(wire.TopicMatchEvents, 200)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.adm.DeleteGroup(testContext(t), numberingChain().Group()); err != nil {
		t.Fatal(err)
	}
	chain := numberingChain()
	if err := catalogue.Register(testContext(t), w.Serde, chain); err != nil {
		t.Fatal(err)
	}
	worker, err := New(Config{Client: []kgo.Opt{kgo.SeedBrokers(w.Brokers...)}, Instance: "a", Partitions: partitions,
		MaxBatch: 50},
		chain, w.Serde, slog.New(slog.NewTextHandler(w.t.Output(), nil)), w.metrics)
	if err != nil {
		t.Fatal(err)
	}
	var refused *StartError
	if err := worker.Run(testContext(t)); !errors.As(err, &refused) || refused.Remedy == "" {
		t.Fatalf("got %v, want a refusal to start with a remedy", err)
	}
}

func TestSettingsAreCheckedTogether(t *testing.T) {
	_, err := New(Config{BatchTime: time.Minute}, numberingChain(), nil, slog.Default(), nil)
	for _, want := range []string{"TOUCHLINE_KAFKA_BROKERS", "TOUCHLINE_INSTANCE", "times out"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to name %s", err, want)
		}
	}
}

func TestDigestOfAReplayIsEqualAndShowsADifference(t *testing.T) {
	digest := func(events int, workers ...string) audit.Digest {
		w := newWorld(t)
		w.send("feed", 5, events)
		var stops []func() error
		for _, name := range workers {
			stops = append(stops, w.start(name))
		}
		w.read(wire.TopicMatchEvents, events)
		for _, stop := range stops {
			if err := stop(); err != nil {
				t.Fatal(err)
			}
		}
		topic := wire.Topic{Name: wire.TopicMatchEvents}
		d, err := audit.DigestTopic(testContext(t), []kgo.Opt{kgo.SeedBrokers(w.Brokers...)}, topic)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	one, again, longer := digest(60, "a"), digest(60, "a", "b"), digest(61, "a")
	if one != again {
		t.Errorf("two replays of one log: %+v and %+v", one, again)
	}
	if one.SHA256 == longer.SHA256 {
		t.Error("a log with one event more has the same digest")
	}
	if one.Records != 60 || one.Keys != 5 || one.Twice != 0 {
		t.Errorf("got %+v, want 60 records of 5 keys, none twice", one)
	}
}

func TestBatchesFitIntoTheirTime(t *testing.T) {
	cfg := Config{BatchTime: 2 * time.Second, MaxBatch: 4000}
	for _, c := range []struct {
		records int
		took    time.Duration
		want    int
	}{
		{500, 10 * time.Millisecond, 1000}, {4000, 100 * time.Millisecond, 4000}, {4000, time.Second, 2000},
		{1, 10 * time.Second, 1}, {500, 0, 1000},
	} {
		if got := cfg.nextBatch(c.records, c.took); got != c.want {
			t.Errorf("%d records in %v: next %d, want %d", c.records, c.took, got, c.want)
		}
	}
}

// toiling is a stage that takes a quarter of a second for each event, as one does that simulates a season.
type toiling struct{ numbering }

func (toiling) Step(view football.View, raw *football.RawEvent) []football.Output {
	<-time.After(250 * time.Millisecond)
	return numbering{}.Step(view, raw)
}

// TestFewRecordsThatTakeLongAreHalvedToo: a dozen records are too many for one transaction when each takes long, and
// the next ones are fewer, before the brokers lose patience.
func TestFewRecordsThatTakeLongAreHalvedToo(t *testing.T) {
	w := newWorld(t)
	w.send("feed", 1, 12)
	schema := wire.NewSchema[counter]("counter", counterSchema)
	chain := streams.Chain{streams.Bind(toiling{}, wire.RawEvent).Keeping("counter", schema)}
	stop := w.run("a", chain)
	w.checkNumbers(w.read(wire.TopicMatchEvents, 12))
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if len(w.logs.find("batch took too long, aborted and halved")) == 0 || len(w.logs.find("session broke")) > 0 {
		t.Errorf("the log says\n%s", w.logs.find(".*"))
	}
}
