package football

import (
	"fmt"
	"strconv"
	"strings"
)

// ModelRef names the model that forecast and the artefact that it used. ID is the model's name where the version is
// served, and name@version where it only shadows.
type ModelRef struct {
	ID      string `avro:"id" json:"id"`
	Version int32  `avro:"version" json:"version"`
	Digest  string `avro:"digest" json:"digest"` // SHA-256 of the artefact, first 16 hexadecimal digits
}

// ShadowID is what a version of a model is called while another one is served.
func ShadowID(name string, version int32) string { return name + "@" + strconv.Itoa(int(version)) }

// ModelName returns the name in a model's id, and whether the id is that of a shadow.
func ModelName(id string) (name string, shadow bool) {
	name, _, shadow = strings.Cut(id, "@")
	return name, shadow
}

// ValidateModelName checks the name of a model: small letters, digits, dots and hyphens, a letter first, at most 40.
func ValidateModelName(name string) error {
	ok := len(name) <= 40
	for i, c := range name {
		letter := c >= 'a' && c <= 'z'
		ok = ok && (letter || i > 0 && (c == '-' || c == '.' || c >= '0' && c <= '9'))
	}
	if name == "" || !ok {
		return fmt.Errorf("%q is no name for a model: want small letters, digits, dots and hyphens, "+
			"a letter first, at most 40", name)
	}
	return nil
}

// ModelFact is one change in the life of a model, on football.models.
type ModelFact struct {
	ID       string      `avro:"id"`
	Version  int32       `avro:"version"`
	Change   ModelChange `avro:"change"`
	At       Instant     `avro:"at"`
	Kind     string      `avro:"kind"`     // what reads the artefact, such as "goals" or "market"
	Digest   string      `avro:"digest"`   // SHA-256 of the artefact in hexadecimal
	Artefact []byte      `avro:"artefact"` // small artefacts travel in the fact, others are in a store
	Note     string      `avro:"note"`
	Share    float64     `avro:"share"` // of the matches, 0 to 1, that a split serves this version for
}

// ModelChange is what happened to a model.
type ModelChange string

// The changes in a model's life.
const (
	ModelRegistered ModelChange = "registered" // it is there, and silent
	ModelShadowed   ModelChange = "shadowed"   // it forecasts under its version's name and is scored
	ModelSplit      ModelChange = "split"      // it is served for a share of the matches
	ModelPromoted   ModelChange = "promoted"   // it is served
	ModelRetired    ModelChange = "retired"    // it is silent for good
)
