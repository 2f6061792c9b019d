package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/cmd/chaos/internal/engines"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/models"
)

// operator changes models while things break: it registers a second version of goals, shadows it, and from then on
// promotes one or the other, or lets them share the matches. What it does next depends on the seed and on what the log
// says, so a change whose end it never learned of is not made twice.
type operator struct {
	brokers []string
	serde   *wire.Serde
	ref     *football.Reference
	rng     *rand.Rand
	out     io.Writer

	changes  int
	attempts int   // that failed: brokers were away
	last     error // why the last of them did
}

// operatorPatience is how long one attempt may take.
const operatorPatience = 20 * time.Second

func newOperator(at engines.Addresses, ref *football.Reference, seed uint64, out io.Writer) (*operator, error) {
	serde, err := newSerde(at)
	if err != nil {
		return nil, err
	}
	return &operator{brokers: at.Brokers, serde: serde, ref: ref, rng: rand.New(rand.NewPCG(seed, 13)), out: out}, nil
}

// changeModels changes models until ctx is done.
func (o *operator) changeModels(ctx context.Context) {
	for waitFor(ctx, 4*time.Second+time.Duration(o.rng.Int64N(int64(8*time.Second)))) {
		choice := o.rng.Float64()
		for ctx.Err() == nil {
			err := o.makeChange(ctx, choice)
			if err == nil {
				o.changes++
				break
			}
			if ctx.Err() == nil {
				o.attempts++
				o.last = err
				waitFor(ctx, time.Second)
			}
		}
	}
}

// makeChange makes one change.
func (o *operator) makeChange(ctx context.Context, choice float64) error {
	ctx, cancel := context.WithTimeout(ctx, operatorPatience)
	defer cancel()
	for topic, schema := range map[string]wire.Codec{wire.TopicModels: wire.ModelFact,
		wire.TopicRawEvents: wire.RawEvent} {
		if err := o.serde.Register(ctx, topic+"-value", schema); err != nil {
			return err
		}
	}
	client := []kgo.Opt{kgo.SeedBrokers(o.brokers...)}
	registry, facts, err := readModels(ctx, client, o.serde)
	if err != nil {
		return err
	}
	change := models.Change{Client: client, Reference: o.ref}
	_, err = change.Apply(ctx, facts, func() (*football.ModelFact, error) {
		fact, err := o.nextChange(registry.Newest().Standings(), choice)
		if err == nil {
			_, err = registry.Newest().Apply(fact)
		}
		return fact, err
	})
	return err
}

// nextChange returns what is done next as models stand.
func (o *operator) nextChange(standings []predict.Standing, choice float64) (*football.ModelFact, error) {
	const challenger = 3
	status, champion := football.ModelChange(""), int32(0)
	for _, s := range standings {
		if s.Name != "goals" {
			continue
		}
		if s.Version == challenger {
			status = s.Status
		}
		if s.Status == football.ModelPromoted {
			champion = s.Version
		}
	}
	other := int32(challenger)
	if champion == challenger {
		other = 2
	}
	fact := &football.ModelFact{ID: "goals", Version: other, At: football.At(time.Now())}
	switch {
	case status == "":
		a := predict.DefaultGoals()
		a.Weights.PiBlend /= 2
		return predict.Registration("goals", challenger, a)
	case status == football.ModelRegistered:
		fact.Change = football.ModelShadowed
	case choice < 0.4 && champion == 2:
		fact.Change, fact.Share = football.ModelSplit, 0.1+choice
	default:
		fact.Change = football.ModelPromoted
	}
	return fact, nil
}

// readModels folds football.models as it stands.
func readModels(ctx context.Context, client []kgo.Opt, serde *wire.Serde) (*predict.Registry, *models.Log, error) {
	registry := predict.BuiltInRegistry()
	var refused error
	models, err := line.ReadModels(ctx, registry, nil, client, wire.Namespace{}, serde, slog.New(slog.DiscardHandler),
		func(offset int64, fact *football.ModelFact, err error) {
			if err != nil {
				refused = fmt.Errorf("%s/%d: %w", wire.TopicModels, offset, err)
			}
		})
	return registry, models, errors.Join(err, refused) // the operator says nothing that does not apply
}
