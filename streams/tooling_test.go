package streams

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

func TestQuarantineIsListedAndShown(t *testing.T) {
	w := newWorld(t)
	stop := w.start("a")
	w.send("refused", 1, 1)
	w.sendFrame(0, []byte("not a frame"))
	w.sendFrame(1, make([]byte, wholeOriginal+1))
	w.read(wire.TopicQuarantine, 3)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	ctx := testContext(t)
	found := map[football.RefusalReason]QuarantineEntry{}
	n := 0
	err := ReadQuarantine(ctx, w.Opts(), w.Serde, func(e QuarantineEntry) error {
		found[e.Reason] = e
		n++
		if e.Partition == 1 && (len(e.Original) != headOriginal || e.OriginalSize != wholeOriginal+1 || e.Digest == "") {
			t.Errorf("a large original is kept with %d of %d bytes and digest %q", len(e.Original), e.OriginalSize, e.Digest)
		}
		return nil
	})
	if err != nil || n != 3 {
		t.Fatalf("got %d entries, %v; want 3", n, err)
	}
	w.produce(&kgo.Record{Topic: wire.TopicQuarantine, Value: []byte("\x00\x00\x00\xff\xff\x01\x02")})
	var last QuarantineEntry
	err = ReadQuarantine(ctx, w.Opts(), w.Serde, func(e QuarantineEntry) error {
		if e.Topic == wire.TopicQuarantine {
			last = e
		}
		return nil
	})
	if err != nil || last.Reason != football.RefusedUndecodable || len(last.Original) != 7 || last.Detail == "" {
		t.Errorf("an entry that no stage wrote: got %+v, %v", last, err)
	}
	if _, err := QuarantineEntryByID(ctx, w.Opts(), w.Serde, "99/0"); err == nil || strings.Contains(err.Error(), "%!") || !strings.Contains(err.Error(), "99") {
		t.Errorf("of a partition that is not there: %v", err)
	}
	want := found[football.RefusedImpossible]
	got, err := QuarantineEntryByID(ctx, w.Opts(), w.Serde, want.ID())
	if err != nil || got.Detail != "a refused event" || got.ID() != want.ID() {
		t.Errorf("entry %s: got %+v, %v", want.ID(), got, err)
	}
	for _, id := range []string{"0/999", "x", "1", "0/x"} {
		if _, err := QuarantineEntryByID(ctx, w.Opts(), w.Serde, id); err == nil {
			t.Errorf("%q was found", id)
		}
	}
}

func TestCatalogueDescribesAndRefusesWhatIsNotIts(t *testing.T) {
	w := newWorld(t)
	w.send("feed", 3, 9)
	stop := w.start("a")
	w.read(wire.TopicMatchEvents, 9)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	ctx := testContext(t)
	chain := numberingChain()
	fresh, err := kgo.NewClient(w.Opts()...) // the world's own client still holds that the topics are not there
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	adm := kadm.NewClient(fresh)
	topics, groups, err := NewCatalogue(partitions, -1, chain).Describe(ctx, adm, chain.Group("touchline"))
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range topics {
		if topic.Missing {
			t.Errorf("%s is missing", topic.Name)
		}
		if topic.Name == wire.TopicRawEvents && (topic.Records != 9 || topic.Partitions != partitions || topic.Bytes <= 0) {
			t.Errorf("got %+v, want 9 records in %d partitions", topic, partitions)
		}
	}
	if len(groups) != 1 || groups[0].Lag != 0 || groups[0].Topic != wire.TopicRawEvents {
		t.Errorf("got %+v, want one group without lag", groups)
	}
	if err := NewCatalogue(partitions+1, -1, chain).Ensure(ctx, adm); err == nil || !strings.Contains(err.Error(), "TOUCHLINE_PARTITIONS") {
		t.Errorf("another number of partitions: got %v", err)
	}
	odd := Catalogue{Topics: []wire.Topic{{Name: wire.TopicRawEvents, Compacted: true}}, Partitions: partitions, Replication: -1}
	if err := odd.Ensure(ctx, adm); err == nil || !strings.Contains(err.Error(), "cleanup.policy") {
		t.Errorf("another cleanup policy: got %v", err)
	}
	missing := Catalogue{Topics: []wire.Topic{{Name: "nowhere"}}, Partitions: 1}
	if reports, _, err := missing.Describe(ctx, adm, chain.Group("touchline")); err != nil || !reports[0].Missing {
		t.Errorf("a topic that is not there: got %+v, %v", reports, err)
	}
}

func TestModelsAreRegisteredOnce(t *testing.T) {
	w := newWorld(t)
	ctx := testContext(t)
	one := &football.ModelFact{ID: "goals", Version: 1, Digest: "a", Change: football.ModelRegistered}
	other := &football.ModelFact{ID: "goals", Version: 2, Digest: "b", Change: football.ModelRegistered}
	for _, facts := range [][]*football.ModelFact{{one}, {one, other}, {one, other}} {
		models, err := ReadModels(ctx, w.Opts(), w.Serde, func(context.Context, int64, *football.ModelFact) error { return nil }, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := RegisterModels(ctx, models, facts...); err != nil {
			t.Fatal(err)
		}
	}
	w.read(wire.TopicModels, 2)
}

func TestChangelogOfAnotherLayoutIsRefused(t *testing.T) {
	w := newWorld(t)
	foreign := &kgo.Record{Topic: numberingChain()[0].Changelog(), Partition: 0, Key: []byte(positionKey), Value: []byte("x"),
		Headers: []kgo.RecordHeader{{Key: wire.HeaderInputOffset, Value: []byte("another.topic/0/5")}}}
	if err := w.client.ProduceSync(testContext(t), foreign).FirstErr(); err != nil {
		t.Fatal(err)
	}
	stop := w.start("a")
	w.send("feed", 1, 1)
	<-w.ended
	if err := stop(); err == nil || !strings.Contains(err.Error(), "TOUCHLINE_LAYOUT") {
		t.Errorf("got %v, want a refusal that names TOUCHLINE_LAYOUT", err)
	}
}

func TestCausesAndHeadersThatAreBroken(t *testing.T) {
	good := Cause{"football.raw-events", 3, 12, 4}
	if got, err := ParseCause(good.String()); err != nil || got != good {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range []string{"", "a/b", "t/x/1/1", "t/1/x/1", "t/1/1/x", "t/1/1/1/1"} {
		if _, err := ParseCause(bad); err == nil {
			t.Errorf("%q passes as a cause", bad)
		}
	}
	for _, bad := range []string{"", "a/b", "t/1/x"} {
		record := &kgo.Record{Headers: []kgo.RecordHeader{{Key: wire.HeaderInputOffset, Value: []byte(bad)}}}
		if _, _, err := inputOffset(record); err == nil {
			t.Errorf("%q passes as an input offset", bad)
		}
	}
	if _, _, err := inputOffset(&kgo.Record{}); err == nil {
		t.Error("a record without the header passes")
	}
}
