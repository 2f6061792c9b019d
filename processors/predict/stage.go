package predict

import (
	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/schemas/football"
)

const stageVersion = 1

// Stage makes a forecast of each feature record with each model of a lineup. It keeps no state: besides the record it
// reads the facts of football.models up to the position that the record names.
type Stage struct {
	models *Registry
}

// New returns the stage. Predictions of one record come in the order of the lineup.
func New(models *Registry) *Stage { return &Stage{models: models} }

// Name returns "predict".
func (s *Stage) Name() string { return "predict" }

// Version returns 1: it changes when a replay would give other predictions under the same model digests.
func (s *Stage) Version() int { return stageVersion }

// State returns nothing: the stage has no state.
func (s *Stage) State() []football.StateKind { return nil }

// Needs returns the position of football.models up to which the registry must be folded before the step of a record.
func (s *Stage) Needs(f *football.MatchFeatures) int64 { return f.ModelsPosition }

// Step returns a prediction of each model that forecasts the match and applies to f.
func (s *Stage) Step(_ football.View, f *football.MatchFeatures) []football.Output {
	models := s.models.At(f.ModelsPosition).forecasters(f.Match, make([]namedModel, 0, 16))
	out := make([]football.Output, 0, len(models))
	for _, m := range models {
		if forecast, ok := forecastOrResult(m.model, f); ok {
			out = append(out, newPrediction(f, m.ref, forecast))
		}
	}
	return out
}

// forecastOrResult returns the model's forecast, or, when the match is settled, probability 1 for its result, if the
// model could have forecast the match at kick-off.
func forecastOrResult(m Model, f *football.MatchFeatures) (Forecast, bool) {
	if f.Live.Phase != football.Settled {
		return m.Forecast(f)
	}
	before := *f
	before.Live = football.LiveState{Phase: football.PreMatch}
	if _, ok := m.Forecast(&before); !ok {
		return Forecast{}, false
	}
	g := grid.Settled(f.Live.Regular())
	forecast := forecastOfGrid(&g)
	forecast.Advance = settledAdvance(f)
	return forecast, true
}

// forecastOfGrid returns all that follows from the score grid alone.
func forecastOfGrid(g *grid.Grid) Forecast {
	return Forecast{Outcome: g.Outcome(), ExpectedGoals: g.ExpectedGoals(), Grid: g.Fact(), Markets: g.Markets()}
}

// newPrediction returns the published form of a forecast, with the feature record and the model that it came from.
func newPrediction(f *football.MatchFeatures, model football.ModelRef, forecast Forecast) *football.Prediction {
	return &football.Prediction{
		Match: f.Match, Pool: f.Pool, Competition: f.Competition, Season: f.Season, Home: f.Home, Away: f.Away,
		Kickoff: f.Kickoff, At: f.At, Trigger: f.Trigger, Live: f.Live,
		Model: model, Feature: football.FeatureRef{Sequence: f.Sequence, Hash: f.Hash}, StageVersion: stageVersion,
		Outcome: forecast.Outcome, ExpectedGoals: forecast.ExpectedGoals, Grid: forecast.Grid,
		Markets: forecast.Markets, Reasons: forecast.Reasons, Advance: forecast.Advance,
	}
}
