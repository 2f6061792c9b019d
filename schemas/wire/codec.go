package wire

import (
	"fmt"
	"reflect"

	"github.com/touchline/touchline/schemas/football"
)

// Codec is a schema whose Go type the caller does not name: that of a row of the table of topics, or of a kind of
// state. Code that knows the type uses Schema with Encode and Decode, which need no assertion. Only this package
// implements it.
type Codec interface {
	// Name returns the schema's name, such as "prediction".
	Name() string
	// Text returns the schema as JSON.
	Text() string
	// AppendValue appends the Avro body of value, a pointer to the schema's struct, to buf.
	AppendValue(buf []byte, value any) ([]byte, error)
	// UnmarshalValue decodes an Avro body that was written with this very schema into a pointer to the schema's struct.
	UnmarshalValue(body []byte) (any, error)

	identity() *format
	decodeValue(d *decoder, body []byte) (any, error)
}

// AppendValue is Append for a fact of unknown type. An error says that it is not a *T.
func (s *Schema[T]) AppendValue(buf []byte, value any) ([]byte, error) {
	fact, ok := value.(*T)
	if !ok {
		return nil, fmt.Errorf("encode %s: got a %T, want a %T", s.name, value, fact)
	}
	return s.Append(buf, fact)
}

// UnmarshalValue is Unmarshal for a reader that does not name the type.
func (s *Schema[T]) UnmarshalValue(body []byte) (any, error) { return s.decodeValue(s.own, body) }

func (s *Schema[T]) decodeValue(d *decoder, body []byte) (any, error) {
	fact, err := s.decodeBody(d, body)
	if err != nil {
		return nil, err // not a nil *T in an any
	}
	return fact, nil
}

// stateCodec is the schema of a kind of state, whose Go type only its stage knows.
type stateCodec struct{ format }

// StateCodec returns the schema of a stage's state kind, schemas/avro/state-<stage>-<kind>.avsc, bound to the type of
// the kind's blank.
func StateCodec(stage string, kind football.StateKind) Codec {
	name := "state-" + stage + "-" + kind.Kind
	pointer := reflect.TypeOf(kind.Blank)
	return &stateCodec{newFormat(name, schemaText(name), pointer, libraryConfig.Freeze)}
}

func (c *stateCodec) AppendValue(buf []byte, value any) ([]byte, error) {
	return c.appendAvro(buf, value)
}

func (c *stateCodec) UnmarshalValue(body []byte) (any, error) { return c.decodeValue(c.own, body) }

func (c *stateCodec) decodeValue(d *decoder, body []byte) (any, error) {
	value := reflect.New(c.pointer.Elem()).Interface()
	if err := d.decodeInto(body, value); err != nil {
		return nil, fmt.Errorf("decode %s: %w", c.name, err)
	}
	return value, nil
}
