package kafkalog

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Address names a record: topic/partition/offset.
func Address(topic string, partition int32, offset int64) string {
	return fmt.Sprintf("%s/%d/%d", topic, partition, offset)
}

// ParseAddress reads what Address wrote.
func ParseAddress(text string) (topic string, partition int32, offset int64, err error) {
	parts := strings.Split(text, "/")
	if len(parts) != 3 {
		return "", 0, 0, fmt.Errorf("%q: want topic/partition/offset", text)
	}
	id, err := strconv.ParseInt(parts[1], 10, 32)
	if err != nil {
		return "", 0, 0, fmt.Errorf("%q: partition: %w", text, err)
	}
	if offset, err = strconv.ParseInt(parts[2], 10, 64); err != nil {
		return "", 0, 0, fmt.Errorf("%q: offset: %w", text, err)
	}
	return parts[0], int32(id), offset, nil
}

// AddressOf names a record that was read.
func AddressOf(r *kgo.Record) string { return Address(r.Topic, r.Partition, r.Offset) }

// Header returns the value of the record's first header with that key.
func Header(r *kgo.Record, key string) (value []byte, ok bool) {
	for _, h := range r.Headers {
		if h.Key == key {
			return h.Value, true
		}
	}
	return nil, false
}

// Clone copies a record. A record of a fetch shares the memory of its whole batch, so keeping one keeps them all.
func Clone(r *kgo.Record) *kgo.Record {
	kept := *r
	kept.Key, kept.Value = bytes.Clone(r.Key), bytes.Clone(r.Value)
	kept.Headers = slices.Clone(r.Headers)
	for i, h := range kept.Headers {
		kept.Headers[i].Value = bytes.Clone(h.Value)
	}
	return &kept
}
