package line

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/models"
)

// Artefacts are where the artefacts are that do not travel in their facts, by digest.
type Artefacts interface {
	Get(ctx context.Context, digest string) ([]byte, error)
}

// ReadModels folds football.models into the registry, and calls listeners with each fact and why it does not apply.
// Artefacts may be nil: a fact without its artefact stops the reader then, with the setting that is missing.
func ReadModels(
	ctx context.Context, registry *predict.Registry, artefacts Artefacts, opts []kgo.Opt, names wire.Namespace,
	serde *wire.Serde, log *slog.Logger, listeners ...func(offset int64, fact *football.ModelFact, refused error),
) (*models.Log, error) {
	return models.Read(ctx, opts, names, serde, func(ctx context.Context, offset int64,
		fact *football.ModelFact) error {
		if err := fetchArtefact(ctx, registry, artefacts, fact); err != nil {
			return err
		}
		err := registry.Apply(offset, fact)
		for _, listen := range listeners {
			listen(offset, fact, err)
		}
		if err != nil {
			log.Warn("a change of a model does not apply and is passed over, by every reader", "offset", offset,
				"model", fact.ID, "version", fact.Version,
				"change", fact.Change, "reason", err)
		}
		return nil
	}, log)
}

// fetchArtefact completes a registration whose artefact is in the store. One that names none will not apply: no store
// is asked for it.
func fetchArtefact(
	ctx context.Context, registry *predict.Registry, artefacts Artefacts, fact *football.ModelFact,
) error {
	if fact.Change != football.ModelRegistered || len(fact.Artefact) > 0 || !isDigest(fact.Digest) ||
		registry.Newest().Has(fact.ID, fact.Version) {
		return nil
	}
	if artefacts == nil {
		return errors.New("the artefact of " + fact.ID + " is in a store: set TOUCHLINE_ARTEFACTS to where it is")
	}
	artefact, err := artefacts.Get(ctx, fact.Digest)
	if err != nil {
		return fmt.Errorf("the artefact of %s version %d: %w", fact.ID, fact.Version, err)
	}
	fact.Artefact = artefact
	return nil
}

// isDigest reports whether the text is a SHA-256 in hexadecimal.
func isDigest(text string) bool {
	return len(text) == 64 && strings.Trim(text, "0123456789abcdef") == ""
}
