package rating

import (
	"math"

	"github.com/touchline/touchline/schemas/football"
)

// Intensities returns the goals that each side is expected to score in the whole match, before it began: the goals
// model. Attack and defence give both sides' goals; Elo and pi-ratings then have a say in how they are shared.
func (p Params) Intensities(home, away football.TeamFeatures, league football.CompetitionFeatures, neutral bool) (float64, float64) {
	logHome, logAway := p.goalsOnly(home, away, league, neutral)
	advantage := league.HomeAdvantage
	if neutral {
		advantage = 0
	}
	goals := logHome - logAway - advantage
	elo := p.EloSlope * (home.Elo - away.Elo)
	pi := p.PiSlope * (home.PiHome + home.PiAway - away.PiHome - away.PiAway) / 2
	ratio := advantage + p.GoalsBlend*goals + p.EloBlend*elo + p.PiBlend*pi
	middle := (logHome + logAway) / 2
	return math.Exp(middle + ratio/2), math.Exp(middle - ratio/2)
}

// goalsOnly returns the logarithms of both sides' expected goals by attack and defence alone.
func (p Params) goalsOnly(home, away football.TeamFeatures, league football.CompetitionFeatures, neutral bool) (float64, float64) {
	level, advantage := league.GoalRate, league.HomeAdvantage
	if neutral {
		level, advantage = level+advantage/2, 0
	}
	return level + advantage + home.Attack - away.Defence, level + away.Attack - home.Defence
}
