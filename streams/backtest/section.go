package backtest

import (
	"cmp"
	"maps"
	"slices"
)

// entriesOf returns, by model, the entry of its scores that belongs to a section of a table.
func entriesOf[T any](scores map[string][]T, section func(T) bool) map[string]T {
	entries := map[string]T{}
	for name, list := range scores {
		if i := slices.IndexFunc(list, section); i >= 0 {
			entries[name] = list[i]
		}
	}
	return entries
}

// namesByLoss returns the models of a section, the one with the least loss first.
func namesByLoss[T any](entries map[string]T, loss func(T) float64) []string {
	return slices.SortedFunc(maps.Keys(entries), func(a, b string) int {
		return cmp.Or(cmp.Compare(loss(entries[a]), loss(entries[b])), cmp.Compare(a, b))
	})
}
