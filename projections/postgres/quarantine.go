package postgres

import (
	"context"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

type quarantineItem = item[football.Quarantined]

var quarantineTable = &table[quarantineItem]{
	name: "quarantine_entries",
	columns: []column[quarantineItem]{
		partitionColumn[football.Quarantined](),
		offsetColumn[football.Quarantined](),
		instantColumn("published_at",
			func(it quarantineItem) football.Instant { return football.At(it.record.Timestamp) }),
		textColumn("stage", func(it quarantineItem) string { return it.fact.Stage }),
		intColumn("stage_version", func(it quarantineItem) int32 { return it.fact.StageVersion }),
		textColumn("reason", func(it quarantineItem) football.RefusalReason { return it.fact.Reason }),
		textColumn("field", func(it quarantineItem) string { return it.fact.Field }),
		textColumn("detail", func(it quarantineItem) string { return it.fact.Detail }),
		textColumn("source_topic", func(it quarantineItem) string { return it.fact.Topic }),
		intColumn("source_partition", func(it quarantineItem) int32 { return it.fact.Partition }),
		bigintColumn("source_offset", func(it quarantineItem) int64 { return it.fact.Offset }),
		bytesColumn("key", func(it quarantineItem) []byte { return it.fact.Key }),
		bytesColumn("original", func(it quarantineItem) []byte { return payloadHead(it.fact.Original) }),
		bigintColumn("original_size", func(it quarantineItem) int64 { return it.fact.OriginalSize }),
		textColumn("digest", func(it quarantineItem) string { return it.fact.Digest }),
	},
	key: []string{"partition", "log_offset"},
}

// quarantineProjection lists what was refused, so that an operator can ask for it in SQL.
type quarantineProjection struct {
	base[football.Quarantined]
}

func newQuarantineProjection(serde *wire.Serde) *quarantineProjection {
	return &quarantineProjection{base[football.Quarantined]{
		topic: wire.TopicQuarantine, schema: wire.Quarantined, serde: serde, forget: `TRUNCATE quarantine_entries`,
	}}
}

// decodeRecord reads an entry. A settlement of one, which has no value, has no fact.
func (p *quarantineProjection) decodeRecord(ctx context.Context, r *kgo.Record) (*football.Quarantined,
	football.Instant, error) {
	if r.Value == nil {
		return nil, 0, nil
	}
	return p.base.decodeRecord(ctx, r)
}

// writeItems writes the entries and leaves settlements out: the table lists what was refused, whatever became of it.
func (p *quarantineProjection) writeItems(ctx context.Context, tx *transaction, items []quarantineItem) error {
	entries := slices.DeleteFunc(slices.Clone(items), func(it quarantineItem) bool { return it.fact == nil })
	return quarantineTable.mergeRows(ctx, tx, entries)
}
