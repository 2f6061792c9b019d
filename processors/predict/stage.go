package predict

import (
	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/schemas/football"
)

const stageVersion = 1

// Stage asks its models for a forecast of each feature record. It keeps no state.
type Stage struct {
	models []Model
	refs   []football.ModelRef
}

// New returns the stage with these models. Predictions of one record come in their order.
func New(models ...Model) *Stage {
	s := &Stage{models: models}
	for _, m := range models {
		s.refs = append(s.refs, m.Ref())
	}
	return s
}

// Name returns "predict".
func (s *Stage) Name() string { return "predict" }

// Version returns 1: it changes when a replay would give other predictions under the same model digests.
func (s *Stage) Version() int { return stageVersion }

// State returns nothing: the stage has no state.
func (s *Stage) State() []football.StateKind { return nil }

// Step returns a prediction of each model that applies to f.
func (s *Stage) Step(_ football.View, f *football.MatchFeatures) []football.Output {
	out := make([]football.Output, 0, len(s.models))
	for i, m := range s.models {
		if forecast, ok := ask(m, f); ok {
			out = append(out, prediction(f, s.refs[i], forecast))
		}
	}
	return out
}

// ask returns the model's forecast, or what happened when the match is settled and the model could have forecast it.
func ask(m Model, f *football.MatchFeatures) (Forecast, bool) {
	if f.Live.Phase != football.Settled {
		return m.Forecast(f)
	}
	before := *f
	before.Live = football.LiveState{Phase: football.PreMatch}
	if _, ok := m.Forecast(&before); !ok {
		return Forecast{}, false
	}
	g := grid.Settled(f.Live.HomeGoals, f.Live.AwayGoals)
	return fromGrid(&g), true
}

func fromGrid(g *grid.Grid) Forecast {
	return Forecast{Outcome: g.Outcome(), ExpectedGoals: g.ExpectedGoals(), Grid: g.Fact(), Markets: g.Markets()}
}

func prediction(f *football.MatchFeatures, model football.ModelRef, forecast Forecast) *football.Prediction {
	return &football.Prediction{
		Match: f.Match, Pool: f.Pool, Competition: f.Competition, Season: f.Season, Home: f.Home, Away: f.Away,
		Kickoff: f.Kickoff, At: f.At, Trigger: f.Trigger, Live: f.Live,
		Model: model, Feature: football.FeatureRef{Sequence: f.Sequence, Hash: f.Hash}, StageVersion: stageVersion,
		Outcome: forecast.Outcome, ExpectedGoals: forecast.ExpectedGoals, Grid: forecast.Grid,
		Markets: forecast.Markets, Reasons: forecast.Reasons,
	}
}
