package football

import "strconv"

// Output is what a step can cause: a fact for a topic of the line, a Refusal for quarantine, or a Dropped for a
// counter.
//
//sumtype:decl
type Output interface{ output() }

func (*MatchEvent) output()    {}
func (*MatchFeatures) output() {}
func (*Prediction) output()    {}
func (*Evaluation) output()    {}
func (*Outlook) output()       {}
func (*Refusal) output()       {}
func (*Dropped) output()       {}

// View is the keyed state that a step may read and write. Values are pointers to structs. A value got from the view is
// never mutated: copy it, change the copy, put the copy. Writes go to an overlay that the runtime merges when the
// step's batch has committed, and drops when it has not.
type View interface {
	// Get returns the value under key, or nil.
	Get(key string) any
	// Put replaces the value under key.
	Put(key string, value any)
	// Delete removes key.
	Delete(key string)
	// Published returns when the raw event behind the one that is folded was published: a fact of the log, which a
	// replay finds as it was. 0 where it is folded without a log.
	Published() Instant
}

// Get returns the view's value under key as a *T, or nil when there is none. It panics when the value has another type:
// two kinds of state must not share a key.
func Get[T any](v View, key string) *T {
	value := v.Get(key)
	if value == nil {
		return nil
	}
	return value.(*T)
}

func formatInt(n int64) string { return strconv.FormatInt(n, 10) }

// StateKind is one kind of value that a stage keeps: the prefix of its keys before "/", and a pointer to its zero
// struct. A kind has one Go type and one Avro schema.
type StateKind struct {
	Kind  string
	Blank any
}
