package wire

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"strings"
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

// Error returns the reason, of which it cuts off what goes over maxReason.
func (e *UndecodableError) Error() string {
	reason := e.Err.Error()
	if e.SchemaID != 0 {
		reason = fmt.Sprintf("schema id %d: %s", e.SchemaID, reason)
	}
	if len(reason) > maxReason {
		reason = strings.ToValidUTF8(reason[:maxReason], "") + "..."
	}
	return reason
}

func (e *UndecodableError) Unwrap() error { return e.Err }

var errUnknownSchema = errors.New("the registry does not know this schema")

// Serde encodes and decodes frames with the ids of one registry. It is safe for concurrent use.
type Serde struct {
	registry *sr.Client

	mu  sync.RWMutex
	ids map[*format]int // of our own schemas, as registered

	foreign *foreignCache
}

// NewSerde returns a Serde that knows no schema yet.
func NewSerde(registry *sr.Client) *Serde {
	return &Serde{registry: registry, ids: map[*format]int{}, foreign: newForeignCache()}
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
	id, d, err := s.decoderOf(ctx, &schema.format, frame)
	if err != nil {
		return nil, err
	}
	fact, err := schema.decodeBody(d, frame[FrameHeader:])
	if err != nil {
		return nil, &UndecodableError{SchemaID: id, Err: err}
	}
	return fact, nil
}

// DecodeValue is Decode for a caller that does not name the type: it returns a pointer to the schema's struct.
func (s *Serde) DecodeValue(ctx context.Context, schema Codec, frame []byte) (any, error) {
	id, d, err := s.decoderOf(ctx, schema.identity(), frame)
	if err != nil {
		return nil, err
	}
	value, err := schema.decodeValue(d, frame[FrameHeader:])
	if err != nil {
		return nil, &UndecodableError{SchemaID: id, Err: err}
	}
	return value, nil
}

// decoderOf returns the schema id of a frame, and the decoder of its body for the reader.
func (s *Serde) decoderOf(ctx context.Context, reader *format, frame []byte) (id int, d *decoder, err error) {
	if id, err = SchemaID(frame); err != nil {
		return 0, nil, &UndecodableError{Err: err}
	}
	s.mu.RLock()
	own, ok := s.ids[reader]
	s.mu.RUnlock()
	if ok && own == id {
		return id, reader.own, nil
	}
	d, err = s.foreignDecoder(ctx, id, reader)
	return id, d, err
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

// foreignDecoder returns the decoder of bodies that were written with the id's schema. It asks the registry unless the
// id is remembered: a frame with an id that is not costs its reader one question.
func (s *Serde) foreignDecoder(ctx context.Context, id int, reader *format) (*decoder, error) {
	key := foreignKey{id, reader}
	found, ok := s.foreign.verdicts.Get(key)
	if !ok {
		text, err := s.schemaText(ctx, id)
		if err != nil {
			return nil, err
		}
		found.decoder, found.refused = newForeignDecoder(text, reader)
		s.foreign.verdicts.Add(key, found)
	}
	if found.refused != nil {
		return nil, &UndecodableError{SchemaID: id, Err: found.refused}
	}
	return found.decoder, nil
}

// schemaText asks the registry for the text of an Avro schema.
func (s *Serde) schemaText(ctx context.Context, id int) (string, error) {
	if s.foreign.isUnknown(id) {
		return "", &UndecodableError{SchemaID: id, Err: errUnknownSchema}
	}
	schema, err := s.registry.SchemaByID(ctx, id)
	if notFound(err) {
		s.foreign.addUnknown(id)
		return "", &UndecodableError{SchemaID: id, Err: errUnknownSchema}
	}
	if err != nil {
		return "", fmt.Errorf("ask the registry for schema %d: %w", id, err)
	}
	return schema.Schema, nil
}

// Compatible reports, as an error that says why, whether a reader with the schema newText can't read all that a writer
// with the schema oldText wrote.
func Compatible(newText, oldText string) error {
	reader, err := parseSchema(newText)
	if err != nil {
		return fmt.Errorf("parse the new schema: %w", err)
	}
	writer, _, err := parseForeign(oldText)
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
