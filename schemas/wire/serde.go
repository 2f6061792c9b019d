package wire

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/sr"
)

// FrameHeader is the length of the Confluent frame before the Avro body: a zero byte and the schema id.
const FrameHeader = 5

// UndecodableError is a frame that no retry will make readable: bad input, for quarantine. Every other error of Decode
// means that the registry could not be asked.
type UndecodableError struct {
	SchemaID int // 0 when the frame itself is broken
	Err      error
}

func (e *UndecodableError) Error() string {
	if e.SchemaID == 0 {
		return e.Err.Error()
	}
	return fmt.Sprintf("schema id %d: %v", e.SchemaID, e.Err)
}

func (e *UndecodableError) Unwrap() error { return e.Err }

// Serde encodes and decodes frames with the ids of one registry. It is safe for concurrent use.
type Serde struct {
	registry *sr.Client

	mu      sync.RWMutex
	ids     map[*format]int
	writers map[writerKey]avro.Schema // resolved: what a body written with that id is decoded with
}

type writerKey struct {
	id     int
	reader *format
}

// NewSerde returns a Serde that knows no schema yet.
func NewSerde(registry *sr.Client) *Serde {
	return &Serde{registry: registry, ids: map[*format]int{}, writers: map[writerKey]avro.Schema{}}
}

// Register registers the schema under the subject and remembers its id. Before it does, it checks with our own code
// that the schema reads all that any registered version of the subject wrote (BACKWARD_TRANSITIVE): the embedded
// registry's own check always says yes.
func (s *Serde) Register(ctx context.Context, subject string, schema Codec) error {
	versions, err := s.registry.Schemas(ctx, subject)
	if err != nil && !notFound(err) {
		return fmt.Errorf("read schemas of %s: %w", subject, err)
	}
	for _, v := range versions {
		if err := Compatible(schema.Text(), v.Schema.Schema); err != nil {
			return fmt.Errorf("schema %s can't replace version %d of %s: %w", schema.Name(), v.Version, subject, err)
		}
	}
	registered, err := s.registry.CreateSchema(ctx, subject, sr.Schema{Schema: schema.Text(), Type: sr.TypeAvro})
	if conflict(err) {
		// Another process, or a try of this client whose answer came too late, made the subject meanwhile; Apicurio
		// calls that a conflict. A schema that the registry refuses is refused again.
		registered, err = s.registry.CreateSchema(ctx, subject, sr.Schema{Schema: schema.Text(), Type: sr.TypeAvro})
	}
	if err != nil {
		return fmt.Errorf("register schema %s as %s: %w", schema.Name(), subject, err)
	}
	form := schema.identity()
	s.mu.Lock()
	defer s.mu.Unlock()
	if id, ok := s.ids[form]; ok && id != registered.ID {
		return nil // a registry may give each subject its own id; the first one stands for all
	}
	s.ids[form] = registered.ID
	s.writers[writerKey{registered.ID, form}] = form.avro
	return nil
}

// Encode frames a fact. Its schema must have been registered.
func Encode[T any](s *Serde, schema *Schema[T], fact *T) ([]byte, error) {
	frame, err := s.frameHeader(&schema.format)
	if err != nil {
		return nil, err
	}
	return schema.Append(frame, fact)
}

// EncodeValue is Encode for a caller that does not name the type.
func (s *Serde) EncodeValue(schema Codec, value any) ([]byte, error) {
	frame, err := s.frameHeader(schema.identity())
	if err != nil {
		return nil, err
	}
	return schema.AppendValue(frame, value)
}

// frameHeader returns the beginning of a frame, with room for a body.
func (s *Serde) frameHeader(form *format) ([]byte, error) {
	s.mu.RLock()
	id, ok := s.ids[form]
	s.mu.RUnlock()
	if !ok {
		return nil, fmt.Errorf("encode %s: its schema is not registered", form.name)
	}
	frame := make([]byte, FrameHeader, 256)
	binary.BigEndian.PutUint32(frame[1:], uint32(id))
	return frame, nil
}

