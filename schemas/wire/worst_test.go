package wire_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// The limits of a frame, as the tests need them to build one that reaches them.
const (
	mostBody  = 16 << 20
	mostItems = 1 << 16
)

// costlyBody is a body that costs as much as one of its kind can.
type costlyBody struct {
	name   string
	schema wire.Codec
	body   []byte
}

// costlyBodies returns for each list of each fact a body in which it has all items that a body may have, and the raw
// event with the longest payload. Items are as short as can be: as structs they take the most for their bytes.
func costlyBodies(tb testing.TB) (bodies []costlyBody) {
	add := func(name string, schema wire.Codec, fact any) {
		tb.Helper()
		body, err := schema.AppendValue(nil, fact)
		if err != nil {
			tb.Fatal(err)
		}
		bodies = append(bodies, costlyBody{schema.Name() + name, schema, body})
	}
	add(".payload", wire.RawEvent, &football.RawEvent{Payload: make([]byte, mostBody-100)})
	for schema, fact := range filledFacts() {
		typ := reflect.TypeOf(fact).Elem()
		for _, list := range listsOf(typ) {
			value := reflect.New(typ)
			if event, ok := value.Interface().(*football.MatchEvent); ok {
				event.Body = football.KickOff{}
			}
			list.fill(value.Elem())
			add(list.name, schema, value.Interface())
		}
	}
	for _, zero := range wire.Bodies() {
		for _, list := range listsOf(reflect.TypeOf(zero)) {
			value := reflect.New(reflect.TypeOf(zero)).Elem()
			list.fill(value)
			add("."+zero.Kind()+list.name, wire.MatchEvent,
				&football.MatchEvent{Body: value.Interface().(football.EventBody)})
		}
	}
	return bodies
}

// listOf is a list somewhere in a fact: the fields that lead to it, each list on the way with one item.
type listOf struct {
	name   string
	fields []int
}

func listsOf(typ reflect.Type) (lists []listOf) {
	for i := range typ.NumField() {
		field := typ.Field(i)
		inner := field.Type
		if inner.Kind() == reflect.Slice && inner.Elem().Kind() != reflect.Uint8 {
			lists = append(lists, listOf{"." + field.Name, []int{i}})
			inner = inner.Elem()
		}
		if inner.Kind() != reflect.Struct {
			continue
		}
		for _, l := range listsOf(inner) {
			lists = append(lists, listOf{"." + field.Name + l.name, append([]int{i}, l.fields...)})
		}
	}
	return lists
}

// fill gives the list its items; what lists it lies in count too.
func (l listOf) fill(v reflect.Value) {
	around := 0
	for n, i := range l.fields {
		v = v.Field(i)
		if v.Kind() != reflect.Slice {
			continue
		}
		if n == len(l.fields)-1 {
			v.Set(reflect.MakeSlice(v.Type(), mostItems-around, mostItems-around))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		around++
		v = v.Index(0)
	}
}

// TestTheCostOfTheWorstFrame decodes the costliest bodies. Decision 0017 names the figures; those of this machine are
// what BenchmarkWorstBody prints.
func TestTheCostOfTheWorstFrame(t *testing.T) {
	const most = 40 << 20 // bytes
	for _, c := range costlyBodies(t) {
		var err error
		got := allocated(func() { _, err = c.schema.UnmarshalValue(c.body) })
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got > most {
			t.Errorf("%s: %d bytes of body allocated %d bytes, want at most %d", c.name, len(c.body), got, most)
		}
	}
}

func BenchmarkWorstBody(b *testing.B) {
	for _, c := range costlyBodies(b) {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.schema.UnmarshalValue(c.body); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(c.body)), "body-bytes")
		})
	}
}

// costlySchema is a schema that is nearly as much as a registry may have for a frame: a thing with more fields.
type costlySchema struct {
	name, text string
	least      int // the length of its shortest body
}

func costlySchemas() []costlySchema {
	const fields = 250
	var names, lists strings.Builder
	for i := range fields {
		fmt.Fprintf(&names, `{"name":"f%d","type":"R"},`, i)
		fmt.Fprintf(&lists, `{"name":"f%d","type":{"type":"array","items":["null","int"]}},`, i)
	}
	const record = `{"name":"f","type":{"type":"record","name":"R","fields":[{"name":"x","type":` +
		`["int","long","string","bytes","boolean"]}]}},`
	const start, end = `{"type":"record","name":"Thing","fields":[`, `{"name":"a","type":"long"}]}`
	return []costlySchema{
		{"a record of unions, named often", start + record + names.String() + end, 2*(fields+1) + 1},
		{"lists of unions", start + lists.String() + end, fields + 1},
		{"a long text", start + end + strings.Repeat(" ", 65_000), 1},
	}
}

func BenchmarkWorstSchema(b *testing.B) {
	for _, c := range costlySchemas() {
		b.Run(c.name, func(b *testing.B) {
			registry := &memoryRegistry{schemas: map[int]string{1: c.text}}
			frame := frameOf(1, make([]byte, c.least)...)
			b.ReportAllocs()
			for b.Loop() { // a serde that remembers nothing, each time
				if _, err := wire.Decode(context.Background(), registry.newSerde(b), thingSchema, frame); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(c.text)), "text-bytes")
		})
	}
}
