package wire

import (
	"errors"
	"fmt"

	"github.com/hamba/avro/v2"
)

// layout is how the values of a schema lie on the wire: what a body must be made of, in order. Records are dissolved
// into their fields and neighbours of a kind are one step, so that a body is checked in one quick pass.
type layout []layoutStep

type layoutStep struct {
	kind   stepKind
	values int // how many of the kind follow each other; 1 of a fixed step, a list and a union
	// width is a number of bytes: those of a fixed step, the most of an integer, the least of an item of a list.
	width int
	// parts are the branches of a union, or the one layout of a list's items.
	parts []layout
}

type stepKind uint8

const (
	stepFixed   stepKind = iota // float, double: so many bytes, whatever they are
	stepBoolean                 // a byte, 0 or 1
	stepVarint                  // int, long: an integer of up to width bytes
	stepBytes                   // string, bytes: a long, and so many bytes
	stepList                    // array: blocks of items, the last one empty
	stepUnion                   // the index of a branch as an int, and the branch
)

// newLayout returns the layout of a schema, or why no frame may have such a schema. It refuses what makes a few bytes
// cost much, or what no schema of ours has: maps, fixed, types that contain themselves, items of no bytes, too much of
// anything.
func newLayout(schema avro.Schema) (layout, error) {
	c := layoutCompiler{open: map[string]bool{}}
	return c.appendType(nil, schema, 0)
}

// layoutCompiler counts what a schema is made of while its layout is made.
type layoutCompiler struct {
	types int
	open  map[string]bool // names of the records that are being compiled: each contains the next
}

// appendType appends the steps of a type that takes at least one byte. So a body of n bytes has at most n values.
func (c *layoutCompiler) appendType(l layout, schema avro.Schema, depth int) (layout, error) {
	c.types++
	if c.types > maxSchemaTypes {
		return nil, fmt.Errorf("the schema has more than %d types", maxSchemaTypes)
	}
	if depth > maxSchemaDepth {
		return nil, fmt.Errorf("the schema has types that lie more than %d deep in each other", maxSchemaDepth)
	}
	switch s := schema.(type) {
	case *avro.PrimitiveSchema:
		return appendPrimitive(l, s.Type())
	case *avro.EnumSchema:
		return l.appendScalar(stepVarint, maxIntBytes), nil
	case *avro.RefSchema:
		return c.appendType(l, s.Schema(), depth)
	case *avro.RecordSchema:
		if len(s.Fields()) == 0 {
			return nil, fmt.Errorf("the schema has an empty record, %s, outside of a union", s.FullName())
		}
		return c.appendFields(l, s, depth)
	case *avro.ArraySchema:
		items, err := c.appendType(nil, s.Items(), depth+1)
		if err != nil {
			return nil, err
		}
		return append(l, layoutStep{kind: stepList, values: 1, width: items.leastBytes(), parts: []layout{items}}), nil
	case *avro.UnionSchema:
		return c.appendUnion(l, s, depth)
	case *avro.NullSchema:
		return nil, errors.New("the schema has a null outside of a union")
	default: // what holds more types has a type of its own in the library
		return nil, fmt.Errorf("the schema has a type of the kind %s, which no schema of the line has", schema.Type())
	}
}

func appendPrimitive(l layout, primitive avro.Type) (layout, error) {
	switch primitive {
	case avro.Boolean:
		return l.appendScalar(stepBoolean, 1), nil
	case avro.Int:
		return l.appendScalar(stepVarint, maxIntBytes), nil
	case avro.Long:
		return l.appendScalar(stepVarint, maxLongBytes), nil
	case avro.Float:
		return l.appendFixed(4), nil
	case avro.Double:
		return l.appendFixed(8), nil
	case avro.String, avro.Bytes:
		return l.appendScalar(stepBytes, 0), nil
	default:
		return nil, fmt.Errorf("the schema has an unknown primitive type %s", primitive)
	}
}

func (l layout) appendFixed(width int) layout {
	if n := len(l); n > 0 && l[n-1].kind == stepFixed {
		l[n-1].width += width
		return l
	}
	return append(l, layoutStep{kind: stepFixed, values: 1, width: width})
}

// appendScalar appends a value without parts that is not of a fixed step.
func (l layout) appendScalar(kind stepKind, width int) layout {
	if n := len(l); n > 0 && l[n-1].kind == kind && l[n-1].width == width {
		l[n-1].values++
		return l
	}
	return append(l, layoutStep{kind: kind, values: 1, width: width})
}

func (c *layoutCompiler) appendFields(l layout, record *avro.RecordSchema, depth int) (layout, error) {
	name := record.FullName()
	if n := len(record.Fields()); n > maxFields {
		return nil, fmt.Errorf("the schema has a record, %s, of %d fields, the limit is %d", name, n, maxFields)
	}
	if c.open[name] {
		return nil, fmt.Errorf("the schema has a record, %s, that contains itself", name)
	}
	c.open[name] = true
	defer delete(c.open, name)
	var err error
	for _, field := range record.Fields() {
		if l, err = c.appendType(l, field.Type(), depth+1); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (c *layoutCompiler) appendUnion(l layout, union *avro.UnionSchema, depth int) (layout, error) {
	if n := len(union.Types()); n == 0 || n > maxBranches {
		return nil, fmt.Errorf("the schema has a union of %d branches, want 1 to %d", n, maxBranches)
	}
	branches := make([]layout, len(union.Types()))
	for i, branch := range union.Types() {
		if takesNoBytes(branch) {
			continue // the index of the branch is a byte
		}
		var err error
		if branches[i], err = c.appendType(nil, branch, depth+1); err != nil {
			return nil, err
		}
	}
	return append(l, layoutStep{kind: stepUnion, values: 1, parts: branches}), nil
}

// takesNoBytes reports whether the type is null or an empty record, the only ones without bytes that a layout knows.
func takesNoBytes(schema avro.Schema) bool {
	if ref, ok := schema.(*avro.RefSchema); ok {
		schema = ref.Schema()
	}
	record, ok := schema.(*avro.RecordSchema)
	return schema.Type() == avro.Null || ok && len(record.Fields()) == 0
}

// leastBytes returns the length of the shortest value of the layout.
func (l layout) leastBytes() int {
	n := 0
	for _, step := range l {
		switch step.kind {
		case stepFixed:
			n += step.width
		case stepUnion:
			least := step.parts[0].leastBytes()
			for _, branch := range step.parts[1:] {
				least = min(least, branch.leastBytes())
			}
			n += 1 + least
		default:
			n += step.values // varints, booleans, lengths of strings, the end of a list
		}
	}
	return n
}
