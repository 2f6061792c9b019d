package kafkalog_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
)

const topic = "facts"

// broker is an embedded broker with a topic of two partitions.
type broker struct {
	t    *testing.T
	opts []kgo.Opt
}

func newBroker(t *testing.T) *broker {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, topic))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return &broker{t, []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...)}}
}

func (b *broker) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	b.t.Cleanup(cancel)
	return ctx
}

// transact appends values to a partition in one transaction.
func (b *broker) transact(partition int32, commit bool, values ...string) {
	b.t.Helper()
	client, err := kafkalog.OpenCommand(b.ctx(), b.opts, "test")
	if err != nil {
		b.t.Fatal(err)
	}
	defer client.Close()
	aborted := errors.New("aborted")
	err = kafkalog.Transact(b.ctx(), client, func() error {
		for _, value := range values {
			r := &kgo.Record{Topic: topic, Partition: partition, Value: []byte(value)}
			if err := client.ProduceSync(b.ctx(), r).FirstErr(); err != nil {
				return err
			}
		}
		if !commit {
			return aborted
		}
		return nil
	})
	if (err == nil) != commit || err != nil && !errors.Is(err, aborted) {
		b.t.Fatal(err)
	}
}

func (b *broker) open() *kafkalog.Reader {
	b.t.Helper()
	reader, err := kafkalog.Open(b.opts)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(reader.Close)
	return reader
}

func TestOnlyWhatHasCommittedIsReadInTheOrderOfEachPartition(t *testing.T) {
	b := newBroker(t)
	b.transact(0, true, "a", "b")
	b.transact(0, false, "never", "ever")
	b.transact(1, true, "x")
	b.transact(0, true, "c")
	b.transact(1, false, "not this")
	read := map[int32]string{}
	err := b.open().ReadToEnd(b.ctx(), topic, func(r *kgo.Record) error {
		read[r.Partition] += string(r.Value)
		return nil
	})
	if err != nil || read[0] != "abc" || read[1] != "x" {
		t.Errorf("read %v, %v", read, err)
	}
}

