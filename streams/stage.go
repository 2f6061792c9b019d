package streams

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/internal/state"
)

// Fold is what the runtime needs of a stage over events of type E: a pure function over keyed state. It must not fail;
// what it can't apply it answers with a football.Refusal.
type Fold[E any] interface {
	Name() string
	Version() int
	State() []football.StateKind // empty for a stage without state
	Step(view football.View, event *E) []football.Output
}

// Stage is a fold bound to its input topic and to the schemas of its state.
type Stage struct {
	Name    string
	Version int          // of the fold: raised when it gives other answers to the same log
	Topics  int          // the version of the topics that it writes: what the header stage-version says
	Input   string       // the topic that it reads
	Schema  *wire.Schema // of that topic

	reads    string // the input as version 1 calls it
	versions wire.Versions
	names    map[string]string // what version 1's topics are called in these versions; those that differ

	step  func(view football.View, event any) []football.Output
	takes func(out football.Output) (event any, ok bool) // the output of the stage before, when it is this one's input
	kinds map[string]*wire.Schema                        // schema of each kind of state, by key prefix
	needs func(event any) int64                          // position up to which facts must be known; nil: reads none
	facts Facts                                          // nil: what there is was read before
}

// Facts are a log that a stage reads besides its input, each event as of a position.
type Facts interface {
	// Await returns once the log is read up to a position: so many of its offsets.
	Await(ctx context.Context, position int64) error
}

// reader is a fold that reads facts.
type reader[E any] interface {
	Needs(event *E) int64
}

// Bind binds a fold to the topic that it reads. The Avro schema of each state kind is schemas/avro/state-<stage>-<kind>.avsc.
func Bind[E any](fold Fold[E], schema *wire.Schema, topic string) *Stage {
	s := &Stage{
		Name: fold.Name(), Version: fold.Version(), Topics: 1, Input: topic, Schema: schema, reads: topic,
		step: func(view football.View, event any) []football.Output { return fold.Step(view, event.(*E)) },
		takes: func(out football.Output) (any, bool) {
			event, ok := any(out).(*E)
			return event, ok
		},
		kinds: map[string]*wire.Schema{},
	}
	if r, ok := fold.(reader[E]); ok {
		s.needs = func(event any) int64 { return r.Needs(event.(*E)) }
	}
	for _, kind := range fold.State() {
		s.kinds[kind.Kind] = wire.StateSchema(fold.Name(), kind)
	}
	return s
}

// Reading lets the stage wait for its facts before each step, where it reads any.
func (s *Stage) Reading(facts Facts) *Stage {
	reading := *s
	if s.needs != nil {
		reading.facts = facts
	}
	return &reading
}

// At returns the stage as it reads and writes the topics of these versions.
func (s *Stage) At(versions wire.Versions) *Stage {
	at := *s
	at.Topics, at.Input, at.versions, at.names = versions.Of(s.Name), versions.Topic(s.reads), versions, map[string]string{}
	for _, topic := range wire.Topics() {
		if name := versions.Topic(topic.Name); name != topic.Name {
			at.names[topic.Name] = name
		}
	}
	return &at
}

// outputs returns the topics that the stage writes to, quarantine and changelog apart.
func (s *Stage) outputs() []string {
	var topics []string
	for _, topic := range outputTopics(s.Name, s.reads) {
		topics = append(topics, s.name(topic))
	}
	return topics
}

// name returns what a topic is called in the stage's versions.
func (s *Stage) name(topic string) string {
	if name, ok := s.names[topic]; ok {
		return name
	}
	return topic
}

// Stateful reports whether the stage keeps state, and so has a changelog.
func (s *Stage) Stateful() bool { return len(s.kinds) > 0 }

// Changelog names the stage's changelog topic.
func (s *Stage) Changelog() string { return wire.StateTopic(s.Name, s.Topics) }

// schemaOf returns the schema of the value under a state key.
func (s *Stage) schemaOf(key string) (*wire.Schema, error) {
	kind, _, _ := strings.Cut(key, "/")
	schema, ok := s.kinds[kind]
	if !ok {
		return nil, fmt.Errorf("stage %s: no state kind for the key %q", s.Name, key)
	}
	return schema, nil
}

// Chain is a row of stages that run in one transaction. Each but the first reads what the one before it writes.
type Chain []*Stage

// Name returns the names of the stages joined by "+".
func (c Chain) Name() string {
	names := make([]string, len(c))
	for i, s := range c {
		names[i] = s.Name
	}
	return strings.Join(names, "+")
}

// Version returns the version of the topics that the chain writes: that of its first stage.
func (c Chain) Version() int { return c[0].Topics }

// versions returns the versions that the chain was bound at.
func (c Chain) versions() wire.Versions { return c[0].versions }

// Group names the chain's consumer group: "touchline.v1.features".
func (c Chain) Group(app string) string { return fmt.Sprintf("%s.v%d.%s", app, c.Version(), c.Name()) }

// Result is one output of a chain with the stage that made it.
type Result struct {
	Stage  *Stage
	Output football.Output
}

// fold feeds one event to the chain on one partition's tables, one table a stage, and returns all outputs in order:
// those of the first stage, each followed by what it caused further on. A step that refuses its input or panics leaves
// its tables as they were. An error means that facts which a step needs are not known; the tables must be rolled back.
func (c Chain) fold(ctx context.Context, tables []*state.Table, event any, out []Result) ([]Result, error) {
	stage, table := c[0], tables[0]
	if stage.facts != nil {
		if err := stage.facts.Await(ctx, stage.needs(event)); err != nil {
			return out, fmt.Errorf("%s: %w", stage.Name, err)
		}
	}
	table.StartStep()
	outputs := stage.guarded(table, event)
	if refusesInput(outputs) {
		table.Rollback()
	}
	for _, output := range outputs {
		out = append(out, Result{stage, output})
		if len(c) > 1 {
			if next, ok := c[1].takes(output); ok {
				var err error
				if out, err = c[1:].fold(ctx, tables[1:], next, out); err != nil {
					return out, err
				}
			}
		}
	}
	return out, nil
}

// guarded runs a step and turns a panic into a refusal with its stack: a defect of the stage must not stop the line.
func (s *Stage) guarded(view football.View, event any) (outputs []football.Output) {
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

// Memory is the state of a chain in memory, for folding without Kafka: tests and backtests.
type Memory struct {
	chain  Chain
	tables []*state.Table
}

// NewMemory returns the empty state of the chain.
func NewMemory(chain Chain) *Memory {
	return &Memory{chain: chain, tables: newTables(chain)}
}

// Step feeds one event of the chain's input type and returns all outputs, in order. Nothing is encoded. A chain that waits for
// facts is folded with Fold.
func (m *Memory) Step(event any) []Result {
	results, err := m.step(context.Background(), event)
	if err != nil {
		panic(err)
	}
	return results
}

// step folds one event, or nothing of it.
func (m *Memory) step(ctx context.Context, event any) ([]Result, error) {
	results, err := m.chain.fold(ctx, m.tables, event, nil)
	for _, t := range m.tables {
		if err != nil {
			t.Abort()
		} else {
			t.Commit()
		}
	}
	return results, err
}

func newTables(chain Chain) []*state.Table {
	tables := make([]*state.Table, len(chain))
	for i := range tables {
		tables[i] = state.New()
	}
	return tables
}
