package wire

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"sync"

	"github.com/hamba/avro/v2"
	"github.com/modern-go/reflect2"
)

// decoder decodes the bodies that were written with one schema into a Go type that another describes. It is safe for
// concurrent use.
type decoder struct {
	layout  layout          // of the writer's schema
	values  avro.ValDecoder // what the library compiled for the resolved schema and the type
	readers sync.Pool       // of *avro.Reader
}

// newDecoder returns a decoder into pointers of type pointer. The resolved schema is the writer's, with what the
// reader's says of defaults and of fields to skip.
//
// It uses what the library compiled itself, because the library finds that again for each body by a hash of the schema,
// which costs more than the check of most bodies. The library keeps it with the api, for ever: an api of its own for
// each foreign schema is forgotten with the decoder.
func newDecoder(l layout, resolved avro.Schema, pointer reflect.Type, api avro.API) *decoder {
	d := &decoder{layout: l, values: api.DecoderOf(resolved, reflect2.Type2(pointer))}
	d.readers.New = func() any { return avro.NewReader(nil, 0, avro.WithReaderConfig(api)) }
	return d
}

// newForeignDecoder returns the decoder of bodies that were written with the schema text, for the reader. The error
// says why frames of this schema are refused.
func newForeignDecoder(text string, reader *format) (d *decoder, err error) {
	defer recoverAsError(&err)
	writer, l, err := parseForeign(text)
	if err != nil {
		return nil, err
	}
	resolved, err := avro.NewSchemaCompatibility().Resolve(reader.avro, writer)
	if err != nil {
		return nil, err
	}
	return newDecoder(l, resolved, reader.pointer, reader.newAPI()), nil
}

var errBytesLeft = errors.New("the Avro library did not read the whole body")

// decodeInto decodes a body into a fresh value of the decoder's type; into is the pointer to it. On an error the value
// may be half filled.
func (d *decoder) decodeInto(body []byte, into any) (err error) {
	if err := d.layout.checkBody(body); err != nil {
		return err
	}
	defer recoverAsError(&err)
	r := d.readers.Get().(*avro.Reader)
	d.values.Decode(reflect.ValueOf(into).UnsafePointer(), r.Reset(body))
	err = r.Error
	if err == nil {
		r.Peek() // finds the end of the body, unless layout and library disagree about what it holds
		if r.Error == nil {
			err = errBytesLeft
		}
	} else if errors.Is(err, io.EOF) {
		err = fmt.Errorf("the Avro library read past the body: %w", err)
	}
	r.Reset(nil).Error = nil
	d.readers.Put(r)
	return err
}
