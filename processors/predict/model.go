package predict

import "github.com/touchline/touchline/schemas/football"

// Model forecasts matches. It is a pure function of the feature record; implementations are safe for concurrent use.
type Model interface {
	// Ref names the model with the digest of its parameters.
	Ref() football.ModelRef
	// Kind is the family of the model, such as "goals" or "market".
	Kind() string
	// Forecast returns the model's forecast of a match that is not settled, or false when it does not apply.
	Forecast(f *football.MatchFeatures) (Forecast, bool)
}

// Forecast is a model's forecast of a match. Grid and Markets are empty where a model gives only the outcome.
type Forecast struct {
	Outcome       football.Outcome
	ExpectedGoals football.ExpectedGoals
	Grid          football.ScoreGrid
	Markets       football.Markets
	Reasons       []football.Reason
	Advance       football.Advance // of a knock-out
}

// BuiltInModels returns the models whose parameters are built in, the default one first.
func BuiltInModels() []Model { return []Model{NewGoals(), NewMarketBlend()} }

// BuiltInRegistrations returns the registrations of the built-in models, without a time.
func BuiltInRegistrations() []*football.ModelFact {
	goals, err := Registration("goals", NewGoals().ref.Version, DefaultGoals())
	if err != nil {
		panic(err)
	}
	market, err := Registration("market-blend", NewMarketBlend().ref.Version, DefaultMarket())
	if err != nil {
		panic(err)
	}
	return []*football.ModelFact{goals, market}
}

// Baselines returns what the models of the line are measured against, for backtests.
func Baselines() []Model {
	models := []Model{NewElo()}
	models = append(models, newOdds()...)
	return append(models, NewBaseRate())
}
