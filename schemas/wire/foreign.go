package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/hamba/avro/v2"
)

// parseForeign parses a schema that a registry returned, and returns its layout with it. It refuses what no schema of
// ours has where that could cost a reader more than its bytes: see newLayout for the types. The error is a sentence
// for the reason of a quarantined record.
//
// The text is looked through before the Avro library sees it: the library allocates the bytes of a `fixed` that has a
// default while it parses, whatever its size, and follows brackets as deep as they go.
func parseForeign(text string) (schema avro.Schema, l layout, err error) {
	defer recoverAsError(&err)
	if len(text) > maxSchemaText {
		return nil, nil, fmt.Errorf("the schema's text has %d bytes, the limit is %d", len(text), maxSchemaText)
	}
	var parsed any
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		return nil, nil, fmt.Errorf("the schema's text is no JSON: %w", err)
	}
	if err := checkSchemaText(parsed, 0); err != nil {
		return nil, nil, err
	}
	// Written anew, so that the library does not read a key that stands twice otherwise than the check did.
	checked, err := json.Marshal(parsed)
	if err != nil {
		return nil, nil, fmt.Errorf("write the schema's text: %w", err)
	}
	if schema, err = parseSchema(string(checked)); err != nil {
		return nil, nil, err
	}
	if l, err = newLayout(schema); err != nil {
		return nil, nil, err
	}
	return schema, l, nil
}

// checkSchemaText refuses, anywhere in a schema's text, what must not reach the library's parser. Aliases are refused
// because the library resolves a writer's aliases by other rules than those by which it finds schemas compatible.
func checkSchemaText(node any, depth int) error {
	if depth > maxTextDepth {
		return fmt.Errorf("the schema's text is nested more than %d deep", maxTextDepth)
	}
	switch node := node.(type) {
	case []any:
		for _, element := range node {
			if err := checkSchemaText(element, depth+1); err != nil {
				return err
			}
		}
	case map[string]any:
		if kind, ok := node["type"].(string); ok && (kind == string(avro.Map) || kind == string(avro.Fixed)) {
			return fmt.Errorf("the schema has a type of the kind %s, which no schema of the line has", kind)
		}
		for key, element := range node {
			if strings.EqualFold(key, "aliases") { // the library reads keys in any case
				return errors.New("the schema has aliases, which no schema of the line has")
			}
			if err := checkSchemaText(element, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// recoverAsError makes an error of a panic of the Avro library, which panics on some input that nobody writes. A poison
// record must not stop its reader.
func recoverAsError(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the Avro library panicked: %v", p)
	}
}
