package predict

import (
	"slices"

	"github.com/touchline/touchline/processors/market"
	"github.com/touchline/touchline/schemas/football"
)

// Odds is a baseline: one bookmaker's odds of one stage without the margin, before kick-off only.
type Odds struct {
	stage     football.OddsStage
	bookmaker string
	devig     market.Method
	ref       football.ModelRef
}

// newOdds returns the baselines from odds.
func newOdds() []Model {
	type spec struct {
		name      string
		stage     football.OddsStage
		bookmaker string
		devig     market.Method
	}
	var models []Model
	for _, s := range []spec{
		{"odds:closing-avg-power", football.OddsClosing, "average", market.Power},
		{"odds:closing-avg-proportional", football.OddsClosing, "average", market.Proportional},
		{"odds:closing-avg-shin", football.OddsClosing, "average", market.Shin},
		{"odds:closing-pinnacle-power", football.OddsClosing, "pinnacle", market.Power},
		{"odds:early-avg-power", football.OddsEarly, "average", market.Power},
	} {
		models = append(models, &Odds{stage: s.stage, bookmaker: s.bookmaker, devig: s.devig,
			ref: refOfParameters(s.name, 1)})
	}
	return models
}

// Ref names the model.
func (m *Odds) Ref() football.ModelRef { return m.ref }

// Kind returns "odds".
func (m *Odds) Kind() string { return "odds" }

// Forecast applies before kick-off when the bookmaker quoted at that stage.
func (m *Odds) Forecast(f *football.MatchFeatures) (Forecast, bool) {
	if f.Live.Phase != football.PreMatch {
		return Forecast{}, false
	}
	i := slices.IndexFunc(f.Odds, func(o football.OddsQuoted) bool { return o.Stage == m.stage })
	if i < 0 {
		return Forecast{}, false
	}
	for _, q := range f.Odds[i].Quotes {
		if q.Bookmaker == m.bookmaker {
			outcome, ok := m.devig(q.Home, q.Draw, q.Away)
			return Forecast{Outcome: outcome}, ok
		}
	}
	return Forecast{}, false
}

// BaseRate is a baseline: the competition's shares of results so far, before kick-off only. It is what a forecaster
// without any knowledge of the teams would give.
type BaseRate struct {
	ref football.ModelRef
}

// NewBaseRate returns the baseline.
func NewBaseRate() *BaseRate { return &BaseRate{ref: refOfParameters("base-rate", 1)} }

// Ref names the model.
func (m *BaseRate) Ref() football.ModelRef { return m.ref }

// Kind returns "base-rate".
func (m *BaseRate) Kind() string { return "base-rate" }

// Forecast applies before kick-off.
func (m *BaseRate) Forecast(f *football.MatchFeatures) (Forecast, bool) {
	if f.Live.Phase != football.PreMatch {
		return Forecast{}, false
	}
	home, draw := f.League.HomeShare, f.League.DrawShare
	return Forecast{Outcome: football.Outcome{Home: home, Draw: draw, Away: 1 - home - draw}}, true
}
