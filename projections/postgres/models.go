package postgres

import (
	"context"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

var modelFactsTable = &table{
	name:    "model_facts",
	columns: []string{"log_offset", "id", "version", "change", "share", "kind", "digest", "artefact", "note", "changed_at"},
	key:     []string{"log_offset"},
}

// modelsProjection keeps all that was said of models.
type modelsProjection struct {
	base
	rows copyBuffer
}

func newModelsProjection(serde *wire.Serde) *modelsProjection {
	return &modelsProjection{base: base{name: wire.TopicModels, schema: wire.ModelFact, serde: serde, dropSQL: `TRUNCATE model_facts`}}
}

func (p *modelsProjection) write(ctx context.Context, tx *transaction, items []item) error {
	p.rows.reset()
	for _, it := range items {
		m := it.fact.(*football.ModelFact)
		p.rows.row(len(modelFactsTable.columns))
		p.rows.int8(it.record.Offset)
		p.rows.text(m.ID)
		p.rows.int4(m.Version)
		p.rows.text(string(m.Change))
		p.rows.float8(m.Share)
		p.rows.text(m.Kind)
		p.rows.text(m.Digest)
		p.rows.bytes(m.Artefact)
		p.rows.text(m.Note)
		p.rows.instant(m.At)
	}
	return tx.merge(ctx, modelFactsTable, &p.rows)
}
