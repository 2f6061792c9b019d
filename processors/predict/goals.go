package predict

import (
	"github.com/touchline/touchline/processors/rating"
	"github.com/touchline/touchline/schemas/football"
)

// Goals forecasts from ratings alone: attack, defence, form and pi-ratings give each side's expected goals, and these a
// score grid. In play it counts what is left of them.
type Goals struct {
	weights rating.Weights
	play    Play
	ref     football.ModelRef
}

// NewGoals returns the model with the built-in parameters.
func NewGoals() *Goals { return builtIn("goals", 2, DefaultGoals()).(*Goals) }

// DefaultGoals returns the built-in parameters.
func DefaultGoals() *GoalsArtefact {
	return &GoalsArtefact{Weights: rating.Defaults().Weights, Play: DefaultPlay()}
}

// Ref names the model.
func (m *Goals) Ref() football.ModelRef { return m.ref }

// Kind returns "goals".
func (m *Goals) Kind() string { return KindGoals }

// Forecast always applies: a team that never played has the ratings of a newcomer.
func (m *Goals) Forecast(f *football.MatchFeatures) (Forecast, bool) {
	home, away := m.weights.Intensities(f.HomeTeam, f.AwayTeam, f.League, f.Neutral)
	forecast := m.play.forecastScore(home, away, f.League.Rho, f)
	forecast.Reasons = append(forecast.Reasons,
		football.Reason{Name: "home_advantage", Value: advantage(f)},
		football.Reason{Name: "attack_home", Value: f.HomeTeam.Attack},
		football.Reason{Name: "defence_home", Value: f.HomeTeam.Defence},
		football.Reason{Name: "attack_away", Value: f.AwayTeam.Attack},
		football.Reason{Name: "defence_away", Value: f.AwayTeam.Defence},
		football.Reason{Name: "form_home", Value: f.HomeTeam.AttackForm + f.HomeTeam.DefenceForm},
		football.Reason{Name: "form_away", Value: f.AwayTeam.AttackForm + f.AwayTeam.DefenceForm},
		football.Reason{Name: "decided_home", Value: f.HomeTeam.Decided},
		football.Reason{Name: "decided_away", Value: f.AwayTeam.Decided},
	)
	return forecast, true
}

// advantage returns the log of the ratio of home to away goals that playing at home gives; 0 on neutral ground.
func advantage(f *football.MatchFeatures) float64 {
	if f.Neutral {
		return 0
	}
	return f.League.HomeAdvantage
}
