package predict

import "github.com/touchline/touchline/schemas/football"

// ScoreOnly is the goals model without its teams: an average match of the competition, and then the clock, the score
// and the players sent off. The difference between both scores is what knowledge of the teams is worth.
type ScoreOnly struct {
	goals *Goals
	ref   football.ModelRef
}

// NewScoreOnly returns the baseline.
func NewScoreOnly() *ScoreOnly {
	goals := NewGoals()
	return &ScoreOnly{goals: goals, ref: refOfParameters("score-only", 1, goals.weights, goals.play)}
}

// Ref names the model.
func (m *ScoreOnly) Ref() football.ModelRef { return m.ref }

// Kind returns "score-only".
func (m *ScoreOnly) Kind() string { return "score-only" }

// Forecast always applies.
func (m *ScoreOnly) Forecast(f *football.MatchFeatures) (Forecast, bool) {
	average := *f
	average.HomeTeam, average.AwayTeam = football.TeamFeatures{Elo: 1500}, football.TeamFeatures{Elo: 1500}
	return m.goals.Forecast(&average)
}
