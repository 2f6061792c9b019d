// Package state is the keyed state of one stage on one partition: committed values behind an overlay.
//
// A Table holds what has committed. Between Begin and Commit or Abort, steps read and write an overlay; each step can
// be rolled back by itself. A value is a pointer to a struct that nobody mutates, so the overlay is a map of pointers
// and an abort costs nothing.
//
//	t.Begin()
//	outputs := stage.Step(t, event) // t is a football.View
//	t.Rollback()                    // the step refused its input: its writes are undone
//	for key, value := range t.Changes() { ... append to the changelog ... }
//	t.Commit()
//
// It is not safe for concurrent use: one partition is folded by one goroutine.
package state

import (
	"iter"
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// Table is the state of one stage on one partition. The zero value is not usable: see New.
type Table struct {
	base    map[string]any
	overlay map[string]any // nil value: deleted
	order   []string       // keys of the overlay, as first written: the changelog's order
	undo    []change       // of the current step

	published football.Instant // of the raw event behind the current step
}

// change is what a key of the overlay held before a step wrote it.
type change struct {
	key     string
	value   any
	present bool
}

// New returns an empty table.
func New() *Table { return &Table{base: map[string]any{}, overlay: map[string]any{}} }

// Load puts a restored value straight into the committed state; a nil value deletes.
func (t *Table) Load(key string, value any) {
	if value == nil {
		delete(t.base, key)
		return
	}
	t.base[key] = value
}

// Get returns the value under key as the current step sees it, or nil.
func (t *Table) Get(key string) any {
	if value, ok := t.overlay[key]; ok {
		return value
	}
	return t.base[key]
}

// Put replaces the value under key in the overlay.
func (t *Table) Put(key string, value any) {
	old, ok := t.overlay[key]
	t.undo = append(t.undo, change{key, old, ok})
	if !ok {
		t.order = append(t.order, key)
	}
	t.overlay[key] = value
}

// Delete removes key in the overlay.
func (t *Table) Delete(key string) {
	if t.Get(key) != nil {
		t.Put(key, nil)
	}
}

// StartStep begins a step: Rollback goes back to here. published is when the raw event behind it was published.
func (t *Table) StartStep(published football.Instant) { t.undo, t.published = t.undo[:0], published }

// Published returns what StartStep was given.
func (t *Table) Published() football.Instant { return t.published }

// Rollback undoes what was written since StartStep.
func (t *Table) Rollback() {
	for _, c := range slices.Backward(t.undo) {
		if c.present {
			t.overlay[c.key] = c.value
			continue
		}
		delete(t.overlay, c.key)
		t.order = t.order[:len(t.order)-1] // keys are first written in order, so the newest is last
	}
	t.undo = t.undo[:0]
}

// Changes yields every key that the overlay changes with its new value, nil for a deletion, in the order in which the
// keys were first written. A key that was made and deleted within the batch is left out.
func (t *Table) Changes() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for _, key := range t.order {
			value := t.overlay[key]
			if value == nil {
				if _, ok := t.base[key]; !ok {
					continue
				}
			}
			if !yield(key, value) {
				return
			}
		}
	}
}

// Commit merges the overlay into the committed state.
func (t *Table) Commit() {
	for key, value := range t.overlay {
		t.Load(key, value)
	}
	t.dropStep()
}

// Abort drops the overlay.
func (t *Table) Abort() { t.dropStep() }

func (t *Table) dropStep() {
	clear(t.overlay)
	t.order = t.order[:0]
	t.undo = t.undo[:0]
}

// Len returns the number of committed keys.
func (t *Table) Len() int { return len(t.base) }
