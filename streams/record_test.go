package streams_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/catalogue"
	"github.com/touchline/touchline/streams/internal/brokertest"
	"github.com/touchline/touchline/streams/line"
)

// TestRecordsOfARefusal: a refused input becomes a record of quarantine, in the partition of the input, with headers
// that say what caused it. Of an original that is longer than half a mebibyte the beginning is kept.
func TestRecordsOfARefusal(t *testing.T) {
	serde := brokertest.Embedded(t).Serde
	chain := line.Stages(football.DefaultReference(), nil, wire.Namespace{})[:1]
	if err := catalogue.Register(t.Context(), serde, chain); err != nil {
		t.Fatal(err)
	}
	for size, kept := range map[int]int{3: 3, 512 << 10: 512 << 10, 512<<10 + 1: 64 << 10} {
		input := &kgo.Record{
			Topic: wire.TopicRawEvents, Partition: 2, Offset: 7, Key: []byte("england"),
			Timestamp: time.UnixMilli(1234), Value: bytes.Repeat([]byte("x"), size),
			Headers: []kgo.RecordHeader{{Key: wire.HeaderTraceparent, Value: []byte("00-trace")}},
		}
		results, err := streams.NewMemory(chain).Fold(t.Context(), serde, input)
		if err != nil || len(results) != 1 {
			t.Fatalf("%d bytes that are no frame: got %d outputs, %v, want a refusal", size, len(results), err)
		}
		var produced []*kgo.Record
		records := streams.Records{Serde: serde}
		if err := records.Each(input, 0, results[0], &streams.Latest{}, func(r *kgo.Record) {
			produced = append(produced, r)
		}); err != nil || len(produced) != 1 {
			t.Fatalf("got %d records, %v, want 1", len(produced), err)
		}
		r := produced[0]
		for key, want := range map[string]string{
			wire.HeaderStage: chain[0].Name, wire.HeaderPublished: "1234", wire.HeaderTraceparent: "00-trace",
		} {
			if got, _ := kafkalog.Header(r, key); string(got) != want {
				t.Errorf("header %s: got %q, want %q", key, got, want)
			}
		}
		entry, err := streams.DecodeRecord(t.Context(), serde, wire.Quarantined, r)
		if err != nil {
			t.Fatal(err)
		}
		if r.Partition != 2 || string(r.Key) != "england" || entry.Offset != 7 || len(entry.Original) != kept ||
			entry.OriginalSize != int64(size) {
			t.Errorf("%d bytes: got partition %d, key %s, offset %d, %d of %d bytes kept, want %d", size, r.Partition,
				r.Key, entry.Offset, len(entry.Original), entry.OriginalSize, kept)
		}
		skipped := streams.Records{Serde: serde, Skip: func(*kgo.Record, string, *streams.Stage) bool { return true }}
		if err := skipped.Each(input, 0, results[0], &streams.Latest{}, func(r *kgo.Record) {
			t.Errorf("an output that is there already was written to %s", r.Topic)
		}); err != nil {
			t.Error(err)
		}
	}
}
