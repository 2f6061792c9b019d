package rating

import (
	"math"

	"github.com/touchline/touchline/schemas/football"
)

// Intensities returns the goals that each side is expected to score in the whole match, before it began: the goals
// model. Strength, form, pi-ratings and what is left to play for say how goals are shared; all but pi-ratings also say how
// many there are.
func (w Weights) Intensities(home, away football.TeamFeatures, league football.CompetitionFeatures, neutral bool) (float64, float64) {
	level, advantage := ground(league.GoalRate, league.HomeAdvantage, neutral)
	strengthHome, strengthAway := home.Attack-away.Defence, away.Attack-home.Defence
	formHome, formAway := home.AttackForm-away.DefenceForm, away.AttackForm-home.DefenceForm
	pi := (home.PiHome + home.PiAway - away.PiHome - away.PiAway) / 2
	ratio := advantage + w.StrengthBlend*(strengthHome-strengthAway) + w.FormBlend*(formHome-formAway) +
		w.PiBlend*pi + w.DecidedTilt*(away.Decided-home.Decided)
	middle := level + advantage/2 + w.StrengthGoals*(strengthHome+strengthAway)/2 + w.FormGoals*(formHome+formAway)/2 +
		w.DecidedGoals*(home.Decided+away.Decided)
	return math.Exp(middle + ratio/2), math.Exp(middle - ratio/2)
}
