package streams

import (
	"context"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// registration is what makes two registrations of a model the same.
type registration struct {
	id      string
	version int32
	digest  string
	change  football.ModelChange
}

func registrationOf(f *football.ModelFact) registration {
	return registration{f.ID, f.Version, f.Digest, f.Change}
}

// RegisterModels appends those facts to football.models that are not there yet. Two processes that start at once may
// both append one; readers take the first.
func RegisterModels(ctx context.Context, opts []kgo.Opt, serde *wire.Serde, facts ...*football.ModelFact) error {
	client, err := kgo.NewClient(append(slices.Clone(opts), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
		kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		return err
	}
	defer client.Close()
	known := map[registration]bool{}
	err = readToEnd(ctx, client, kadm.NewClient(client), wire.TopicModels, []int32{0}, nil, func(r *kgo.Record) error {
		v, err := serde.Decode(ctx, wire.ModelFact, r.Value)
		if err != nil {
			return err
		}
		known[registrationOf(v.(*football.ModelFact))] = true
		return nil
	})
	if err != nil {
		return fmt.Errorf("read %s: %w", wire.TopicModels, err)
	}
	var missing []*kgo.Record
	for _, fact := range facts {
		if known[registrationOf(fact)] {
			continue
		}
		frame, err := serde.Encode(wire.ModelFact, fact)
		if err != nil {
			return err
		}
		missing = append(missing, &kgo.Record{Topic: wire.TopicModels, Key: []byte(fact.ID), Value: frame})
	}
	if err := client.ProduceSync(ctx, missing...).FirstErr(); err != nil {
		return fmt.Errorf("register models: %w", err)
	}
	return nil
}
