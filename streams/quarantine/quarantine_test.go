package quarantine_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/line/linetest"
	"github.com/touchline/touchline/streams/quarantine"
)

// largest is the length up to which quarantine keeps an original whole, kept what it keeps of a longer one.
const largest, kept = 512 << 10, 64 << 10

// refuse folds payloads that no stage can read, as records of raw-events, and appends what they cause.
func (w *refusing) refuse(payloads ...[]byte) {
	w.t.Helper()
	ctx := linetest.Deadline(w.t)
	memory := streams.NewMemory(line.Through(wire.StageNormalize, football.DefaultReference(), nil))
	var records []*kgo.Record
	for i, payload := range payloads {
		raw := &kgo.Record{Topic: wire.TopicRawEvents, Partition: int32(i), Offset: 7, Value: payload}
		results, err := memory.Fold(ctx, w.Serde, raw)
		if err != nil {
			w.t.Fatal(err)
		}
		for n, result := range results {
			err := streams.Records{Serde: w.Serde}.Each(raw, n, result, nil,
				func(r *kgo.Record) { records = append(records, r) })
			if err != nil {
				w.t.Fatal(err)
			}
		}
	}
	if err := w.Client(w.t).ProduceSync(ctx, records...).FirstErr(); err != nil {
		w.t.Fatal(err)
	}
}

func TestQuarantineIsListedAndShown(t *testing.T) {
	w := &refusing{Broker: linetest.NewBroker(t, nil), t: t}
	foreign, err := wire.Encode(w.Serde, wire.RawEvent, &football.RawEvent{Source: "nobody", ContentType: "text/odd"})
	if err != nil {
		t.Fatal(err)
	}
	w.refuse(foreign, make([]byte, largest+1), []byte("not a frame"))
	entries, settled := w.entries()
	if len(entries) != 3 || len(settled) != 0 {
		t.Fatalf("got %d entries and %d settlements, want 3 and none", len(entries), len(settled))
	}
	for _, e := range entries {
		switch e.Quarantined.Partition {
		case 0:
			if e.Reason == football.RefusedUndecodable || e.Detail == "" || string(e.Original) != string(foreign) {
				t.Errorf("an event of an unknown source: %+v", e)
			}
		case 1:
			if len(e.Original) != kept || e.OriginalSize != largest+1 || e.Digest == "" {
				t.Errorf("a large original is kept with %d of %d bytes and digest %q", len(e.Original), e.OriginalSize,
					e.Digest)
			}
		case 2:
			if e.Reason != football.RefusedUndecodable || string(e.Original) != "not a frame" ||
				e.Topic != wire.TopicRawEvents {
				t.Errorf("what is no frame: %+v", e)
			}
		}
		got, err := quarantine.EntryByID(linetest.Deadline(t), w.Opts(), wire.Namespace{}, w.Serde, e.ID())
		if err != nil || got.ID() != e.ID() || got.Digest != e.Digest {
			t.Errorf("entry %s: got %+v, %v", e.ID(), got, err)
		}
	}
}

// TestFramesOfHostileSchemasAreQuarantined publishes frames whose schemas another producer registered: the stage
// refuses each with the reason, and reads the good frame that follows them.
func TestFramesOfHostileSchemasAreQuarantined(t *testing.T) {
	w := &refusing{Broker: linetest.NewBroker(t, nil), t: t}
	registry, err := sr.NewClient(sr.URLs(w.Registry))
	if err != nil {
		t.Fatal(err)
	}
	good, err := wire.Encode(w.Serde, wire.RawEvent, &football.RawEvent{Source: "nobody", ContentType: "text/odd"})
	if err != nil {
		t.Fatal(err)
	}
	schemas := []struct{ more, reason string }{
		{`{"type":"map","values":"string"}`, "the kind map"},
		{`{"type":"record","name":"Node","fields":[{"name":"next","type":["null","Node"]}]}`, "contains itself"},
		{`{"type":"array","items":"null"}`, "null outside of a union"},
	}
	var frames [][]byte
	for i, s := range schemas {
		text := strings.Replace(wire.RawEvent.Text(), `"fields": [`, `"fields": [{"name":"more","type":`+s.more+`},`, 1)
		subject := fmt.Sprintf("hostile-%d", i)
		registered, err := registry.CreateSchema(linetest.Deadline(t), subject, sr.Schema{Schema: text})
		if err != nil {
			t.Fatal(err)
		}
		frame := binary.BigEndian.AppendUint32([]byte{0}, uint32(registered.ID))
		frames = append(frames, append(append(frame, 0), good[wire.FrameHeader:]...))
	}
	w.refuse(append(frames, append(slices.Clone(good), 0), good)...)
	entries, _ := w.entries()
	if len(entries) != 5 {
		t.Fatalf("got %d entries, want one for each frame", len(entries))
	}
	reasons := []string{schemas[0].reason, schemas[1].reason, schemas[2].reason, "1 bytes follow the last value", ""}
	for _, e := range entries {
		n := e.Quarantined.Partition
		decoded := n == 4 // its source is refused later, by the stage itself
		if got := e.Reason != football.RefusedUndecodable; got != decoded || !strings.Contains(e.Detail, reasons[n]) {
			t.Errorf("frame %d: got %s, %q; want a detail with %q", n, e.Reason, e.Detail, reasons[n])
		}
	}
}

func TestAnEntryThatNoStageWroteIsAnEntryAboutItself(t *testing.T) {
	w := &refusing{Broker: linetest.NewBroker(t, nil), t: t}
	odd := &kgo.Record{Topic: wire.TopicQuarantine, Value: []byte("\x00\x00\x00\xff\xff\x01\x02")}
	if err := w.Client(t).ProduceSync(linetest.Deadline(t), odd).FirstErr(); err != nil {
		t.Fatal(err)
	}
	entries, _ := w.entries()
	if len(entries) != 1 || entries[0].Reason != football.RefusedUndecodable || len(entries[0].Original) != 7 ||
		entries[0].Detail == "" {
		t.Errorf("got %+v", entries)
	}
}

func TestEntriesThatAreNotThere(t *testing.T) {
	w := &refusing{Broker: linetest.NewBroker(t, nil), t: t}
	for _, id := range []string{"0/999", "x", "1", "0/x", "99/0"} {
		_, err := quarantine.EntryByID(linetest.Deadline(t), w.Opts(), wire.Namespace{}, w.Serde, id)
		if err == nil || strings.Contains(err.Error(), "%!") ||
			!strings.Contains(err.Error(), strings.Split(id, "/")[0]) {
			t.Errorf("%q: got %v, want an error that names it", id, err)
		}
	}
}
