package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/internal/brokertest"
)

const partitions = 3

// list is a source of events that stand in memory, a feed a pool.
type list struct {
	name   string
	events []*football.RawEvent
	fail   error // after the events
	wait   bool  // instead of an end
}

func (l *list) Name() string { return l.name }

func (l *list) Open(context.Context) ([]Feed, error) {
	byPool := map[football.PoolID][]*football.RawEvent{}
	for _, e := range l.events {
		byPool[e.Pool] = append(byPool[e.Pool], e)
	}
	var feeds []Feed
	for pool, events := range byPool {
		feeds = append(feeds, Feed{Pool: pool, Next: func(ctx context.Context) (*football.RawEvent, error) {
			if len(events) == 0 && l.wait {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			if len(events) == 0 {
				return nil, errors.Join(l.fail, io.EOF)
			}
			e := *events[0]
			events = events[1:]
			return &e, nil
		}})
	}
	return feeds, nil
}

// numbered returns n events of each pool.
func numbered(n int, pools ...football.PoolID) []*football.RawEvent {
	var out []*football.RawEvent
	for i := range n {
		for _, pool := range pools {
			out = append(out, &football.RawEvent{
				Pool: pool, Source: "list", SourceEventID: fmt.Sprintf("%s-%d", pool, i),
				Moment: football.MomentEvent, At: football.Instant(1000 * (i + 1)),
				Payload: []byte("payload"),
			})
		}
	}
	return out
}

// world is an embedded broker and registry with football.raw-events.
type world struct {
	*brokertest.Engines
	t   *testing.T
	ctx context.Context
	ref *football.Reference
}

func newWorld(t *testing.T) *world {
	t.Helper()
	engines := brokertest.Embedded(t, kfake.SeedTopics(partitions, wire.TopicRawEvents))
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	w := &world{Engines: engines, t: t, ctx: ctx, ref: football.DefaultReference()}
	if err := w.Serde.Register(ctx, wire.TopicRawEvents+"-value", wire.RawEvent); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) collector(cfg Config, registry prometheus.Registerer, sources ...Source) *Collector {
	w.t.Helper()
	cfg.Client, cfg.Partitions = append(w.Opts(), cfg.Client...), partitions
	c, err := NewCollector(cfg, w.ref, w.Serde, slog.New(slog.DiscardHandler), registry, sources...)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// run runs a collector to the end of its feeds.
func (w *world) run(cfg Config, sources ...Source) {
	w.t.Helper()
	if err := w.collector(cfg, prometheus.NewRegistry(), sources...).Run(w.ctx); err != nil {
		w.t.Fatal(err)
	}
}

// log returns the source event ids in the log, by pool, in order.
func (w *world) log() map[football.PoolID][]string {
	w.t.Helper()
	out := map[football.PoolID][]string{}
	for _, raw := range w.records() {
		out[raw.Pool] = append(out[raw.Pool], raw.SourceEventID)
	}
	return out
}

func (w *world) records() []*football.RawEvent {
	w.t.Helper()
	from := map[int32]kgo.Offset{}
	for p := range int32(partitions) {
		from[p] = kgo.NewOffset().AtStart()
	}
	client, err := kgo.NewClient(append(w.Opts(),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{wire.TopicRawEvents: from}))...)
	if err != nil {
		w.t.Fatal(err)
	}
	defer client.Close()
	ends, err := kadm.NewClient(client).ListEndOffsets(w.ctx, wire.TopicRawEvents)
	if err != nil {
		w.t.Fatal(err)
	}
	total := int64(0)
	ends.Each(func(o kadm.ListedOffset) { total += o.Offset })
	var out []*football.RawEvent
	for int64(len(out)) < total {
		fetches := client.PollFetches(w.ctx)
		if err := fetches.Err(); err != nil {
			w.t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			raw, err := wire.Decode(w.ctx, w.Serde, wire.RawEvent, r.Value)
			if err != nil {
				w.t.Fatal(err)
			}
			if want := w.ref.Partition(raw.Pool, partitions); r.Partition != want || string(r.Key) != string(raw.Pool) {
				w.t.Errorf("%s is in partition %d under the key %s, want %d", raw.SourceEventID, r.Partition, r.Key,
					want)
			}
			out = append(out, raw)
		})
	}
	return out
}

