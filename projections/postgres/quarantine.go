package postgres

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

var quarantineTable = &table{
	name: "quarantine_entries",
	columns: []string{"partition", "log_offset", "published_at", "stage", "stage_version", "reason", "field", "detail",
		"source_topic", "source_partition", "source_offset", "key", "original", "original_size", "digest"},
	key: []string{"partition", "log_offset"},
}

// quarantineProjection lists what was refused, so that an operator can ask for it in SQL.
type quarantineProjection struct {
	base
	rows copyBuffer
}

func newQuarantineProjection(serde *wire.Serde) *quarantineProjection {
	return &quarantineProjection{base: base{name: wire.TopicQuarantine, schema: wire.Quarantined, serde: serde,
		dropSQL: `TRUNCATE quarantine_entries`}}
}

// decode reads an entry. A settlement of one, which has no value, is no row: the table lists what was refused, whatever
// became of it.
func (p *quarantineProjection) decode(ctx context.Context, r *kgo.Record) (any, football.Instant, error) {
	if r.Value == nil {
		return nil, 0, nil
	}
	return p.base.decode(ctx, r)
}

func (p *quarantineProjection) write(ctx context.Context, tx *transaction, items []item) error {
	p.rows.reset()
	for _, it := range items {
		q, ok := it.fact.(*football.Quarantined)
		if !ok {
			continue
		}
		p.rows.row(len(quarantineTable.columns))
		p.rows.int4(it.record.Partition)
		p.rows.int8(it.record.Offset)
		p.rows.instant(football.At(it.record.Timestamp))
		p.rows.text(q.Stage)
		p.rows.int4(q.StageVersion)
		p.rows.text(string(q.Reason))
		p.rows.text(q.Field)
		p.rows.text(q.Detail)
		p.rows.text(q.Topic)
		p.rows.int4(q.Partition)
		p.rows.int8(q.Offset)
		p.rows.bytes(q.Key)
		p.rows.bytes(head(q.Original))
		p.rows.int8(q.OriginalSize)
		p.rows.text(q.Digest)
	}
	return tx.merge(ctx, quarantineTable, &p.rows)
}
