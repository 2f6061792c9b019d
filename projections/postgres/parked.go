package postgres

import (
	"context"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
)

// parkedRecord is a record that can't be written.
type parkedRecord struct {
	record *kgo.Record
	reason string
}

// parkedRow is a parked record with what its row says besides.
type parkedRow struct {
	parkedRecord
	topic    string // its local name: tables of two installations have the same rows of the same log
	epoch    int64
	parkedAt football.Instant
}

var parkedTable = &table[parkedRow]{
	name: "parked_records",
	columns: []column[parkedRow]{
		textColumn("topic", func(r parkedRow) string { return r.topic }),
		bigintColumn("epoch", func(r parkedRow) int64 { return r.epoch }),
		intColumn("partition", func(r parkedRow) int32 { return r.record.Partition }),
		bigintColumn("log_offset", func(r parkedRow) int64 { return r.record.Offset }),
		textColumn("reason", func(r parkedRow) string { return removeZeroBytes(r.reason) }),
		bytesColumn("key", func(r parkedRow) []byte { return payloadHead(r.record.Key) }),
		bytesColumn("value", func(r parkedRow) []byte { return payloadHead(r.record.Value) }),
		instantColumn("parked_at", func(r parkedRow) football.Instant { return r.parkedAt }),
	},
	key: []string{"topic", "epoch", "partition", "log_offset"},
}

func (s *stream[F]) parkRecords(ctx context.Context, tx *transaction, b *batch[F]) error {
	rows := make([]parkedRow, len(b.parked))
	for i, p := range b.parked {
		r := p.record
		s.logger.Warn("record parked", "topic", r.Topic, "partition", r.Partition, "offset", r.Offset, "reason",
			p.reason)
		rows[i] = parkedRow{p, s.local, b.spans[r.Partition].epoch, football.At(s.now())}
	}
	return parkedTable.mergeRows(ctx, tx, rows)
}

// removeZeroBytes makes a text that Postgres accepts: without zero bytes, and in valid UTF-8.
func removeZeroBytes(s string) string {
	return string(slices.DeleteFunc([]rune(s), func(r rune) bool { return r == 0 }))
}
