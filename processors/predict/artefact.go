package predict

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/touchline/touchline/processors/rating"
	"github.com/touchline/touchline/schemas/football"
)

// The kinds of model that an artefact can be of. A kind is code; its parameters are in the artefact.
const (
	KindGoals      = "goals"
	KindMarket     = "market"
	KindDixonColes = "dixon-coles"
)

// Kinds returns the kinds of model that an artefact can be of.
func Kinds() []string { return []string{KindGoals, KindMarket, KindDixonColes} }

// Artefact is the parameters of a model, all that training gives it. Encode gives its bytes, whose digest names it.
type Artefact interface {
	Kind() string
	schemaName() string
	validateParameters() error
	buildModel(ref football.ModelRef) Model
}

// GoalsArtefact are the parameters of a goals model.
type GoalsArtefact struct {
	Weights rating.Weights `json:"weights"`
	Play    Play           `json:"play"`
	Trained *Training      `json:"trained,omitempty"`
}

// MarketArtefact are the parameters of a market model.
type MarketArtefact struct {
	Play Play `json:"play"`
}

// Training describes what an artefact was trained on. No forecast depends on it.
type Training struct {
	From    string `json:"from"`   // date of the first match that counted
	Before  string `json:"before"` // date before which all matches were played
	Matches int    `json:"matches"`
	Method  string `json:"method"` // in a line
}

// Kind returns "goals".
func (a *GoalsArtefact) Kind() string       { return KindGoals }
func (a *GoalsArtefact) schemaName() string { return "touchline.goals/1" }
func (a *GoalsArtefact) validateParameters() error {
	return errors.Join(checkWeights(a.Weights), a.Play.checkRanges())
}
func (a *GoalsArtefact) buildModel(ref football.ModelRef) Model {
	return &Goals{weights: a.Weights, play: a.Play, ref: ref}
}

// Kind returns "market".
func (a *MarketArtefact) Kind() string              { return KindMarket }
func (a *MarketArtefact) schemaName() string        { return "touchline.market/1" }
func (a *MarketArtefact) validateParameters() error { return a.Play.checkRanges() }
func (a *MarketArtefact) buildModel(ref football.ModelRef) Model {
	return &MarketBlend{play: a.Play, ref: ref}
}

// enclosed is an artefact as it is encoded: the schema tells how to read the parameters.
type enclosed struct {
	Schema     string          `json:"schema"`
	Parameters json.RawMessage `json:"parameters"`
}

// Encode returns the artefact's bytes: JSON, in the one form that Decode accepts.
func Encode(a Artefact) ([]byte, error) {
	if err := a.validateParameters(); err != nil {
		return nil, err
	}
	parameters, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	out, err := json.MarshalIndent(enclosed{a.schemaName(), parameters}, "", "  ")
	return append(out, '\n'), err
}

// Decode reads an artefact of a kind. It refuses another schema, a field too few or too many, a value out of its range,
// and every form but the one that Encode gives: what has one digest has one meaning.
func Decode(kind string, artefact []byte) (Artefact, error) {
	var a Artefact
	switch kind {
	case KindGoals:
		a = &GoalsArtefact{}
	case KindMarket:
		a = &MarketArtefact{}
	case KindDixonColes:
		a = &DixonColesArtefact{}
	default:
		return nil, fmt.Errorf("no kind of model is called %q: there are %v", kind, Kinds())
	}
	var e enclosed
	if err := decodeStrictly(artefact, &e); err != nil {
		return nil, fmt.Errorf("the artefact is no JSON of an artefact: %w", err)
	}
	if e.Schema != a.schemaName() {
		return nil, fmt.Errorf("the artefact has the schema %.40q, models of kind %s read %q", e.Schema, kind,
			a.schemaName())
	}
	if err := decodeStrictly(e.Parameters, a); err != nil {
		return nil, fmt.Errorf("the artefact's parameters: %w", err)
	}
	again, err := Encode(a)
	if err != nil {
		return nil, fmt.Errorf("the artefact's parameters: %w", err)
	}
	if !bytes.Equal(again, artefact) {
		return nil, errors.New("the artefact is not in the form that encoding it gives: a field is missing or twice, " +
			"or it was edited or formatted by hand")
	}
	return a, nil
}

// decodeStrictly decodes JSON and refuses fields that the type does not have. An error quotes the file, which can be
// long, so it is cut.
func decodeStrictly(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%.200s", err.Error())
	}
	return nil
}

// Digest returns the SHA-256 of an artefact in hexadecimal: 64 digits, of which predictions carry the first 16.
func Digest(artefact []byte) string {
	sum := sha256.Sum256(artefact)
	return hex.EncodeToString(sum[:])
}

// Registration returns the fact that registers an artefact as a version of a model, with the artefact in it. It is an
// error when a parameter is out of its range.
func Registration(name string, version int32, a Artefact) (*football.ModelFact, error) {
	artefact, err := Encode(a)
	if err != nil {
		return nil, err
	}
	return &football.ModelFact{
		ID: name, Version: version, Change: football.ModelRegistered, Kind: a.Kind(), Digest: Digest(artefact),
		Artefact: artefact,
	}, nil
}

// Build makes the model that a registration describes. It is an error when the fact's digest is not that of the
// artefact, or Decode refuses the artefact.
func Build(f *football.ModelFact) (Model, error) {
	if got := Digest(f.Artefact); got != f.Digest {
		return nil, fmt.Errorf("the artefact has the digest %.16s, the fact gives %.16s", got, f.Digest)
	}
	a, err := Decode(f.Kind, f.Artefact)
	if err != nil {
		return nil, err
	}
	return a.buildModel(football.ModelRef{ID: f.ID, Version: f.Version, Digest: f.Digest[:16]}), nil
}

// builtIn makes a model of the program's own parameters, which are valid.
func builtIn(name string, version int32, a Artefact) Model {
	f, err := Registration(name, version, a)
	if err != nil {
		panic(err)
	}
	return a.buildModel(football.ModelRef{ID: f.ID, Version: f.Version, Digest: f.Digest[:16]})
}

// checkWeights reports a weight that is out of its range, by its name in the JSON.
func checkWeights(w rating.Weights) error {
	for _, weight := range w.Named() {
		if err := checkBetween(-10, 10, namedValue{weight.Name, *weight.Value}); err != nil {
			return err
		}
	}
	return nil
}

// checkRanges reports every parameter that is out of its range, by its name in the JSON.
func (p Play) checkRanges() error {
	return errors.Join(
		checkBetween(45*60, 60*60, namedValue{"first_half", p.FirstHalf}, namedValue{"second_half", p.SecondHalf}),
		checkBetween(1, 600, namedValue{"least", p.Least}),
		checkBetween(-0.9, 10, namedValue{"rise", p.Rise}),
		checkBetween(0.05, 20, namedValue{"red_own", p.RedOwn}, namedValue{"red_other", p.RedOther}),
		checkBetween(-2, 2, namedValue{"chase", p.Chase}, namedValue{"hold", p.Hold}, namedValue{"open", p.Open}),
	)
}

// namedValue is a parameter's value with its name in the JSON.
type namedValue struct {
	name  string
	value float64
}

// checkBetween returns an error for the first parameter that is not within low to high, or is not a number.
func checkBetween(low, high float64, parameters ...namedValue) error {
	for _, p := range parameters {
		if math.IsNaN(p.value) || p.value < low || p.value > high {
			return fmt.Errorf("%s is %v: want %v to %v", p.name, p.value, low, high)
		}
	}
	return nil
}
