package backtest

import (
	"fmt"
	"time"

	"github.com/touchline/touchline/processors/fit"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/train"
)

// Refit is a Dixon-Coles model that is fitted anew as the time of a feed passes: each time to all that was settled by
// then, so that no forecast uses a result which was not known when it was made.
type Refit struct {
	Name  string
	Every time.Duration // between two fits, by the feed's clock; a fit is due at whole multiples since 1970
	fit.Settings
}

// refits are the models of one feed, and the results that they learn from.
type refits struct {
	all     []*refitted
	matches []fit.Match
	places  map[football.MatchID]int // of a match among matches
	now     football.Instant
}

// aSeason is how long before the first match that is scored the first fit is due. Forecasts of a match that are made
// earlier are never scored, even if it is postponed.
const aSeason = 365 * 24 * time.Hour

// newRefits returns the models of one feed, none of them fitted. The first fit is due a season before from.
func newRefits(recipes []Refit, from football.Instant) *refits {
	r := &refits{places: map[football.MatchID]int{}}
	for _, recipe := range recipes {
		digest := predict.Digest(fmt.Appendf(nil, "%s %s %+v", recipe.Name, recipe.Every, recipe.Settings))
		r.all = append(r.all, &refitted{
			Refit: recipe, ref: football.ModelRef{ID: recipe.Name, Version: 1, Digest: digest[:16]},
			due: from.Add(-aSeason),
		})
	}
	return r
}

// chainModels returns the models for the chain of the feed.
func (r *refits) chainModels() []predict.Model {
	var models []predict.Model
	for _, m := range r.all {
		models = append(models, m)
	}
	return models
}

// learnResult adds the result of a feature record to the matches, or removes that of a result that was taken back.
func (r *refits) learnResult(f *football.MatchFeatures) {
	if len(r.all) == 0 {
		return
	}
	place, known := r.places[f.Match]
	switch settled := f.Live.Phase == football.Settled; {
	case settled && known:
		r.matches[place] = matchOf(f)
	case settled:
		r.places[f.Match] = len(r.matches)
		r.matches = append(r.matches, matchOf(f))
	case known:
		last := len(r.matches) - 1
		r.matches[place] = r.matches[last]
		r.places[r.matches[place].ID] = place
		delete(r.places, f.Match)
		r.matches = r.matches[:last]
	}
}

// fitDueModels moves the feed's time on and fits the models that are due, to what was settled before.
func (r *refits) fitDueModels(at football.Instant) error {
	r.now = max(r.now, at)
	for _, m := range r.all {
		if r.now < m.due {
			continue
		}
		every := football.Instant(m.Every.Milliseconds())
		m.due = (r.now/every + 1) * every
		if len(r.matches) == 0 {
			continue
		}
		if err := m.fitStrengths(r.matches, r.now); err != nil {
			return fmt.Errorf("fit %s to %d matches on %s: %w", m.Name, len(r.matches), r.now, err)
		}
	}
	return nil
}

// refitted is a model of one feed. It is used by the goroutine that folds the feed.
type refitted struct {
	Refit
	ref     football.ModelRef // of the recipe
	due     football.Instant
	last    *fit.Strengths
	current predict.Model // nil before the first fit
}

// fitStrengths fits the model anew. The search begins at the last fit, which makes it shorter and does not change its
// end.
func (m *refitted) fitStrengths(matches []fit.Match, now football.Instant) error {
	strengths, _, err := fit.DixonColes(matches, now, m.Settings, m.last)
	if err != nil {
		return err
	}
	fact, err := predict.Registration(m.Name, 1, train.ArtefactOf(strengths))
	if err != nil {
		return err
	}
	m.last = strengths
	m.current, err = predict.Build(fact)
	return err
}

// Ref names the model with the digest of its recipe.
func (m *refitted) Ref() football.ModelRef { return m.ref }

// Kind returns "dixon-coles".
func (m *refitted) Kind() string { return predict.KindDixonColes }

// Forecast applies when both teams have played.
func (m *refitted) Forecast(f *football.MatchFeatures) (predict.Forecast, bool) {
	if m.current == nil {
		return predict.Forecast{}, false
	}
	return m.current.Forecast(f)
}

// matchOf returns a settled match of a feature record, with its score after 90 minutes.
func matchOf(f *football.MatchFeatures) fit.Match {
	home, away := f.Live.Regular()
	return train.MatchOf(f, home, away)
}
