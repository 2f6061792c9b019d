package wire_test

import (
	"bytes"
	"context"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"

	schemafiles "github.com/touchline/touchline/schemas/avro"
	"github.com/touchline/touchline/schemas/wire"
)

// What decoding may allocate, in bytes: so many for each byte of its input, and so many at any rate. An item of a list
// may be a byte on the wire and a struct of some hundred bytes in memory, and a list that grows by blocks is copied.
const (
	bytesPerByte       = 128
	bytesAtLeast       = 64 << 10
	bytesPerSchemaByte = 2048    // of a foreign schema's text, which is parsed, resolved and compiled
	bytesPerSchema     = 8 << 20 // 2,048 types that a short text can describe
)

// allocated returns how many bytes were allocated while f ran.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// factSchemas returns the schemas of all facts, in the order of the table of topics.
func factSchemas() []wire.Codec {
	var schemas []wire.Codec
	for _, topic := range wire.Topics() {
		if !slices.Contains(schemas, topic.Schema) {
			schemas = append(schemas, topic.Schema)
		}
	}
	return schemas
}

// FuzzDecodeFact decodes a body as the fact with the index: it is refused, or encoded again it says the same.
func FuzzDecodeFact(f *testing.F) {
	schemas := factSchemas()
	for schema, fact := range filledFacts() {
		body, err := schema.AppendValue(nil, fact)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(slices.Index(schemas, schema)), body)
	}
	for _, event := range wire.Bodies() {
		body, err := wire.MatchEvent.Append(nil, eventWith(event))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(slices.Index(schemas, wire.Codec(wire.MatchEvent))), body)
	}
	f.Fuzz(func(t *testing.T, index uint8, body []byte) {
		schema := schemas[int(index)%len(schemas)]
		var value any
		var err error
		got := allocated(func() { value, err = schema.UnmarshalValue(body) })
		if most := uint64(bytesAtLeast + bytesPerByte*len(body)); got > most {
			t.Errorf("%s: %d bytes of body allocated %d bytes, want at most %d", schema.Name(), len(body), got, most)
		}
		checkDecoded(t, schema, value, err)
	})
}

// FuzzDecodeForeign decodes a body that was written with the schema text, as the fact with the index.
func FuzzDecodeForeign(f *testing.F) {
	schemas := factSchemas()
	for schema, fact := range filledFacts() {
		body, err := schema.AppendValue(nil, fact)
		if err != nil {
			f.Fatal(err)
		}
		index := uint8(slices.Index(schemas, schema))
		f.Add(index, schema.Text(), body)
		if released, err := schemafiles.Files.ReadFile("released/v1/" + schema.Name() + ".avsc"); err == nil {
			f.Add(index, string(released), body)
		}
		// A writer with two more fields, before all others.
		more := `"fields": [{"name":"more","type":{"type":"array","items":["null","string",{"type":"enum","name":"E",` +
			`"symbols":["P"]}]}},{"name":"much","type":{"type":"array","items":"double"}},`
		f.Add(index, strings.Replace(schema.Text(), `"fields": [`, more, 1),
			append([]byte{3, 8, 0, 2, 2, 'x', 0, 1, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0}, body...))
	}
	f.Fuzz(func(t *testing.T, index uint8, text string, body []byte) {
		schema := schemas[int(index)%len(schemas)]
		registry := &memoryRegistry{schemas: map[int]string{1: text}}
		serde, frame := registry.newSerde(t), frameOf(1, body...)
		var value any
		var err error
		got := allocated(func() { value, err = serde.DecodeValue(context.Background(), schema, frame) })
		most := uint64(bytesPerSchema + bytesPerSchemaByte*len(text) + bytesPerByte*len(body))
		if got > most {
			t.Errorf("%s: %d bytes of schema and %d of body allocated %d bytes, want at most %d", schema.Name(),
				len(text), len(body), got, most)
		}
		checkDecoded(t, schema, value, err)
	})
}

// FuzzDecodeFrame decodes a frame as a forecast, by a reader that has registered its schema and knows the id of one
// with more fields and of one that is refused.
func FuzzDecodeFrame(f *testing.F) {
	fact := filledFacts()[wire.Prediction]
	older, err := schemafiles.Files.ReadFile("released/v1/prediction.avsc")
	if err != nil {
		f.Fatal(err)
	}
	serde, registry, _ := newSerde(f)
	if err := serde.Register(context.Background(), "own-value", wire.Prediction); err != nil {
		f.Fatal(err)
	}
	for subject, text := range map[string]string{
		"older-value": string(older), "refused-value": thingWith(`{"type":"map","values":"int"}`),
	} {
		if _, _, err := registry.RegisterSchema(subject, sr.Schema{Schema: text}); err != nil {
			f.Fatal(err)
		}
	}
	frame, err := serde.EncodeValue(wire.Prediction, fact)
	if err != nil {
		f.Fatal(err)
	}
	for id := range 5 {
		f.Add(frameOf(id, frame[wire.FrameHeader:]...))
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, frame []byte) {
		var value any
		var err error
		got := allocated(func() { value, err = serde.DecodeValue(context.Background(), wire.Prediction, frame) })
		if most := uint64(bytesPerSchema + bytesPerByte*len(frame)); got > most {
			t.Errorf("%d bytes of frame allocated %d bytes, want at most %d", len(frame), got, most)
		}
		checkDecoded(t, wire.Prediction, value, err)
	})
}

// checkDecoded checks what became of a body. What was decoded can be encoded, decoded, and encoded again to the same
// bytes. What was refused was refused by our own check or by the rules of schemas: the Avro library must not read less
// or more of a body than the check did.
func checkDecoded(t *testing.T, schema wire.Codec, value any, err error) {
	t.Helper()
	if err != nil {
		if text := err.Error(); strings.Contains(text, "did not read the whole") ||
			strings.Contains(text, "read past") {
			t.Errorf("%s: check and library disagree: %v", schema.Name(), err)
		}
		return
	}
	first, err := schema.AppendValue(nil, value)
	if err != nil {
		t.Fatalf("%s: decoded but can't be encoded again: %v", schema.Name(), err)
	}
	again, err := schema.UnmarshalValue(first)
	if err != nil {
		t.Fatalf("%s: decoded, encoded, but can't be decoded again: %v", schema.Name(), err)
	}
	second, err := schema.AppendValue(nil, again)
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("%s: encoded twice it differs (%v):\n%x\n%x", schema.Name(), err, first, second)
	}
}
