package postgres

import (
	"context"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

type modelItem = item[football.ModelFact]

var modelFactsTable = &table[modelItem]{
	name: "model_facts",
	columns: []column[modelItem]{
		offsetColumn[football.ModelFact](),
		textColumn("id", func(it modelItem) string { return it.fact.ID }),
		intColumn("version", func(it modelItem) int32 { return it.fact.Version }),
		textColumn("change", func(it modelItem) football.ModelChange { return it.fact.Change }),
		doubleColumn("share", func(it modelItem) float64 { return it.fact.Share }),
		textColumn("kind", func(it modelItem) string { return it.fact.Kind }),
		textColumn("digest", func(it modelItem) string { return it.fact.Digest }),
		bytesColumn("artefact", func(it modelItem) []byte { return it.fact.Artefact }),
		textColumn("note", func(it modelItem) string { return it.fact.Note }),
		instantColumn("changed_at", func(it modelItem) football.Instant { return it.fact.At }),
	},
	key: []string{"log_offset"},
}

// modelsProjection keeps every fact of the life-cycle of models.
type modelsProjection struct {
	base[football.ModelFact]
}

func newModelsProjection(serde *wire.Serde) *modelsProjection {
	return &modelsProjection{base[football.ModelFact]{
		topic: wire.TopicModels, schema: wire.ModelFact, serde: serde, forget: `TRUNCATE model_facts`,
	}}
}

func (p *modelsProjection) writeItems(ctx context.Context, tx *transaction, items []modelItem) error {
	return modelFactsTable.mergeRows(ctx, tx, items)
}
