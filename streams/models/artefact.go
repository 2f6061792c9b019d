package models

import (
	"context"
	"errors"
	"fmt"

	"github.com/touchline/touchline/schemas/football"
)

// LargestInLog is the size in bytes of the largest artefact that travels in the fact that registers it.
const LargestInLog = 256 << 10

// Store keeps artefacts that are too large for the log, by digest. Every process of the line must reach it.
type Store interface {
	Put(ctx context.Context, artefact []byte) (digest string, err error)
}

// StoreLargeArtefact moves an artefact that is too large for the log from the fact to the store. store may be nil: then
// only small ones can be registered.
func StoreLargeArtefact(ctx context.Context, store Store, fact *football.ModelFact) error {
	size := len(fact.Artefact)
	if size <= LargestInLog {
		return nil
	}
	if store == nil {
		return fmt.Errorf("the artefact has %d bytes, and more than %d do not travel in the log: set "+
			"TOUCHLINE_ARTEFACTS to a store that every process reaches", size, LargestInLog)
	}
	digest, err := store.Put(ctx, fact.Artefact)
	if err != nil {
		return fmt.Errorf("TOUCHLINE_ARTEFACTS: %w", err)
	}
	if digest != fact.Digest {
		return errors.New("TOUCHLINE_ARTEFACTS: the store keeps the artefact under " + digest + ", its digest is " +
			fact.Digest)
	}
	fact.Artefact = nil
	return nil
}
