package wire

import (
	"fmt"
	"reflect"
	"sync"

	"github.com/hamba/avro/v2"

	schemafiles "github.com/touchline/touchline/schemas/avro"
	"github.com/touchline/touchline/schemas/football"
)

// Schema binds an Avro schema to a Go struct. It is safe for concurrent use.
type Schema struct {
	name  string
	text  string
	avro  avro.Schema
	api   avro.API
	blank func() any    // a pointer to a fresh struct that the body decodes into
	out   func(any) any // from the fact to what Avro encodes; nil for itself
	in    func(any) (any, error)
}

// The schemas of the line's facts. Decode gives a pointer to the struct of that name in schemas/football.
var (
	RawEvent      = fact[football.RawEvent]("raw-event")
	MatchEvent    = matchEvent()
	MatchFeatures = fact[football.MatchFeatures]("match-features")
	Prediction    = fact[football.Prediction]("prediction")
	Evaluation    = fact[football.Evaluation]("evaluation")
	Outlook       = fact[football.Outlook]("outlook")
	ModelFact     = fact[football.ModelFact]("model-fact")
	Quarantined   = fact[football.Quarantined]("quarantined")
	StageControl  = fact[football.StageControl]("stage-control")
)

// NewSchema binds the Avro schema text to the struct T. The text's fields are T's `avro` tags; every field of the
// schema must have one. It panics on a schema that does not parse: schemas are part of the program.
func NewSchema[T any](name, text string) *Schema {
	return newSchema(name, text, func() any { return new(T) })
}

func newSchema(name, text string, blank func() any) *Schema {
	cache := &avro.SchemaCache{} // apart from other schemas: each file defines its own named types
	parsed, err := avro.ParseWithCache(text, "", cache)
	if err != nil {
		panic(fmt.Sprintf("avro schema %s: %v", name, err))
	}
	return &Schema{
		name: name, text: text, avro: parsed,
		api:   limits.Freeze(),
		blank: blank,
	}
}

func fact[T any](name string) *Schema { return NewSchema[T](name, file(name)) }

func file(name string) string {
	text, err := schemafiles.Files.ReadFile(name + ".avsc")
	if err != nil {
		panic(fmt.Sprintf("avro schema %s: %v", name, err))
	}
	return string(text)
}

// Name returns the schema's name, such as "prediction".
func (s *Schema) Name() string { return s.name }

// Text returns the schema as JSON.
func (s *Schema) Text() string { return s.text }

// Append appends the Avro body of v, a pointer to the schema's struct, to buf.
func (s *Schema) Append(buf []byte, v any) ([]byte, error) {
	if s.out != nil {
		v = s.out(v)
	}
	w := writers.Get().(*avro.Writer)
	defer writers.Put(w)
	w.Reset(nil)
	w.Error = nil
	w.WriteVal(s.avro, v)
	if w.Error != nil {
		return nil, fmt.Errorf("encode %s: %w", s.name, w.Error)
	}
	return append(buf, w.Buffer()...), nil
}

// Unmarshal decodes an Avro body that was written with this very schema.
func (s *Schema) Unmarshal(body []byte) (any, error) { return s.unmarshal(s.avro, body) }

func (s *Schema) unmarshal(schema avro.Schema, body []byte) (value any, err error) {
	defer func() {
		// The decoder panics on some lengths that no writer writes; a poison record must not stop its reader.
		if p := recover(); p != nil {
			value, err = nil, fmt.Errorf("decode %s: %v", s.name, p)
		}
	}()
	v := s.blank()
	if err := s.api.Unmarshal(schema, body, v); err != nil {
		return nil, fmt.Errorf("decode %s: %w", s.name, err)
	}
	if s.in != nil {
		return s.in(v)
	}
	return v, nil
}

// limits bound what a broken or hostile body can make the decoder allocate.
var limits = avro.Config{
	UnionResolutionError: true,
	MaxByteSliceSize:     16 << 20, // bytes: over the largest payload that a collector publishes
	MaxSliceAllocSize:    1 << 16,  // elements: over the longest list of any fact or state
}

var writers = sync.Pool{New: func() any { return avro.NewWriter(nil, 1024, avro.WithWriterConfig(eventAPI)) }}

// StateSchema returns the schema of a stage's state kind, schemas/avro/state-<stage>-<kind>.avsc, bound to the type of
// the kind's blank.
func StateSchema(stage string, kind football.StateKind) *Schema {
	name := "state-" + stage + "-" + kind.Kind
	typ := reflect.TypeOf(kind.Blank).Elem()
	return newSchema(name, file(name), func() any { return reflect.New(typ).Interface() })
}
