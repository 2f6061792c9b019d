package train

import (
	"errors"
	"math"
	"time"

	"github.com/touchline/touchline/processors/fit"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
)

// Report is the result of a training.
type Report struct {
	Kind    string           `json:"kind"`
	Trained predict.Training `json:"trained"`
	Priced  int              `json:"priced"` // matches whose closing odds are part of what was fitted to
	Steps   int              `json:"steps"`  // of Newton's method, the most of any pool

	// LogLikelihood is the mean, over matches, of the log of the probability of their scores, in nats; weighed as they
	// were for the fit. Baseline is that of what Against names.
	LogLikelihood float64 `json:"log_likelihood"`
	Baseline      float64 `json:"baseline"`
	Against       string  `json:"against"`

	Parameters []Parameter `json:"parameters"`
}

// Parameter is one of a model's parameters before and after training. Before and Error are 0 where there is none.
type Parameter struct {
	Name   string  `json:"name"`
	Before float64 `json:"before"`
	After  float64 `json:"after"`
	Error  float64 `json:"error"` // standard error by the curvature of the likelihood
}

// training describes what was trained on: matches in the order of their kick-offs, at least one.
func training(first, before football.Instant, matches int, method string) *predict.Training {
	date := func(at football.Instant) string { return at.Time().Format(time.DateOnly) }
	return &predict.Training{From: date(first), Before: date(before), Matches: matches, Method: method}
}

var errNoMatch = errors.New("no settled match lies in the time to train on")

// rounded keeps six decimals: all beyond is far below the standard error of any parameter, and the artefact is shorter.
func rounded(x float64) float64 { return math.Round(x*1e6) / 1e6 }

// endOfDay returns the end of the day (UTC) of an instant: a training without an end was trained before it.
func endOfDay(at football.Instant) football.Instant {
	return football.At(at.Time().Truncate(24*time.Hour).AddDate(0, 0, 1))
}

// kickingOffWithin returns the matches that kick off from one instant on and before another, 0 for no bound, in their
// order of fit.
func kickingOffWithin(matches []fit.Match, from, before football.Instant) []fit.Match {
	var kept []fit.Match
	for _, m := range matches {
		if m.Kickoff >= from && (before == 0 || m.Kickoff < before) {
			kept = append(kept, m)
		}
	}
	fit.Order(kept)
	return kept
}
