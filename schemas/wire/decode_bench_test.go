package wire_test

import (
	"testing"

	"github.com/touchline/touchline/schemas/football"
)

// BenchmarkDecode decodes each fact with every field set; a forecast with a grid of usual size.
func BenchmarkDecode(b *testing.B) {
	for _, schema := range factSchemas() {
		fact := filledFacts()[schema]
		if forecast, ok := fact.(*football.Prediction); ok {
			forecast.Grid = football.ScoreGrid{Size: 11, P: make([]float32, 121)}
		}
		b.Run(schema.Name(), func(b *testing.B) {
			body, err := schema.AppendValue(nil, fact)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := schema.UnmarshalValue(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
