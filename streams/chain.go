package streams

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/internal/state"
)

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

// Input returns the topic that the chain reads.
func (c Chain) Input() string { return c[0].Input }

// Version returns the version of the topics that the chain writes: that of its first stage.
func (c Chain) Version() int { return c[0].Topics }

// Names returns the names that the chain was bound to.
func (c Chain) Names() wire.Namespace { return c[0].names }

// Stateful reports whether any of the stages keeps state.
func (c Chain) Stateful() bool { return slices.ContainsFunc(c, (*Stage).Stateful) }

// Group names the chain's consumer group: "touchline.v1.features", of the installation "trial" "trial.v1.features".
func (c Chain) Group() string {
	return fmt.Sprintf("%s.v%d.%s", c.Names().Name(), c.Version(), c.Name())
}

// GroupVersion reads the name of a chain's group: the version of its topics, if the group is the installation's and
// runs the stage.
func GroupVersion(names wire.Namespace, group, stage string) (version int, ok bool) {
	number, ok := strings.CutPrefix(group, names.Name()+".v")
	number, stages, ok2 := strings.Cut(number, ".")
	if !ok || !ok2 || !slices.Contains(strings.Split(stages, "+"), stage) {
		return 0, false
	}
	version, err := strconv.Atoi(number)
	return version, err == nil
}

// OnPartitions returns the chain as it reads an input topic of so many partitions: what its first stage finds in
// another partition than the one it belongs to is refused. A chain without a number checks nothing.
func (c Chain) OnPartitions(n int32) Chain {
	placed := slices.Clone(c)
	first := *c[0]
	first.partitions = n
	placed[0] = &first
	return placed
}

// Tables returns empty state for the chain, one table a stage.
func (c Chain) Tables() []*state.Table {
	tables := make([]*state.Table, len(c))
	for i := range tables {
		tables[i] = state.New()
	}
	return tables
}

// Result is one output of a chain with the stage that made it.
type Result struct {
	Stage  *Stage
	Output football.Output
}

// FoldRecord folds a record of the chain's input topic on one partition's tables and appends all outputs to out, in
// order. A record that does not decode, or that belongs to another partition, is refused. An error means that the
// registry could not be asked, or that facts which a step needs are not known; the tables must be rolled back then.
func (c Chain) FoldRecord(
	ctx context.Context, serde *wire.Serde, tables []*state.Table, record *kgo.Record, out []Result,
) ([]Result, error) {
	event, err := serde.DecodeValue(ctx, c[0].Schema, record.Value)
	if undecodable := (*wire.UndecodableError)(nil); errors.As(err, &undecodable) {
		refusal := &football.Refusal{Reason: football.RefusedUndecodable, Detail: undecodable.Error()}
		return append(out, Result{c[0], refusal}), nil
	}
	if err != nil {
		return out, fmt.Errorf("decode %s: %w", kafkalog.AddressOf(record), err)
	}
	if refusal := c[0].refuseMisplaced(event, record.Partition); refusal != nil {
		return append(out, Result{c[0], refusal}), nil
	}
	return c.foldEvent(ctx, tables, publishedAt(record), event, out)
}

// foldEvent feeds one event to the chain and appends its outputs: those of the first stage, each followed by what it
// caused further on. A step that refuses its input or panics leaves its tables as they were. published is when the raw
// event behind it was; 0 where there is none.
func (c Chain) foldEvent(
	ctx context.Context, tables []*state.Table, published football.Instant, event any, out []Result,
) ([]Result, error) {
	stage, table := c[0], tables[0]
	if err := stage.awaitFacts(ctx, event); err != nil {
		return out, err
	}
	table.StartStep(published)
	outputs := stage.stepGuarded(table, event)
	if refusesInput(outputs) {
		table.Rollback()
	}
	for _, output := range outputs {
		out = append(out, Result{stage, output})
		if len(c) == 1 {
			continue
		}
		if next, ok := c[1].takes(output); ok {
			var err error
			if out, err = c[1:].foldEvent(ctx, tables[1:], published, next, out); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}