func (w *world) want(events []*football.RawEvent) {
	w.t.Helper()
	want := map[football.PoolID][]string{}
	for _, e := range events {
		want[e.Pool] = append(want[e.Pool], e.SourceEventID)
	}
	if got := w.log(); !reflect.DeepEqual(got, want) {
		w.t.Errorf("got %v\nwant %v", got, want)
	}
}

// pools of which two share a partition of three.
var pools = []football.PoolID{"england", "spain", "italy"}

func TestACollectorPublishesInOrder(t *testing.T) {
	w := newWorld(t)
	registry := prometheus.NewRegistry()
	events := numbered(100, pools...)
	var progress atomic.Int64
	c := w.collector(Config{Progress: func(*football.RawEvent) { progress.Add(1) }}, registry,
		&list{name: "list", events: events})
	if err := c.Run(w.ctx); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.Ready():
	default:
		t.Error("not ready at the end")
	}
	w.want(events)
	if progress.Load() != 300 {
		t.Errorf("got progress of %d events", progress.Load())
	}
	if n := testutil.CollectAndCount(registry, "touchline_collector_events_total"); n != 3 {
		t.Errorf("got %d series of published events, want one a pool", n)
	}
	for _, raw := range w.records() {
		if raw.FetchedAt == 0 {
			t.Fatalf("%s has no fetched-at", raw.SourceEventID)
		}
	}
}

func TestACollectorGoesOnWhereItWas(t *testing.T) {
	w := newWorld(t)
	events := numbered(400, pools...)
	w.run(Config{}, &list{name: "list", events: events[:150]})
	// More than a tail's window of another collector's events in the same partitions.
	other := numbered(300, "england", "germany")
	for _, e := range other {
		e.SourceEventID = "other-" + e.SourceEventID
	}
	w.run(Config{Name: "other"}, &list{name: "other", events: other})
	w.run(Config{}, &list{name: "list", events: events})
	w.run(Config{}, &list{name: "list", events: events})
	got := w.log()
	for _, pool := range pools {
		var mine []string
		for _, id := range got[pool] {
			if !strings.HasPrefix(id, "other-") {
				mine = append(mine, id)
			}
		}
		if len(mine) != 400 || mine[0] != string(pool)+"-0" || mine[399] != string(pool)+"-399" {
			t.Errorf("pool %s: got %d events", pool, len(mine))
		}
	}
}

func TestACollectorSurvivesBeingCut(t *testing.T) {
	w := newWorld(t)
	events := numbered(3000, pools...)
	for range 20 {
		ctx, cancel := context.WithCancel(w.ctx)
		var seen atomic.Int64
		c := w.collector(Config{Buffered: 50, Progress: func(*football.RawEvent) {
			if seen.Add(1) == 700 {
				cancel()
			}
		}}, prometheus.NewRegistry(), &list{name: "list", events: events})
		if err := c.Run(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
	}
	w.want(events)
}

func TestBrokerFaultsAreRetriedInOrder(t *testing.T) {
	w := newWorld(t)
	var n atomic.Int64
	w.Cluster.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
		w.Cluster.KeepControl()
		if i := n.Add(1); i%3 != 0 || i > 12 {
			return nil, nil, false
		}
		produce := req.(*kmsg.ProduceRequest)
		resp := produce.ResponseKind().(*kmsg.ProduceResponse)
		for _, topic := range produce.Topics {
			rt := kmsg.NewProduceResponseTopic()
			rt.Topic, rt.TopicID = topic.Topic, topic.TopicID
			for _, p := range topic.Partitions {
				rp := kmsg.NewProduceResponseTopicPartition()
				rp.Partition, rp.ErrorCode = p.Partition, kerr.NotLeaderForPartition.Code
				rt.Partitions = append(rt.Partitions, rp)
			}
			resp.Topics = append(resp.Topics, rt)
		}
		return resp, nil, true
	})
	quick := []kgo.Opt{kgo.MetadataMinAge(10 * time.Millisecond),
		kgo.RetryBackoffFn(func(int) time.Duration { return time.Millisecond })}
	events := numbered(500, pools...)
	w.run(Config{Client: quick, Buffered: 20}, &list{name: "list", events: events})
	w.want(events)
}

