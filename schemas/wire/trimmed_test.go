package wire_test

import (
	"testing"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

func TestATrimmedSchemaReadsPredictions(t *testing.T) {
	for _, trimmed := range []*wire.Schema[football.Prediction]{wire.PredictionHistory, wire.PredictionHead} {
		if err := wire.Compatible(trimmed.Text(), wire.Prediction.Text()); err != nil {
			t.Errorf("%s: %v", trimmed.Name(), err)
		}
	}
}