func TestAScanIsBoundedAndReturnsWhatThePartitionHas(t *testing.T) {
	b := newBroker(t)
	for i := range 5 { // offsets 0, 2, 4, 6, 8; the markers have the odd ones
		b.transact(0, true, fmt.Sprint(i))
	}
	for _, c := range []struct {
		from, to int64
		want     string
	}{
		{0, kafkalog.ToEnd, "01234"}, {3, kafkalog.ToEnd, "234"}, {2, 7, "123"}, {4, 5, "2"}, {5, 6, ""}, {0, 0, ""},
		{9, kafkalog.ToEnd, ""}, {99, 100, ""}, {-5, 1, "0"},
	} {
		got := ""
		had, err := kafkalog.Scan(b.ctx(), b.opts, topic, 0, c.from, c.to, func(r *kgo.Record) error {
			got += string(r.Value)
			return nil
		})
		if err != nil || got != c.want || had != (kafkalog.Span{Start: 0, End: 10}) {
			t.Errorf("from %d to %d: read %q, want %q; had %v, %v", c.from, c.to, got, c.want, had, err)
		}
	}
	stop := errors.New("stop")
	_, err := kafkalog.Scan(b.ctx(), b.opts, topic, 0, 0, kafkalog.ToEnd, func(*kgo.Record) error { return stop })
	if !errors.Is(err, stop) || !strings.Contains(err.Error(), "facts/0") {
		t.Errorf("an error of the visitor: got %v", err)
	}
	for name, place := range map[string]struct {
		topic     string
		partition int32
	}{"no such topic": {"nowhere", 0}, "no such partition": {topic, 7}} {
		_, err := kafkalog.Scan(b.ctx(), b.opts, place.topic, place.partition, 0, kafkalog.ToEnd, nil)
		if !errors.Is(err, kerr.UnknownTopicOrPartition) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestAnOpenTransactionIsWaitedFor begins to read while a transaction is open: what it commits is read.
func TestAnOpenTransactionIsWaitedFor(t *testing.T) {
	b := newBroker(t)
	client, err := kafkalog.OpenCommand(b.ctx(), b.opts, "slow")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	read := make(chan string, 1)
	err = kafkalog.Transact(b.ctx(), client, func() error {
		if err := client.ProduceSync(b.ctx(), &kgo.Record{Topic: topic, Value: []byte("late")}).FirstErr(); err != nil {
			return err
		}
		reader := b.open()
		spans, err := reader.Spans(b.ctx(), topic)
		if err != nil || spans[0] != (kafkalog.Span{Start: 0, End: 1}) {
			t.Errorf("spans %v, %v", spans, err)
		}
		go func() {
			got := ""
			_ = reader.Read(b.ctx(), topic, spans, func(r *kgo.Record) error {
				got += string(r.Value)
				return nil
			})
			read <- got
		}()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := <-read; got != "late" {
		t.Errorf("read %q", got)
	}
}

func TestFollowReadsOnUntilItIsStopped(t *testing.T) {
	b := newBroker(t)
	b.transact(0, true, "a")
	ctx, cancel := context.WithCancel(b.ctx())
	got, done := make(chan string, 10), make(chan error, 1)
	reader := b.open()
	go func() {
		done <- reader.Follow(ctx, kafkalog.Offsets{topic: {0: 0, 1: 0}},
			kafkalog.EachCommitted(func(r *kgo.Record) error {
				got <- string(r.Value)
				return nil
			}))
	}()
	first := <-got
	b.transact(1, false, "never")
	b.transact(1, true, "b")
	if second := <-got; first != "a" || second != "b" {
		t.Errorf("got %q and %q", first, second)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("a stop is no error: %v", err)
	}
	if len(got) > 0 {
		t.Errorf("read %q too", <-got)
	}
}

func TestTwoCommandsStopEachOther(t *testing.T) {
	b := newBroker(t)
	first, err := kafkalog.OpenCommand(b.ctx(), b.opts, "repair")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	err = kafkalog.Transact(b.ctx(), first, func() error {
		second, err := kafkalog.OpenCommand(b.ctx(), b.opts, "repair")
		if err != nil {
			return err
		}
		second.Close()
		return first.ProduceSync(b.ctx(), &kgo.Record{Topic: topic, Value: []byte("x")}).FirstErr()
	})
	if !errors.Is(err, kafkalog.ErrSuperseded) {
		t.Errorf("got %v, want ErrSuperseded", err)
	}
}

func TestATopicThatWasMadeAnewHasAnotherID(t *testing.T) {
	b := newBroker(t)
	reader := b.open()
	before, err := reader.TopicID(b.ctx(), topic)
	if err != nil {
		t.Fatal(err)
	}
	if ids, err := reader.Partitions(b.ctx(), topic); err != nil || !slices.Equal(ids, []int32{0, 1}) {
		t.Errorf("partitions %v, %v", ids, err)
	}
	if _, err := reader.Admin().DeleteTopic(b.ctx(), topic); err != nil {
		t.Fatal(err)
	}
	reader = b.open() // a client keeps metadata for a moment
	if exists, err := reader.Exists(b.ctx(), topic); exists || err != nil {
		t.Errorf("a deleted topic exists: %t, %v", exists, err)
	}
	if _, err := reader.Admin().CreateTopic(b.ctx(), 2, 1, nil, topic); err != nil {
		t.Fatal(err)
	}
	reader = b.open()
	if after, err := reader.TopicID(b.ctx(), topic); err != nil || after == before {
		t.Errorf("ids %v and %v, %v", before, after, err)
	}
}

func TestMissingExplainsWhereARecordWent(t *testing.T) {
	had := kafkalog.Span{Start: 10, End: 20}
	for offset, want := range map[int64]string{5: "is gone", 20: "made anew", 12: "no committed record"} {
		if got := had.Missing(topic, 1, offset); !strings.Contains(got, want) ||
			!strings.Contains(got, fmt.Sprintf("facts/1/%d", offset)) {
			t.Errorf("offset %d: %q", offset, got)
		}
	}
}

func TestACloneOwnsItsMemory(t *testing.T) {
	shared := []byte("key value header")
	r := &kgo.Record{Topic: topic, Partition: 1, Offset: 3, Key: shared[:3], Value: shared[4:9],
		Headers: []kgo.RecordHeader{{Key: "h", Value: shared[10:]}}}
	kept := kafkalog.Clone(r)
	copy(shared, "................")
	header, ok := kafkalog.Header(kept, "h")
	if string(kept.Key) != "key" || string(kept.Value) != "value" || string(header) != "header" || !ok {
		t.Errorf("the clone changed with the fetch: %s %s %s", kept.Key, kept.Value, header)
	}
	if _, ok := kafkalog.Header(kept, "other"); ok || kafkalog.AddressOf(kept) != "facts/1/3" {
		t.Errorf("address %s", kafkalog.AddressOf(kept))
	}
}

func TestAddressesAreReadBack(t *testing.T) {
	gotTopic, partition, offset, err := kafkalog.ParseAddress(kafkalog.Address(topic, 3, 1200))
	if err != nil || gotTopic != topic || partition != 3 || offset != 1200 {
		t.Errorf("got %s %d %d, %v", gotTopic, partition, offset, err)
	}
	for _, bad := range []string{"", "facts", "facts/1", "facts/x/1", "facts/1/x", "facts/1/2/3",
		"facts/99999999999/1"} {
		if _, _, _, err := kafkalog.ParseAddress(bad); err == nil {
			t.Errorf("%q passes as an address", bad)
		}
	}
}
