package wire

import (
	"fmt"
	"reflect"
	"sync"

	"github.com/hamba/avro/v2"

	schemafiles "github.com/touchline/touchline/schemas/avro"
	"github.com/touchline/touchline/schemas/football"
)

// Schema binds an Avro schema to the Go struct T. It is safe for concurrent use.
type Schema[T any] struct {
	format
	toAvro   func(*T) any          // what Avro encodes; nil: the fact itself
	fromAvro func(any) (*T, error) // the fact that a decoded value stands for; nil: the value itself
	blank    func() any            // a pointer to a fresh value that a body is decoded into
}

// The schemas of the line's facts.
var (
	RawEvent      = factSchema[football.RawEvent]("raw-event")
	MatchEvent    = matchEventSchema()
	MatchFeatures = factSchema[football.MatchFeatures]("match-features")
	Prediction    = factSchema[football.Prediction]("prediction")
	Evaluation    = factSchema[football.Evaluation]("evaluation")
	Outlook       = factSchema[football.Outlook]("outlook")
	ModelFact     = factSchema[football.ModelFact]("model-fact")
	Quarantined   = factSchema[football.Quarantined]("quarantined")
	StageControl  = factSchema[football.StageControl]("stage-control")
)

// NewSchema binds the Avro schema text to the struct T. The text's fields are T's `avro` tags; every field of the
// schema must have one. It panics on a schema that does not parse, or that would be
// refused in a foreign frame: schemas are part of the program.
func NewSchema[T any](name, text string) *Schema[T] {
	return &Schema[T]{
		format: newFormat(name, text, reflect.TypeFor[*T](), libraryConfig.Freeze),
		blank:  func() any { return new(T) },
	}
}

func factSchema[T any](name string) *Schema[T] { return NewSchema[T](name, schemaText(name)) }

// schemaText returns the text of schemas/avro/<name>.avsc.
func schemaText(name string) string {
	text, err := schemafiles.Files.ReadFile(name + ".avsc")
	if err != nil {
		panic(fmt.Sprintf("no schema schemas/avro/%s.avsc: %v", name, err))
	}
	return string(text)
}

// Append appends the Avro body of the fact to buf.
func (s *Schema[T]) Append(buf []byte, fact *T) ([]byte, error) {
	if s.toAvro != nil {
		return s.appendAvro(buf, s.toAvro(fact))
	}
	return s.appendAvro(buf, fact)
}

// Unmarshal decodes an Avro body that was written with this very schema.
func (s *Schema[T]) Unmarshal(body []byte) (*T, error) { return s.decodeBody(s.own, body) }

// decodeBody decodes a body with a decoder of this schema, which knows how the body was written.
func (s *Schema[T]) decodeBody(d *decoder, body []byte) (*T, error) {
	value := s.blank()
	if err := d.decodeInto(body, value); err != nil {
		return nil, fmt.Errorf("decode %s: %w", s.name, err)
	}
	if s.fromAvro != nil {
		return s.fromAvro(value)
	}
	return value.(*T), nil
}

// format is the part of a schema that does not depend on its Go type. Its address is the schema's identity.
type format struct {
	name    string
	text    string
	avro    avro.Schema
	pointer reflect.Type    // of the pointers that bodies are decoded into
	newAPI  func() avro.API // the library, with the Go types that this schema needs
	own     *decoder        // of bodies that were written with this very schema
}

func newFormat(name, text string, pointer reflect.Type, newAPI func() avro.API) format {
	parsed, err := parseSchema(text)
	if err != nil {
		panic(fmt.Sprintf("avro schema %s: %v", name, err))
	}
	l, err := newLayout(parsed)
	if err != nil {
		panic(fmt.Sprintf("avro schema %s: %v", name, err))
	}
	return format{
		name: name, text: text, avro: parsed, pointer: pointer, newAPI: newAPI,
		own: newDecoder(l, parsed, pointer, newAPI()),
	}
}

// parseSchema parses a schema apart from all others: each text defines its own named types.
func parseSchema(text string) (avro.Schema, error) {
	return avro.ParseWithCache(text, "", &avro.SchemaCache{})
}

// Name returns the schema's name, such as "prediction".
func (f *format) Name() string { return f.name }

// Text returns the schema as JSON.
func (f *format) Text() string { return f.text }

func (f *format) identity() *format { return f }

func (f *format) appendAvro(buf []byte, value any) ([]byte, error) {
	w := writers.Get().(*avro.Writer)
	defer writers.Put(w)
	w.Reset(nil)
	w.Error = nil
	w.WriteVal(f.avro, value)
	if w.Error != nil {
		return nil, fmt.Errorf("encode %s: %w", f.name, w.Error)
	}
	return append(buf, w.Buffer()...), nil
}

var writers = sync.Pool{New: func() any { return avro.NewWriter(nil, 1024, avro.WithWriterConfig(newEventAPI())) }}
