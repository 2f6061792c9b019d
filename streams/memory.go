package streams

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/internal/state"
)

// Memory is the state of a chain in memory, for folding without Kafka: tests, backtests and audits of the log.
type Memory struct {
	chain  Chain
	tables []*state.Table
}

// NewMemory returns the empty state of the chain.
func NewMemory(chain Chain) *Memory {
	return &Memory{chain: chain, tables: chain.Tables()}
}

// Step feeds one event of the chain's input type and returns all outputs, in order. Nothing is encoded. It panics when
// a stage waits for facts that do not come: a chain that reads facts is folded with StepAwaiting.
func (m *Memory) Step(event any) []Result {
	results, err := m.StepAwaiting(context.Background(), event)
	if err != nil {
		panic(err)
	}
	return results
}

// StepAwaiting is Step for a chain that waits for facts. With an error nothing of the event was folded.
func (m *Memory) StepAwaiting(ctx context.Context, event any) ([]Result, error) {
	results, err := m.chain.foldEvent(ctx, m.tables, 0, event, nil)
	return results, m.settleTables(err)
}

// Fold folds a record of the chain's input topic and returns all outputs, in order. A record that does not decode is
// refused, as a worker would.
func (m *Memory) Fold(ctx context.Context, serde *wire.Serde, record *kgo.Record) ([]Result, error) {
	results, err := m.chain.FoldRecord(ctx, serde, m.tables, record, nil)
	return results, m.settleTables(err)
}

// settleTables keeps what was written to the tables, or drops it after an error, which it returns.
func (m *Memory) settleTables(err error) error {
	for _, t := range m.tables {
		if err != nil {
			t.Abort()
		} else {
			t.Commit()
		}
	}
	return err
}
