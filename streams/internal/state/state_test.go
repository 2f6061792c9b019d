package state_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/touchline/touchline/streams/internal/state"
)

type value struct{ N int }

// TestTableIsAMapThatCanBeRolledBack drives a table beside a plain map that is copied at each step and each batch.
func TestTableIsAMapThatCanBeRolledBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := state.New()
		committed, batch := map[string]int{}, map[string]int{}
		for range rapid.IntRange(1, 8).Draw(t, "batches") {
			for range rapid.IntRange(1, 5).Draw(t, "steps") {
				table.StartStep(0)
				step := clone(batch)
				for range rapid.IntRange(0, 4).Draw(t, "writes") {
					key := fmt.Sprintf("k%d", rapid.IntRange(0, 3).Draw(t, "key"))
					if n := rapid.IntRange(0, 9).Draw(t, "value"); n > 0 {
						table.Put(key, &value{n})
						step[key] = n
					} else {
						table.Delete(key)
						delete(step, key)
					}
				}
				if rapid.Bool().Draw(t, "refused") {
					table.Rollback()
				} else {
					batch = step
				}
				compare(t, table, batch)
			}
			replayed := clone(committed)
			for key, v := range table.Changes() {
				if v == nil {
					delete(replayed, key)
				} else {
					replayed[key] = v.(*value).N
				}
			}
			if fmt.Sprint(replayed) != fmt.Sprint(batch) {
				t.Fatalf("the changes turn %v into %v, want %v", committed, replayed, batch)
			}
			if rapid.Bool().Draw(t, "committed") {
				table.Commit()
				committed = clone(batch)
			} else {
				table.Abort()
				batch = clone(committed)
			}
			compare(t, table, batch)
		}
		if table.Len() != len(committed) {
			t.Fatalf("%d keys, want %d", table.Len(), len(committed))
		}
	})
}

func compare(t *rapid.T, table *state.Table, want map[string]int) {
	for i := range 4 {
		key := fmt.Sprintf("k%d", i)
		got := 0
		if v := table.Get(key); v != nil {
			got = v.(*value).N
		}
		if got != want[key] {
			t.Fatalf("%s: got %d, want %d", key, got, want[key])
		}
	}
}

func clone(m map[string]int) map[string]int {
	c := make(map[string]int, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}
