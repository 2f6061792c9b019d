package rating

import (
	"math"

	"github.com/touchline/touchline/schemas/football"
)

// Intensities returns the goals that each side is expected to score in the whole match, before it began: the goals
// model. Strength, form and pi-ratings say how they are shared, and so does a side that has nothing left to play for.
func (p Params) Intensities(home, away football.TeamFeatures, league football.CompetitionFeatures, neutral bool) (float64, float64) {
	level, advantage := ground(league.GoalRate, league.HomeAdvantage, neutral)
	pi := p.PiBlend * (home.PiHome + home.PiAway - away.PiHome - away.PiAway) / 2
	tilt := (pi + p.DecidedTilt*(away.Decided-home.Decided)) / 2
	level += p.DecidedGoals * (home.Decided + away.Decided)
	return math.Exp(level + advantage + p.scoring(home, away) + tilt), math.Exp(level + p.scoring(away, home) - tilt)
}

// scoring is the log of the factor on a side's goals by its attack and the other's defence.
func (p Params) scoring(side, other football.TeamFeatures) float64 {
	return p.StrengthBlend*(side.Attack-other.Defence) + p.FormBlend*(side.AttackForm-other.DefenceForm)
}
