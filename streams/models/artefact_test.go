package models_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/models"
)

// shelf is a store in memory, which names what it keeps by another digest when it is broken.
type shelf struct {
	kept   map[string][]byte
	broken bool
}

func (s *shelf) Put(_ context.Context, artefact []byte) (string, error) {
	digest := digestOf(artefact)
	if s.broken {
		digest = strings.Repeat("0", 64)
	}
	s.kept[digest] = artefact
	return digest, nil
}

func digestOf(artefact []byte) string {
	sum := sha256.Sum256(artefact)
	return hex.EncodeToString(sum[:])
}

func TestLargeArtefactsGoToTheStore(t *testing.T) {
	small, large := make([]byte, models.LargestInLog), make([]byte, models.LargestInLog+1)
	register := func(store models.Store, artefact []byte) (*football.ModelFact, error) {
		fact := &football.ModelFact{ID: "goals", Version: 3, Digest: digestOf(artefact), Artefact: artefact}
		return fact, models.StoreLargeArtefact(t.Context(), store, fact)
	}
	if fact, err := register(nil, small); err != nil || len(fact.Artefact) != len(small) {
		t.Errorf("a small one travels in the log: %v", err)
	}
	if _, err := register(nil, large); err == nil || !strings.Contains(err.Error(),
		"a store that every process reaches") {
		t.Errorf("a large one without a store: %v", err)
	}
	store := &shelf{kept: map[string][]byte{}}
	if fact, err := register(store, large); err != nil || fact.Artefact != nil ||
		len(store.kept[fact.Digest]) != len(large) {
		t.Errorf("a large one: %v, %d kept", err, len(store.kept))
	}
	store.broken = true
	if fact, err := register(store, large); err == nil || fact.Artefact == nil {
		t.Error("a store that keeps it under another digest passes")
	}
}
