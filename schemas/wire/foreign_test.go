package wire_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/touchline/touchline/schemas/wire"
)

// thing is what the schemas of these tests are read as.
type thing struct {
	A int64  `avro:"a"`
	B string `avro:"b"`
}

const thingText = `{"type":"record","name":"Thing","fields":[{"name":"a","type":"long"},` +
	`{"name":"b","type":"string","default":"new"}]}`

var thingSchema = wire.NewSchema[thing]("thing", thingText)

// thingWith returns the text of a schema of a thing that has one more field, which its readers skip.
func thingWith(fieldType string) string {
	return fmt.Sprintf(`{"type":"record","name":"Thing","fields":[{"name":"more","type":%s},`+
		`{"name":"a","type":"long"}]}`, fieldType)
}

// decodeThing decodes a body that was written with the schema text.
func decodeThing(t testing.TB, text string, body ...byte) (*thing, error) {
	t.Helper()
	registry := &memoryRegistry{schemas: map[int]string{7: text}}
	return wire.Decode(context.Background(), registry.newSerde(t), thingSchema, frameOf(7, body...))
}

func TestForeignSchemasThatAreRefused(t *testing.T) {
	nested := func(levels int) string {
		return strings.Repeat(`{"type":"array","items":`, levels) + `"int"` + strings.Repeat("}", levels)
	}
	// Each record has two fields of the next one's type: 2^20 values that a text of some hundred bytes describes.
	doubling := `{"type":"record","name":"R20","fields":[{"name":"x","type":"int"}]}`
	for i := 19; i > 0; i-- {
		doubling = fmt.Sprintf(`{"type":"record","name":"R%d","fields":[{"name":"x","type":%s},`+
			`{"name":"y","type":"R%d"}]}`, i, doubling, i+1)
	}
	var branches, fields []string
	for i := range 65 {
		branches = append(branches, fmt.Sprintf(`{"type":"record","name":"B%d","fields":[]}`, i))
	}
	for i := range 250 {
		fields = append(fields, fmt.Sprintf(`{"name":"f%d","type":"R"}`, i))
	}
	// A record of 250 records that have nine types each, themselves included.
	wide := `{"type":"record","name":"W","fields":[{"name":"f","type":{"type":"record","name":"R","fields":` +
		`[{"name":"x","type":["int","long","float","double","string","bytes","boolean"]}]}},` +
		strings.Join(fields, ",") + `]}`
	var columns []string
	for i := range 257 {
		columns = append(columns, fmt.Sprintf(`{"name":"c%d","type":"int"}`, i))
	}
	for name, c := range map[string]struct{ text, reason string }{
		"a map":   {thingWith(`{"type":"map","values":"int"}`), "of the kind map"},
		"a fixed": {thingWith(`{"type":"fixed","name":"F","size":0}`), "of the kind fixed"},
		"a fixed of terabytes": {`{"type":"record","name":"Thing","fields":[{"name":"more","default":"","type":` +
			`{"type":"fixed","name":"F","size":1099511627776}},{"name":"a","type":"long"}]}`, "of the kind fixed"},
		"recursion": {thingWith(`{"type":"record","name":"Node","fields":[{"name":"next","type":["null","Node"]}]}`),
			"Node, that contains itself"},
		"recursion in its own default": {thingWith(`{"type":"record","name":"Node","fields":[{"name":"next",` +
			`"type":"Node","default":{}}]}`), "panicked"},
		"a list of nulls": {thingWith(`{"type":"array","items":"null"}`), "null outside of a union"},
		"a list of empty records": {thingWith(`{"type":"array","items":{"type":"record","name":"E","fields":[]}}`),
			"empty record"},
		"too deep":             {thingWith(nested(17)), "16 deep"},
		"brackets without end": {thingWith(nested(9_000)), "limit is 65536"},
		"many brackets":        {thingWith(nested(1_000)), "nested more than 64 deep"},
		"too many types":       {thingWith(wide), "more than 2048 types"},
		"too many fields": {thingWith(`{"type":"record","name":"C","fields":[` + strings.Join(columns, ",") + `]}`),
			"of 257 fields"},
		"exponentially many": {thingWith(doubling), "deep in each other"},
		"a wide union":       {thingWith("[" + strings.Join(branches, ",") + "]"), "union of 65 branches"},
		"an empty union":     {thingWith("[]"), "union of 0 branches"},
		"aliases": {`{"type":"record","name":"Thing","fields":[{"name":"a","type":"long"},` +
			`{"name":"c","Aliases":["a"],"type":"string"}]}`, "aliases"},
		"a long text":    {thingWith(`"int"`) + strings.Repeat(" ", 64<<10), "limit is 65536"},
		"no JSON":        {`syntax = "proto3"; message Thing {}`, "no JSON"},
		"another record": {`{"type":"record","name":"Other","fields":[]}`, "empty record"},
		"a missing field": {`{"type":"record","name":"Thing","fields":[{"name":"b","type":"string"}]}`,
			"reader field a"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decodeThing(t, c.text, 0, 0, 0)
			var undecodable *wire.UndecodableError
			if !errors.As(err, &undecodable) || !strings.Contains(err.Error(), c.reason) || len(err.Error()) > 600 {
				t.Errorf("got %.700v, want a short UndecodableError with %q", err, c.reason)
			}
		})
	}
}

