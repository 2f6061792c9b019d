package main

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/cmd/chaos/internal/verify"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/source/simulator"
)

// history is the number of seasons before the first live one that the collect role has the simulator play.
const history = 2

// results are what the check found.
type results struct {
	topics []verify.Result // the raw events first, then the line's outputs
	copies []verify.Result // tables, cache and subscribers
}

// checkOutputs reads everything once more from the beginning and holds it against what should be.
func (r *run) checkOutputs(ctx context.Context) (*results, error) {
	fmt.Fprintln(r.out, "reading everything and folding what should be there")
	for _, name := range r.fleet.order {
		r.fleet.inspect(ctx, name)
	}
	at := r.engines.Direct()
	serde, err := newSerde(at)
	if err != nil {
		return nil, err
	}
	// as the collect role has it
	source, err := simulator.New(simulator.Config{Seed: r.cfg.seed, History: history, Cups: true})
	if err != nil {
		return nil, err
	}
	held, err := verify.NewSource(ctx, source, serde)
	if err != nil {
		return nil, err
	}
	models, _, err := readModels(ctx, []kgo.Opt{kgo.SeedBrokers(at.Brokers...)}, serde)
	if err != nil {
		return nil, err
	}
	chains := line.Ends(r.poison.ref, models)
	for i, chain := range chains {
		chains[i] = chain.OnPartitions(partitions)
	}
	oracle := verify.NewOracle(chains, serde)
	if err := r.foldRaw(ctx, oracle, held); err != nil {
		return nil, err
	}
	facts := verify.NewFacts(serde)
	log, err := verify.OpenLog(ctx, at.Brokers, verify.Outputs(), facts.Take)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	if err := log.ReadToEnd(ctx); err != nil {
		return nil, err
	}
	found := &results{topics: append([]verify.Result{held.Result()}, oracle.Check(log, facts.Refusals)...)}
	r.checkPoison(oracle)
	fmt.Fprintf(r.out, "raw events that a killed collector published again: %d\n", held.Repeated)
	found.copies, err = r.checkCopies(ctx, facts)
	return found, err
}

// foldRaw reads the raw events, each to the oracle and to the source.
func (r *run) foldRaw(ctx context.Context, oracle *verify.Oracle, source *verify.Source) error {
	raw, err := verify.OpenLog(ctx, r.engines.Direct().Brokers, []string{wire.TopicRawEvents},
		func(ctx context.Context, record *kgo.Record) error {
			if err := oracle.Feed(ctx, record); err != nil {
				return err
			}
			return source.Take(ctx, record)
		})
	if err != nil {
		return err
	}
	defer raw.Close()
	return raw.ReadToEnd(ctx)
}

// checkPoison notes poison that the line is not expected to refuse: then it was none.
func (r *run) checkPoison(oracle *verify.Oracle) {
	for _, digest := range r.poison.digests {
		if n := oracle.Expects(digest); n != 1 {
			r.findings.addFinding("a poisoned record (digest %s) should be in quarantine once and is expected %d times",
				digest[:12], n)
		}
	}
}

// checkCopies holds what was made of the topics against them.
func (r *run) checkCopies(ctx context.Context, facts *verify.Facts) ([]verify.Result, error) {
	at := r.engines.Direct()
	found, err := verify.CheckTables(ctx, at.Postgres, facts)
	if err != nil {
		return nil, err
	}
	entries, err := verify.ReadCache(ctx, at.Redis)
	if err != nil {
		return nil, err
	}
	found = append(found, verify.CheckCache(entries, facts)...)
	for _, client := range r.clients {
		history := client.History()
		one, superseded := verify.CheckFeed(&history, facts)
		found = append(found, one)
		fmt.Fprintln(r.out, verify.Describe(&history, superseded))
	}
	return found, nil
}
