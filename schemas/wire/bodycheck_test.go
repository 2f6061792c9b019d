package wire_test

import (
	"io/fs"
	"reflect"
	"strings"
	"testing"

	schemafiles "github.com/touchline/touchline/schemas/avro"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

func TestABodyThatIsCutOrGoesOnIsRefused(t *testing.T) {
	for schema, fact := range filledFacts() {
		body, err := schema.AppendValue(nil, fact)
		if err != nil {
			t.Fatal(err)
		}
		for n := range body {
			if _, err := schema.UnmarshalValue(body[:n]); err == nil {
				t.Errorf("%s: the first %d of %d bytes were taken for a whole body", schema.Name(), n, len(body))
			}
		}
		_, err = schema.UnmarshalValue(append(body, 0))
		if err == nil || !strings.Contains(err.Error(), "1 bytes follow") {
			t.Errorf("%s: a body with one byte more: got %v, want a refusal", schema.Name(), err)
		}
	}
}

// filledFacts returns a fact of each schema of the table of topics, with all its fields set.
func filledFacts() map[wire.Codec]any {
	facts := map[wire.Codec]any{}
	for _, schema := range factSchemas() {
		fact := newFact(schema)
		if event, ok := fact.(*football.MatchEvent); ok {
			event.Body = football.LineUp{Side: football.Home, Players: []string{"1", "2"}}
		}
		fill(reflect.ValueOf(fact).Elem(), new(int))
		facts[schema] = fact
	}
	return facts
}

// newFact returns a pointer to a zero value of the struct T that the schema, a *wire.Schema[T], is bound to.
func newFact(schema wire.Codec) any {
	unmarshal := reflect.ValueOf(schema).MethodByName("Unmarshal")
	return reflect.New(unmarshal.Type().Out(0).Elem()).Interface()
}

// TestACountIsNoIndexOfMemory decodes a line-up whose list begins with a block of -2^63 players. The Avro library takes
// the count for one that fits, and writes the next block's players in front of the list.
func TestACountIsNoIndexOfMemory(t *testing.T) {
	event := &football.MatchEvent{Body: football.LineUp{Side: football.Home}}
	body, err := wire.MatchEvent.Append(nil, event)
	if err != nil {
		t.Fatal(err)
	}
	body = append(body[:len(body)-1], 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0)
	body = append(body, 2, 2, 'x', 0)
	if _, err := wire.MatchEvent.Unmarshal(body); err == nil || !strings.Contains(err.Error(), "claims") {
		t.Errorf("got %v, want a refusal of the count", err)
	}
}

func TestLimitsOfABody(t *testing.T) {
	type lists struct {
		A []bool `avro:"a"`
		B []bool `avro:"b"`
		C []byte `avro:"c"`
	}
	const booleans = `{"type":"array","items":"boolean"}`
	schema := wire.NewSchema[lists]("lists", `{"type":"record","name":"L","fields":[{"name":"a","type":`+booleans+
		`},{"name":"b","type":`+booleans+`},{"name":"c","type":"bytes"}]}`)
	for name, c := range map[string]struct {
		value  lists
		reason string
	}{
		"as many items as may be":   {lists{A: make([]bool, 40_000), B: make([]bool, 25_536)}, ""},
		"an item more":              {lists{A: make([]bool, 40_000), B: make([]bool, 25_537)}, "more than 65536 items"},
		"as long as it may be":      {lists{C: make([]byte, 16<<20-6)}, ""},
		"a byte longer than may be": {lists{C: make([]byte, 16<<20-5)}, "the limit is 16777216"},
	} {
		t.Run(name, func(t *testing.T) {
			body, err := schema.Append(nil, &c.value)
			if err != nil {
				t.Fatal(err)
			}
			_, err = schema.Unmarshal(body)
			if c.reason == "" && err != nil || c.reason != "" &&
				(err == nil || !strings.Contains(err.Error(), c.reason)) {
				t.Errorf("got %v, want %q", err, c.reason)
			}
		})
	}
}

// TestEverySchemaOfTheLineMayBeForeign reads each schema that we have or had as another process that does not have it
// registered reads it: none may be refused.
func TestEverySchemaOfTheLineMayBeForeign(t *testing.T) {
	for _, pattern := range []string{"*.avsc", "released/*/*.avsc"} {
		names, err := fs.Glob(schemafiles.Files, pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("no schemas %s found: %v", pattern, err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(schemafiles.Files, name)
			if err != nil {
				t.Fatal(err)
			}
			if err := wire.Compatible(string(text), string(text)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
