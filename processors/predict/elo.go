package predict

import (
	"math"

	"github.com/touchline/touchline/processors/rating"
	"github.com/touchline/touchline/schemas/football"
)

// Elo is a baseline: the competition's mean goals, shared out by the difference of Elo ratings and home advantage.
type Elo struct {
	slope float64
	play  Play
	ref   football.ModelRef
}

// NewElo returns the baseline.
func NewElo() *Elo {
	slope, play := rating.Defaults().EloSlope, DefaultPlay()
	return &Elo{slope: slope, play: play, ref: refOfParameters("elo", 2, slope, play)}
}

// Ref names the model.
func (m *Elo) Ref() football.ModelRef { return m.ref }

// Kind returns "elo".
func (m *Elo) Kind() string { return "elo" }

// Forecast always applies.
func (m *Elo) Forecast(f *football.MatchFeatures) (Forecast, bool) {
	ratio := advantage(f) + m.slope*(f.HomeTeam.Elo-f.AwayTeam.Elo)
	middle := f.League.GoalRate + f.League.HomeAdvantage/2
	forecast := m.play.forecastScore(math.Exp(middle+ratio/2), math.Exp(middle-ratio/2), f.League.Rho, f)
	forecast.Reasons = append(forecast.Reasons,
		football.Reason{Name: "elo_home", Value: f.HomeTeam.Elo},
		football.Reason{Name: "elo_away", Value: f.AwayTeam.Elo},
		football.Reason{Name: "home_advantage", Value: advantage(f)},
	)
	return forecast, true
}
