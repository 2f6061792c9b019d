package streams

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/wire"
)

// Cause names the input that caused a record, and which of that input's outputs the record is. It is the identity of an
// output: two records with one cause are the same record written twice.
type Cause struct {
	Topic     string
	Partition int32
	Offset    int64
	Index     int // of the output among all that the input caused, from 0
}

// String formats the cause as it stands in the header: topic/partition/offset/index.
func (c Cause) String() string {
	buf := make([]byte, 0, len(c.Topic)+24)
	buf = append(buf, c.Topic...)
	buf = strconv.AppendInt(append(buf, '/'), int64(c.Partition), 10)
	buf = strconv.AppendInt(append(buf, '/'), c.Offset, 10)
	buf = strconv.AppendInt(append(buf, '/'), int64(c.Index), 10)
	return string(buf)
}

// ParseCause reads what String wrote.
func ParseCause(text string) (Cause, error) {
	parts := strings.Split(text, "/")
	if len(parts) != 4 {
		return Cause{}, fmt.Errorf("cause %q: want topic/partition/offset/index", text)
	}
	partition, err := strconv.ParseInt(parts[1], 10, 32)
	if err != nil {
		return Cause{}, fmt.Errorf("cause %q: partition: %w", text, err)
	}
	offset, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil {
		return Cause{}, fmt.Errorf("cause %q: offset: %w", text, err)
	}
	index, err := strconv.Atoi(parts[3])
	if err != nil {
		return Cause{}, fmt.Errorf("cause %q: index: %w", text, err)
	}
	return Cause{parts[0], int32(partition), offset, index}, nil
}

// CauseOf returns the cause in a record's headers, or false when it has none that can be read.
func CauseOf(record *kgo.Record) (Cause, bool) {
	text, ok := kafkalog.Header(record, wire.HeaderCause)
	if !ok {
		return Cause{}, false
	}
	cause, err := ParseCause(string(text))
	return cause, err == nil
}