func TestAFeedThatHasChangedIsCompleted(t *testing.T) {
	w := newWorld(t)
	events := numbered(60, "england", "spain")
	var first []*football.RawEvent
	for i, e := range events {
		if i%5 != 0 {
			first = append(first, e)
		}
	}
	w.run(Config{}, &list{name: "list", events: first})
	w.run(Config{}, &list{name: "list", events: events})
	w.run(Config{}, &list{name: "list", events: events[:40]})
	w.run(Config{Name: "renamed"}, &list{name: "list", events: events})
	seen := map[string]int{}
	for _, ids := range w.log() {
		for _, id := range ids {
			seen[id]++
		}
	}
	for i, e := range events {
		last := i/2 == 19 || i/2 == 59 // of a feed, which marks how far it was published
		if n := seen[e.SourceEventID]; n == 0 || n > 1 && !last {
			t.Errorf("%s stands %d times in the log", e.SourceEventID, n)
		}
	}
}

// TestWhatHasChangedIsNoticed changes a feed in all ways, and asks which pools have changed.
func TestWhatHasChangedIsNoticed(t *testing.T) {
	w := newWorld(t)
	events := numbered(30, "england", "spain")
	w.run(Config{}, &list{name: "list", events: events[:40]})
	corrected := make([]*football.RawEvent, len(events))
	for i, e := range events {
		corrected[i] = e
		if e.SourceEventID == "england-7" {
			other := *e
			other.Payload = []byte("corrected")
			corrected[i] = &other
		}
	}
	for name, c := range map[string]struct {
		events []*football.RawEvent
		want   []football.PoolID
	}{
		"the same":          {events[:40], nil},
		"more at the end":   {events, nil},
		"an event less":     {events[:38], []football.PoolID{"england", "spain"}},
		"a corrected event": {corrected, []football.PoolID{"england"}},
		"an event put between": {append([]*football.RawEvent{events[0], events[0]}, events[1:]...),
			[]football.PoolID{"england"}},
		"a pool less": {numbered(30, "england"), []football.PoolID{"spain"}},
	} {
		collector := w.collector(Config{}, prometheus.NewRegistry(), &list{name: "list", events: c.events})
		want := Changes{Pools: c.want}
		if got, err := collector.FindChanges(w.ctx); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, want)
		}
	}
}

