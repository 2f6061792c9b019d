package wire_test

import (
	"reflect"
	"testing"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// TestEveryFactRoundTrips fills every field of every fact with a value of its own and compares what comes back from the
// wire: a field that the Avro schema forgot, or a struct tag that is misspelt, comes back as zero.
func TestEveryFactRoundTrips(t *testing.T) {
	for schema, want := range filledFacts() {
		t.Run(schema.Name(), func(t *testing.T) {
			roundTrip(t, schema, want)
		})
	}
	for _, zero := range wire.Bodies() {
		t.Run("match-event "+zero.Kind(), func(t *testing.T) {
			roundTrip(t, wire.MatchEvent, eventWith(zero))
		})
	}
}

// eventWith returns an event with all its fields set and a body of the type of zero.
func eventWith(zero football.EventBody) *football.MatchEvent {
	body := reflect.New(reflect.TypeOf(zero))
	n := 0
	fill(body.Elem(), &n)
	event := &football.MatchEvent{Body: body.Elem().Interface().(football.EventBody)}
	fill(reflect.ValueOf(event).Elem(), &n)
	return event
}

func roundTrip(t *testing.T, schema wire.Codec, want any) {
	t.Helper()
	body, err := schema.AppendValue(nil, want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := schema.UnmarshalValue(body)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// fill sets every field below v to a value that no other field has.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(string(rune('a'+*n%26)) + "-" + reflect.TypeOf(*n).String())
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(*n) / 8)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Uint8:
		v.SetUint(uint64(*n % 256))
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Interface: // an event's body, filled by the caller
	default:
		panic("fill: " + v.Kind().String())
	}
}
