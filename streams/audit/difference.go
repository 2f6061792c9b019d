package audit

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/wire"
)

// Difference is one field in which two records differ. Fields are named as in the Avro schema: "outcome.home",
// "grid.p[3]".
type Difference struct {
	Field string `json:"field"`
	Log   string `json:"log"` // what stands in the log
	Fold  string `json:"fold"`
}

// As returns the difference as a person reads it, with the words for the log's side and the fold's.
func (d Difference) As(log, fold string) string {
	if d.Log == d.Fold { // it only counts those that are not listed
		return d.Field
	}
	return fmt.Sprintf("%s: %s%s%s%s", d.Field, log, d.Log, fold, d.Fold)
}

// mostDifferences bounds what is listed of one record: a grid has a hundred fields.
const mostDifferences = 12

// fieldDifferences compares two facts of one type field by field.
func fieldDifferences(log, fold any) []Difference {
	var found []Difference
	walkFields("", reflect.ValueOf(log), reflect.ValueOf(fold), &found)
	if len(found) > mostDifferences {
		more := len(found) - mostDifferences
		found = append(found[:mostDifferences], Difference{Field: fmt.Sprintf("and %d fields more", more)})
	}
	return found
}

func walkFields(path string, log, fold reflect.Value, found *[]Difference) {
	if !log.IsValid() || !fold.IsValid() || log.Type() != fold.Type() {
		if log.IsValid() || fold.IsValid() {
			*found = append(*found, Difference{path, describeValue(log), describeValue(fold)})
		}
		return
	}
	switch log.Kind() {
	case reflect.Pointer, reflect.Interface:
		walkFields(path, log.Elem(), fold.Elem(), found)
	case reflect.Struct:
		for i := range log.NumField() {
			name := log.Type().Field(i).Tag.Get("avro")
			walkFields(joinPath(path, name), log.Field(i), fold.Field(i), found)
		}
	case reflect.Slice:
		if log.Type().Elem().Kind() == reflect.Uint8 || log.Len() != fold.Len() {
			if !reflect.DeepEqual(log.Interface(), fold.Interface()) {
				*found = append(*found, Difference{path, describeValue(log), describeValue(fold)})
			}
			return
		}
		for i := range log.Len() {
			walkFields(path+"["+strconv.Itoa(i)+"]", log.Index(i), fold.Index(i), found)
		}
	default:
		if !log.Equal(fold) {
			*found = append(*found, Difference{path, describeValue(log), describeValue(fold)})
		}
	}
}

func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// describeValue formats a value for people: whole where it is a word or a number, by its size where it is long.
func describeValue(v reflect.Value) string {
	switch {
	case !v.IsValid():
		return "nothing"
	case v.Kind() == reflect.Slice:
		return fmt.Sprintf("%d elements", v.Len())
	case v.Kind() == reflect.Float64, v.Kind() == reflect.Float32:
		return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits())
	case v.Kind() == reflect.Struct:
		return v.Type().Name()
	default:
		return fmt.Sprint(v.Interface())
	}
}

// compareWithFold holds a record of the log, decoded, against a fact that was folded anew. Equal Avro bodies are
// identical; so are bodies that only an older version of the schema makes different.
func compareWithFold[T any](
	schema *wire.Schema[T], record *kgo.Record, log, fold *T,
) (identical bool, found []Difference, err error) {
	derived, err := schema.Append(nil, fold)
	if err != nil {
		return false, nil, err
	}
	if len(record.Value) >= wire.FrameHeader && bytes.Equal(record.Value[wire.FrameHeader:], derived) {
		return true, nil, nil
	}
	again, err := schema.Append(nil, log)
	if err != nil || bytes.Equal(again, derived) {
		return err == nil, nil, err
	}
	return false, fieldDifferences(log, fold), nil
}