// TestWhatNoFileGivesIsForeign: an event of another producer, one that nobody can read, and not an announcement of
// models, which follows from football.models.
func TestWhatNoFileGivesIsForeign(t *testing.T) {
	w := newWorld(t)
	events := numbered(5, "england")
	source := &list{name: "list", events: events}
	w.run(Config{}, source)
	other, announcement := *events[0], *events[0]
	announcement.Source = football.SourceModels
	client := w.Client(t)
	for _, raw := range []*football.RawEvent{&other, &announcement, nil} {
		record := &kgo.Record{Topic: wire.TopicRawEvents, Key: []byte("england"), Value: []byte("poison")}
		if raw != nil {
			frame, err := wire.Encode(w.Serde, wire.RawEvent, raw)
			if err != nil {
				t.Fatal(err)
			}
			record.Value = frame
		}
		if err := client.ProduceSync(w.ctx, record).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	want := Changes{Foreign: 2}
	got, err := w.collector(Config{}, prometheus.NewRegistry(), source).FindChanges(w.ctx)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// TestAChangedEventIsPublishedAgain runs a feed whose event has other content under its old id.
func TestAChangedEventIsPublishedAgain(t *testing.T) {
	w := newWorld(t)
	events := numbered(5, "england")
	w.run(Config{}, &list{name: "list", events: events})
	changed := numbered(5, "england")
	changed[1].Payload = []byte("corrected")
	for range 3 { // and no more than once
		w.run(Config{}, &list{name: "list", events: changed})
	}
	n := 0
	for _, raw := range w.records() {
		if string(raw.Payload) == "corrected" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the corrected event stands %d times in the log", n)
	}
}

func TestAFrameThatNobodyCanReadIsPassedOver(t *testing.T) {
	w := newWorld(t)
	client := w.Client(t)
	poison := func() {
		record := &kgo.Record{Topic: wire.TopicRawEvents, Partition: w.ref.Partition("england", partitions),
			Key: []byte("england"), Value: []byte("poison"),
			Headers: []kgo.RecordHeader{{Key: HeaderCollector, Value: []byte("list")},
				{Key: HeaderSequence, Value: []byte("7")}}}
		if err := client.ProduceSync(w.ctx, record).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	poison()
	events := numbered(20, "england")
	var acknowledged atomic.Int64
	cfg := Config{Progress: func(*football.RawEvent) { acknowledged.Add(1) }}
	w.run(cfg, &list{name: "list", events: events[:10]})
	poison()
	w.run(cfg, &list{name: "list", events: events})
	if acknowledged.Load() != 20 {
		t.Errorf("got %d events published, want 20", acknowledged.Load())
	}
}

func TestAnOversizedPayloadIsPublishedAsItsHead(t *testing.T) {
	w := newWorld(t)
	events := numbered(3, "england")
	events[1].Payload = []byte(strings.Repeat("é", maxPayload))
	for range 2 { // the second time it must recognise it
		w.run(Config{}, &list{name: "list", events: events[:2]})
	}
	w.run(Config{}, &list{name: "list", events: events})
	w.want(events)
	for _, raw := range w.records() {
		if raw.SourceEventID == "england-1" && (raw.Moment != football.MomentUnreadable ||
			len(raw.Payload) > headOf || !strings.Contains(raw.ContentType, "oversized=2097152")) {
			t.Errorf("got moment %s, %d bytes, %s", raw.Moment, len(raw.Payload), raw.ContentType)
		}
	}
}

func TestAStopWaitsForNothingPaced(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(w.ctx)
	c := w.collector(Config{Pace: Pace{Speed: 0.001}}, prometheus.NewRegistry(),
		&list{name: "list", events: numbered(10, "england")})
	done := make(chan error)
	go func() { done <- c.Run(ctx) }()
	<-c.Ready()
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithCancel(w.ctx)
	c = w.collector(Config{Name: "idle"}, prometheus.NewRegistry(),
		&list{name: "list", events: numbered(1, "spain"), wait: true})
	go func() { done <- c.Run(ctx) }()
	<-c.Ready()
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestAStartStopStormLosesNothing(t *testing.T) {
	w := newWorld(t)
	events := numbered(50, "england")
	for i := range 10 {
		ctx, cancel := context.WithCancel(w.ctx)
		c := w.collector(Config{}, prometheus.NewRegistry(), &list{name: "list", events: events})
		done := make(chan error)
		go func() { done <- c.Run(ctx) }()
		if i%2 == 0 {
			<-c.Ready()
		}
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	w.run(Config{}, &list{name: "list", events: events})
	w.want(events)
}

// broken is a source that can't be opened.
type broken struct{}

func (broken) Name() string { return "broken" }
func (broken) Open(context.Context) ([]Feed, error) {
	return nil, errors.New("open E0.csv: no such file")
}

func TestWhatStopsACollectorIsSaid(t *testing.T) {
	w := newWorld(t)
	err := w.collector(Config{}, prometheus.NewRegistry(), broken{}).Run(w.ctx)
	if err == nil || !strings.Contains(err.Error(), "source broken: open E0.csv") {
		t.Errorf("got error %v", err)
	}
	torn := &list{name: "torn", events: numbered(2, "england")}
	feeds, err := torn.Open(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	next := feeds[0].Next
	feeds[0].Next = func(ctx context.Context) (*football.RawEvent, error) {
		raw, err := next(ctx)
		if err != nil {
			return nil, errors.New("a torn cable")
		}
		return raw, nil
	}
	err = w.collector(Config{}, prometheus.NewRegistry(), opened(feeds)).Run(w.ctx)
	if err == nil || !strings.Contains(err.Error(), "pool england: a torn cable") {
		t.Errorf("got error %v", err)
	}
	far := w.collector(Config{}, prometheus.NewRegistry(), &list{name: "far", events: numbered(1, "simulation")})
	far.cfg.Partitions = 99 // more than the topic has
	if err := far.Run(w.ctx); err == nil || !strings.Contains(err.Error(), "TOUCHLINE_PARTITIONS=99") {
		t.Errorf("got error %v", err)
	}
	strange := w.collector(Config{}, prometheus.NewRegistry(), &list{name: "x", events: numbered(1, "france")})
	strange.serde = wire.NewSerde(nil)
	if err := strange.Run(w.ctx); err == nil || !strings.Contains(err.Error(), "encode raw event france-0") {
		t.Errorf("got error %v", err)
	}
}

// opened is a source whose feeds are open.
type opened []Feed

func (opened) Name() string                           { return "opened" }
func (o opened) Open(context.Context) ([]Feed, error) { return o, nil }

func TestWrongSettingsAreAllReported(t *testing.T) {
	ref := football.DefaultReference()
	_, err := NewCollector(Config{Partitions: -1, Pace: Pace{Speed: -1}}, ref, nil, slog.Default(),
		prometheus.NewRegistry())
	for _, want := range []string{"TOUCHLINE_KAFKA_BROKERS", "without sources", "TOUCHLINE_PARTITIONS",
		"a speed of -1"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
	registry := prometheus.NewRegistry()
	cfg := Config{Client: []kgo.Opt{kgo.SeedBrokers("localhost:1")}}
	for i, want := range []bool{true, false} {
		_, err := NewCollector(cfg, ref, nil, slog.Default(), registry, &list{name: "list"})
		if (err == nil) != want {
			t.Errorf("collector %d: got error %v", i+1, err)
		}
	}
	if got := cfg.withDefaults([]Source{broken{}, &list{name: "list"}}); got.Name != "broken+list" ||
		got.Partitions != 12 {
		t.Errorf("got %+v", got)
	}
}

// ongoing is a live source: it can't be read again from its first event, but goes on after one that it knows.
type ongoing struct {
	events []*football.RawEvent
	opened int // the index of its first event when it is opened
}

func (*ongoing) Name() string { return "ongoing" }

func (o *ongoing) Open(context.Context) ([]Feed, error) {
	at := o.opened
	resume := func(_ context.Context, after *football.RawEvent) (bool, error) {
		for i, e := range o.events {
			if e.SourceEventID == after.SourceEventID {
				at = i + 1
				return true, nil
			}
		}
		return false, nil
	}
	next := func(context.Context) (*football.RawEvent, error) {
		if at == len(o.events) {
			return nil, io.EOF
		}
		e := *o.events[at]
		at++
		return &e, nil
	}
	return []Feed{{Pool: "england", Resume: resume, Next: next}}, nil
}

func TestALiveFeedResumesAfterItsLastEvent(t *testing.T) {
	w := newWorld(t)
	events := numbered(30, "england")
	w.run(Config{}, &ongoing{events: events[:10]})
	w.run(Config{}, &ongoing{events: events, opened: 10}) // its first ten are gone
	w.want(events)
}

// TestANewPoolIsOpenedOnce: what the log of a pool begins with comes before its first event, and neither again after a
// restart nor for a pool that has events of somebody else.
func TestANewPoolIsOpenedOnce(t *testing.T) {
	w := newWorld(t)
	asked := map[football.PoolID]int{}
	var mu sync.Mutex
	opening := func(_ context.Context, pool football.PoolID) (*football.RawEvent, error) {
		mu.Lock()
		defer mu.Unlock()
		asked[pool]++
		if pool == "spain" {
			return nil, nil
		}
		return &football.RawEvent{Pool: pool, Source: football.SourceModels, SourceEventID: "7"}, nil
	}
	w.run(Config{Name: "other"}, &list{name: "list", events: numbered(1, "italy")})
	for _, n := range []int{2, 4} {
		w.run(Config{Opening: opening}, &list{name: "list", events: numbered(n, "england", "spain", "italy")})
	}
	got := w.log()
	if want := []string{"7", "england-0", "england-1", "england-2", "england-3"}; !slices.Equal(got["england"], want) {
		t.Errorf("england: got %v, want %v", got["england"], want)
	}
	if got["spain"][0] != "spain-0" || slices.Contains(got["italy"], "7") {
		t.Errorf("got %v and %v, want events of the feed only", got["spain"], got["italy"])
	}
	if asked["england"] != 1 || asked["spain"] != 1 || asked["italy"] != 0 {
		t.Errorf("asked %v, want once for each pool that is new", asked)
	}
	broken := w.collector(Config{Name: "broken", Opening: func(context.Context, football.PoolID) (*football.RawEvent,
		error) {
		return nil, errors.New("no topic")
	}}, prometheus.NewRegistry(), &list{name: "list", events: numbered(1, "germany")})
	if err := broken.Run(w.ctx); err == nil || !strings.Contains(err.Error(), "open the pool germany: no topic") {
		t.Errorf("got %v, want why the pool could not be opened", err)
	}
}
