package quarantine

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/wire"
)

// Settlement says how an entry of quarantine was dealt with. Quarantine is a log: a settlement is appended to the
// entry's partition, as a record without value that names the entry in a header, and lives at least as long as the
// entry.
type Settlement struct {
	Entry string    `json:"entry"`        // partition/offset
	How   string    `json:"how"`          // Replayed or Dropped
	To    string    `json:"to,omitempty"` // topic/partition/offset of the replay
	Note  string    `json:"note,omitempty"`
	At    time.Time `json:"at"`
}

// How an entry is settled.
const (
	Replayed = "replayed"
	Dropped  = "dropped"
)

// String says it in words.
func (s Settlement) String() string {
	text := fmt.Sprintf("%s on %s", s.How, s.At.UTC().Format(time.RFC3339))
	if s.To != "" {
		text += " to " + s.To
	}
	if s.Note != "" {
		text += ": " + s.Note
	}
	return text
}

// toRecord is the settlement as quarantine keeps it. Its key is not the original's: a reader that takes a record
// without value for a deletion of its key deletes nothing.
func (s Settlement) toRecord(topic string, partition int32) *kgo.Record {
	r := &kgo.Record{Topic: topic, Partition: partition, Key: []byte(wire.HeaderSettles + "/" + s.Entry)}
	for _, h := range []struct{ key, value string }{
		{wire.HeaderSettles, s.Entry}, {wire.HeaderSettlement, s.How}, {wire.HeaderReplayedTo, s.To},
		{wire.HeaderNote, s.Note},
	} {
		if h.value != "" {
			r.Headers = append(r.Headers, kgo.RecordHeader{Key: h.key, Value: []byte(h.value)})
		}
	}
	return r
}

// parseSettlement reads a settlement; false for an entry.
func parseSettlement(r *kgo.Record) (Settlement, bool) {
	entry, ok := kafkalog.Header(r, wire.HeaderSettles)
	if !ok || r.Value != nil {
		return Settlement{}, false
	}
	text := func(key string) string {
		value, _ := kafkalog.Header(r, key)
		return string(value)
	}
	return Settlement{string(entry), text(wire.HeaderSettlement), text(wire.HeaderReplayedTo), text(wire.HeaderNote),
		r.Timestamp}, true
}

// ReadSettlements returns the settlements of quarantine by entry. The last one of an entry counts.
func ReadSettlements(
	ctx context.Context, opts []kgo.Opt, names wire.Namespace,
) (map[string]Settlement, error) {
	settled := map[string]Settlement{}
	err := readRecords(ctx, opts, names, func(r *kgo.Record) error {
		if s, ok := parseSettlement(r); ok {
			settled[s.Entry] = s
		}
		return nil
	})
	return settled, err
}
