package postgres

import (
	"context"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

var modelsTable = &table{
	name:    "models",
	columns: []string{"id", "version", "change", "kind", "digest", "note", "changed_at", "log_offset"},
	key:     []string{"id"},
	newer:   "new.log_offset > old.log_offset",
}

// modelsProjection keeps the last change in the life of each model.
type modelsProjection struct {
	base
	rows copyBuffer
}

func newModelsProjection(serde *wire.Serde) *modelsProjection {
	return &modelsProjection{base: base{name: wire.TopicModels, schema: wire.ModelFact, serde: serde, dropSQL: `TRUNCATE models`}}
}

func (p *modelsProjection) write(ctx context.Context, tx *transaction, items []item) error {
	p.rows.reset()
	for _, it := range last(items, func(it item) (string, bool) { return it.fact.(*football.ModelFact).ID, true }) {
		m := it.fact.(*football.ModelFact)
		p.rows.row(len(modelsTable.columns))
		p.rows.text(m.ID)
		p.rows.int4(m.Version)
		p.rows.text(string(m.Change))
		p.rows.text(m.Kind)
		p.rows.text(m.Digest)
		p.rows.text(m.Note)
		p.rows.instant(m.At)
		p.rows.int8(it.record.Offset)
	}
	return tx.merge(ctx, modelsTable, &p.rows)
}
