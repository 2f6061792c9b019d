// Package featurestest helps to test the stages after normalize: a view in memory, and the history of real matches as
// match events.
package featurestest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/touchline/touchline/schemas/football"
)

// View is a football.View in memory without an overlay: every write is there at once.
type View struct {
	values map[string]any
	Writes int              // number of Put and Delete calls
	Now    football.Instant // what Published returns
}

// NewView returns an empty view.
func NewView() *View { return &View{values: map[string]any{}} }

// Get returns the value under key, or nil.
func (v *View) Get(key string) any { return v.values[key] }

// Put replaces the value under key.
func (v *View) Put(key string, value any) {
	v.Writes++
	v.values[key] = value
}

// Delete removes key.
func (v *View) Delete(key string) {
	v.Writes++
	delete(v.values, key)
}

// Published returns Now.
func (v *View) Published() football.Instant { return v.Now }

// Len returns the number of values.
func (v *View) Len() int { return len(v.values) }

// Keys returns the keys that begin with any of the prefixes (all keys, where none is given), sorted.
func (v *View) Keys(prefixes ...string) []string {
	keys := slices.Sorted(maps.Keys(v.values))
	if len(prefixes) == 0 {
		return keys
	}
	return slices.DeleteFunc(keys, func(k string) bool {
		return !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(k, p) })
	})
}

// Dump prints the values under the prefixes, one a line, with every field.
func (v *View) Dump(prefixes ...string) string {
	var b strings.Builder
	for _, k := range v.Keys(prefixes...) {
		fmt.Fprintf(&b, "%s %+v\n", k, v.values[k])
	}
	return b.String()
}

// Overlay is a view over another one that writes never reach, as the runtime gives a step that may be aborted.
type Overlay struct {
	Base  football.View
	Above map[string]any
}

// NewOverlay returns an empty overlay.
func NewOverlay(base football.View) *Overlay { return &Overlay{Base: base, Above: map[string]any{}} }

// Get returns the value that was written, or the base's.
func (o *Overlay) Get(key string) any {
	if value, ok := o.Above[key]; ok {
		return value
	}
	return o.Base.Get(key)
}

// Published returns what the base does.
func (o *Overlay) Published() football.Instant { return o.Base.Published() }

// Put writes to the overlay.
func (o *Overlay) Put(key string, value any) { o.Above[key] = value }

// Delete hides the base's value.
func (o *Overlay) Delete(key string) { o.Above[key] = nil }
