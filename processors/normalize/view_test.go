package normalize_test

import (
	"github.com/touchline/touchline/schemas/football"
)

// memory is a view in memory: committed values behind the writes of one step.
type memory struct {
	base    map[string]any
	overlay map[string]any // nil: deleted
}

func newMemory() *memory { return &memory{map[string]any{}, map[string]any{}} }

func (m *memory) Get(key string) any {
	if v, ok := m.overlay[key]; ok {
		return v
	}
	return m.base[key]
}

func (m *memory) Put(key string, value any)   { m.overlay[key] = value }
func (m *memory) Delete(key string)           { m.overlay[key] = nil }
func (m *memory) Published() football.Instant { return 0 }

// commit merges the step's writes, or drops them when its input was refused.
func (m *memory) commit(outputs []football.Output) {
	if !refused(outputs) {
		for key, value := range m.overlay {
			if value == nil {
				delete(m.base, key)
				continue
			}
			m.base[key] = value
		}
	}
	clear(m.overlay)
}

func refused(outputs []football.Output) bool {
	for _, out := range outputs {
		if r, ok := out.(*football.Refusal); ok && len(r.Original) == 0 {
			return true
		}
	}
	return false
}
