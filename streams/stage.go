package streams

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"strings"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Fold is what the runtime needs of a stage over events of type E: a pure function over keyed state. It must not fail;
// what it can't apply it answers with a football.Refusal.
type Fold[E any] interface {
	Name() string // a row of wire.Stages
	Version() int
	State() []football.StateKind // empty for a stage without state
	Step(view football.View, event *E) []football.Output
}

// Facts are a log that a stage reads besides its input, each event as of a position.
type Facts interface {
	// Await returns once the log is read up to a position: so many of its offsets.
	Await(ctx context.Context, position int64) error
}

// factReader is a fold that reads facts.
type factReader[E any] interface {
	Needs(event *E) int64
}

// placedFold is a fold whose events each belong to one partition of its input, among so many. It returns false for an
// event that it refuses wherever it is.
type placedFold[E any] interface {
	Partition(event *E, partitions int32) (partition int32, ok bool)
}

// Stage is a fold bound to the topics that it reads and writes in one version of them, and to the schemas of its state.
type Stage struct {
	Name    string
	Version int        // of the fold: raised when it gives other answers to the same log
	Topics  int        // the version of the topics that it writes: what the header topic-version carries
	Input   string     // the topic that it reads
	Schema  wire.Codec // of that topic

	State []football.StateKind // that the fold declares; empty for a stage without state

	row        wire.Stage
	names      wire.Namespace
	outputs    []wire.Topic // what it writes to, quarantine and changelog apart, as it is called in Kafka
	quarantine string       // where refusals go, likewise

	step  func(view football.View, event any) []football.Output
	takes func(out football.Output) (event any, ok bool) // the output of the stage before, when it is this one's input
	kinds map[string]wire.Codec                          // schema of each kind of state, by key prefix
	needs func(event any) int64                          // position up to which facts must be known; nil: reads none
	facts Facts                                          // nil: what there is was read before

	place      func(event any, partitions int32) (partition int32, ok bool) // nil: where a record is, it belongs
	partitions int32                                                        // of the input; 0: places are not checked
}

// Bind binds a fold to the topics that the table of stages gives to its name, as the zero Namespace calls them. The
// Avro schema of each state kind is schemas/avro/state-<stage>-<kind>.avsc. It panics when the table has no such stage,
// or when the stage's input has another schema: the line is part of the program.
func Bind[E any](fold Fold[E], schema *wire.Schema[E]) *Stage {
	row, ok := wire.StageOf(fold.Name())
	if !ok {
		panic(fmt.Sprintf("no stage %q in the table of stages: add a row in schemas/wire/stages.go", fold.Name()))
	}
	s := &Stage{
		Name: fold.Name(), Version: fold.Version(), Schema: schema, State: fold.State(), row: row,
		step: func(view football.View, event any) []football.Output { return fold.Step(view, event.(*E)) },
		takes: func(out football.Output) (any, bool) {
			event, ok := any(out).(*E)
			return event, ok
		},
		kinds: map[string]wire.Codec{},
	}
	if reader, ok := fold.(factReader[E]); ok {
		s.needs = func(event any) int64 { return reader.Needs(event.(*E)) }
	}
	if placed, ok := fold.(placedFold[E]); ok {
		s.place = func(event any, n int32) (int32, bool) { return placed.Partition(event.(*E), n) }
	}
	for _, kind := range s.State {
		s.kinds[kind.Kind] = wire.StateCodec(fold.Name(), kind)
	}
	for _, topic := range wire.Topics() {
		if topic.Name == row.Reads && topic.Schema != wire.Codec(schema) {
			panic(fmt.Sprintf("stage %s reads %s, whose schema is not %s", row.Name, row.Reads, schema.Name()))
		}
	}
	return s.At(wire.Namespace{})
}

// Keeping returns the stage with one more kind of state, whose schema is not a file of schemas/avro.
func (s *Stage) Keeping(kind string, schema wire.Codec) *Stage {
	keeping := *s
	keeping.kinds = maps.Clone(s.kinds)
	keeping.kinds[kind] = schema
	return &keeping
}

// Reading lets the stage wait for its facts before each step, where it reads any.
func (s *Stage) Reading(facts Facts) *Stage {
	reading := *s
	if s.needs != nil {
		reading.facts = facts
	}
	return &reading
}

// At returns the stage as it reads and writes the topics with these names. The names are made here, once: nothing makes
// one for each record.
func (s *Stage) At(names wire.Namespace) *Stage {
	at := *s
	at.Topics, at.Input, at.names = names.Versions.Of(s.Name), names.Topic(s.row.Reads), names
	at.outputs, at.quarantine = s.row.Writes(), names.Topic(wire.TopicQuarantine)
	for i, topic := range at.outputs {
		at.outputs[i].Name = names.Topic(topic.Name)
	}
	return &at
}

// Outputs returns the topics that the stage writes to, quarantine and changelog apart.
func (s *Stage) Outputs() []string {
	names := make([]string, len(s.outputs))
	for i, topic := range s.outputs {
		names[i] = topic.Name
	}
	return names
}

// Stateful reports whether the stage keeps state, and so has a changelog.
func (s *Stage) Stateful() bool { return len(s.kinds) > 0 }

// Changelog names the stage's changelog topic.
func (s *Stage) Changelog() string { return s.names.StateTopic(s.Name) }

// StateCodecs returns the schema of each kind of state that the stage keeps, by kind.
func (s *Stage) StateCodecs() map[string]wire.Codec { return maps.Clone(s.kinds) }

// StateCodec returns the schema of the value under a state key.
func (s *Stage) StateCodec(key string) (wire.Codec, error) {
	kind, _, _ := strings.Cut(key, "/")
	codec, ok := s.kinds[kind]
	if !ok {
		return nil, fmt.Errorf("stage %s: no state kind for the key %q", s.Name, key)
	}
	return codec, nil
}

// awaitFacts waits for the facts that a step over the event needs.
func (s *Stage) awaitFacts(ctx context.Context, event any) error {
	if s.facts == nil {
		return nil
	}
	if err := s.facts.Await(ctx, s.needs(event)); err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	return nil
}

// refuseMisplaced returns the refusal of an event that was read from another partition than the one it belongs to, else
// nil. Partition p of the input feeds the state of partition p alone, so such an event would be folded on blank state.
func (s *Stage) refuseMisplaced(event any, partition int32) *football.Refusal {
	if s.place == nil || s.partitions == 0 {
		return nil
	}
	want, ok := s.place(event, s.partitions)
	if !ok || want == partition {
		return nil
	}
	return &football.Refusal{Reason: football.RefusedWrongPartition, Detail: fmt.Sprintf(
		"the record is in partition %d of %d, its pool's is %d: see docs/producers.md", partition, s.partitions, want)}
}

// stepGuarded runs a step and turns a panic into a refusal with its stack: a defect of the stage must not stop the
// line.
func (s *Stage) stepGuarded(view football.View, event any) (outputs []football.Output) {
	defer func() {
		if p := recover(); p != nil {
			outputs = []football.Output{&football.Refusal{
				Reason: football.RefusedPanic,
				Detail: fmt.Sprintf("%v\n%s", p, debug.Stack()),
			}}
		}
	}()
	return s.step(view, event)
}

// refusesInput reports whether the outputs are a refusal of the step's input.
func refusesInput(outputs []football.Output) bool {
	for _, out := range outputs {
		if refusal, ok := out.(*football.Refusal); ok && len(refusal.Original) == 0 {
			return true
		}
	}
	return false
}