// Decode returns the fact in the frame. A frame that can't be read for good is an *UndecodableError.
func Decode[T any](ctx context.Context, s *Serde, schema *Schema[T], frame []byte) (*T, error) {
	id, writer, err := s.writerOf(ctx, &schema.format, frame)
	if err != nil {
		return nil, err
	}
	fact, err := schema.decodeBody(writer, frame[FrameHeader:])
	if err != nil {
		return nil, &UndecodableError{SchemaID: id, Err: err}
	}
	return fact, nil
}

// DecodeValue is Decode for a caller that does not name the type: it returns a pointer to the schema's struct.
func (s *Serde) DecodeValue(ctx context.Context, schema Codec, frame []byte) (any, error) {
	id, writer, err := s.writerOf(ctx, schema.identity(), frame)
	if err != nil {
		return nil, err
	}
	value, err := schema.decodeValue(writer, frame[FrameHeader:])
	if err != nil {
		return nil, &UndecodableError{SchemaID: id, Err: err}
	}
	return value, nil
}

// writerOf returns the schema that the frame's body is decoded with: its writer's, resolved against the reader's.
func (s *Serde) writerOf(ctx context.Context, reader *format, frame []byte) (id int, writer avro.Schema, err error) {
	if id, err = SchemaID(frame); err != nil {
		return 0, nil, &UndecodableError{Err: err}
	}
	writer, err = s.resolveWriter(ctx, id, reader)
	return id, writer, err
}

// SchemaID returns the schema id of a frame.
func SchemaID(frame []byte) (int, error) {
	if len(frame) < FrameHeader {
		return 0, fmt.Errorf("%d bytes are too short for a Confluent frame (%d bytes of header)", len(frame),
			FrameHeader)
	}
	if frame[0] != 0 {
		return 0, fmt.Errorf("the first byte is 0x%02x, a Confluent frame begins with 0x00", frame[0])
	}
	return int(binary.BigEndian.Uint32(frame[1:])), nil
}

// resolveWriter asks the registry for the schema with the id, once, and resolves it against the reader's.
func (s *Serde) resolveWriter(ctx context.Context, id int, reader *format) (avro.Schema, error) {
	key := writerKey{id, reader}
	s.mu.RLock()
	resolved, ok := s.writers[key]
	s.mu.RUnlock()
	if ok {
		return resolved, nil
	}
	text, err := s.registry.SchemaByID(ctx, id)
	if notFound(err) {
		return nil, &UndecodableError{SchemaID: id, Err: errors.New("the registry does not know this schema")}
	}
	if err != nil {
		return nil, fmt.Errorf("ask the registry for schema %d: %w", id, err)
	}
	parsed, err := parseSchema(text.Schema)
	if err != nil {
		return nil, &UndecodableError{SchemaID: id, Err: err}
	}
	resolved, err = avro.NewSchemaCompatibility().Resolve(reader.avro, parsed)
	if err != nil {
		return nil, &UndecodableError{SchemaID: id, Err: err}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writers[key] = resolved
	return resolved, nil
}

// Compatible reports, as an error that says why, whether a reader with the schema newText can't read all that a writer
// with the schema oldText wrote.
func Compatible(newText, oldText string) error {
	reader, err := parseSchema(newText)
	if err != nil {
		return fmt.Errorf("parse the new schema: %w", err)
	}
	writer, err := parseSchema(oldText)
	if err != nil {
		return fmt.Errorf("parse the old schema: %w", err)
	}
	return avro.NewSchemaCompatibility().Compatible(reader, writer)
}

func notFound(err error) bool { return answered(err, http.StatusNotFound) }

func conflict(err error) bool { return answered(err, http.StatusConflict) }

// answered reports whether the registry answered with the status.
func answered(err error, status int) bool {
	var response *sr.ResponseError
	return errors.As(err, &response) && response.StatusCode == status
}