func TestNewerWriterIsReadWithoutItsFields(t *testing.T) {
	// Two bytes of more: an int of a list that has one item, in a block without and with its size.
	const list = `{"type":"array","items":{"type":"record","name":"Item","fields":[{"name":"x","type":"string"}]}}`
	for name, c := range map[string]struct {
		text string
		more []byte
	}{
		"a list":             {list, []byte{2, 4, 'x', 'y', 0}},
		"a list with sizes":  {list, []byte{1, 6, 4, 'x', 'y', 0}},
		"an empty list":      {list, []byte{0}},
		"an enum":            {`{"type":"enum","name":"E","symbols":["P","Q"]}`, []byte{2}},
		"an optional string": {`["null","string"]`, []byte{2, 2, 'x'}},
		"an absent string":   {`["null","string"]`, []byte{0}},
		"a record, named twice": {`{"type":"record","name":"P","fields":[{"name":"x","type":"double"}]}`,
			make([]byte, 8)},
		"a logical type": {`{"type":"bytes","logicalType":"decimal","precision":4}`, []byte{4, 1, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := decodeThing(t, thingWith(c.text), append(c.more, 6)...)
			if err != nil {
				t.Fatal(err)
			}
			if want := (&thing{A: 3, B: "new"}); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestWhatIsSkippedIsCheckedToo(t *testing.T) {
	list := thingWith(`{"type":"array","items":"long"}`)
	most := []byte{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}  // 2^63-1
	least := []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01} // -2^63
	for name, c := range map[string]struct {
		text   string
		body   []byte
		reason string
	}{
		"a count of 2^63-1":        {list, append(most, 0, 6), "claims 9223372036854775807 items"},
		"a count of -2^63":         {list, append(least, 0, 0, 6), "claims 9223372036854775808 items"},
		"a size that is too small": {list, []byte{3, 2, 2, 2, 0, 6}, "claims 1 bytes and has 2"},
		"a size that is negative":  {list, []byte{1, 3, 2, 0, 6}, "claims -2 bytes"},
		"a long string":            {thingWith(`"string"`), append(most, 6), "too early"},
		"a negative string":        {thingWith(`"string"`), []byte{1, 6}, "too early"},
		"a boolean of 2":           {thingWith(`"boolean"`), []byte{2, 6}, "boolean"},
		"a branch that is not":     {thingWith(`["null","int"]`), []byte{4, 6}, "branch 2"},
		"a negative branch":        {thingWith(`["null","int"]`), []byte{1, 6}, "branch -1"},
		"an int of 6 bytes":        {thingWith(`"int"`), []byte{255, 255, 255, 255, 255, 1, 6}, "too many bytes"},
		"a long that ends":         {thingWith(`"int"`), []byte{2, 0x80}, "too early"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decodeThing(t, c.text, c.body...)
			var undecodable *wire.UndecodableError
			if !errors.As(err, &undecodable) || !strings.Contains(err.Error(), c.reason) {
				t.Errorf("got %v, want an UndecodableError with %q", err, c.reason)
			}
		})
	}
}

func TestTheRegistryIsAskedOnceForASchema(t *testing.T) {
	refused := thingWith(`{"type":"map","values":"int"}`)
	registry := &memoryRegistry{schemas: map[int]string{1: thingText, 2: refused}}
	serde := registry.newSerde(t)
	for range 3 {
		for id := 1; id <= 3; id++ { // one to read, one to refuse, one that nobody registered
			_, err := wire.Decode(context.Background(), serde, thingSchema, frameOf(id, 2, 2, 'x'))
			if wanted := id == 1; (err == nil) != wanted {
				t.Errorf("id %d: got %v, want success: %v", id, err, wanted)
			}
		}
	}
	if registry.questions != 3 {
		t.Errorf("the registry was asked %d times, want once for each of 3 ids", registry.questions)
	}
}

func TestAnIDThatWasUnknownIsAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry := &memoryRegistry{schemas: map[int]string{}}
		serde := registry.newSerde(t)
		decode := func() error {
			_, err := wire.Decode(context.Background(), serde, thingSchema, frameOf(1, 2, 2, 'x'))
			return err
		}
		if err := decode(); err == nil {
			t.Fatal("a frame whose schema nobody registered was decoded")
		}
		registry.schemas[1] = thingText
		if err := decode(); err == nil || registry.questions != 1 {
			t.Errorf("got %v after %d questions, want the remembered refusal after 1", err, registry.questions)
		}
		time.Sleep(5 * time.Second) // of the bubble's clock
		if err := decode(); err != nil {
			t.Errorf("after five seconds: got %v, want the schema that was registered meanwhile", err)
		}
	})
}

func TestManyIDsPushOutTheOldestOnly(t *testing.T) {
	registry := &memoryRegistry{schemas: map[int]string{}}
	serde := registry.newSerde(t)
	decode := func(id int) {
		t.Helper()
		if _, err := wire.Decode(context.Background(), serde, thingSchema, frameOf(id, 2, 2, 'x')); err != nil {
			t.Fatal(err)
		}
	}
	const remembered = 256
	for id := range remembered + 1 {
		registry.schemas[id] = thingText
		decode(id)
	}
	for id := 100_000; id < 105_000; id++ { // nobody registered these: they push out nothing
		if _, err := wire.Decode(context.Background(), serde, thingSchema, frameOf(id)); err == nil {
			t.Fatalf("id %d was decoded", id)
		}
	}
	asked := registry.questions
	decode(remembered)
	if registry.questions != asked {
		t.Error("the newest schema was forgotten")
	}
	decode(0)
	if registry.questions != asked+1 {
		t.Error("the oldest schema is still remembered: nothing bounds the number of schemas")
	}
}
