package rating

import (
	"math"

	"github.com/touchline/touchline/schemas/football"
)

// Intensities returns the goals that each side is expected to score in the whole match, before it began: the goals
// model. The log of the product of both (middle, twice) and the log of their ratio are linear in the ratings: strength,
// form, pi-ratings and what is left to play for decide the ratio; all but pi-ratings also the product.
func (w Weights) Intensities(
	home, away football.TeamFeatures, league football.CompetitionFeatures, neutral bool,
) (float64, float64) {
	level, advantage := ratesByGround(league.GoalRate, league.HomeAdvantage, neutral)
	strengthHome, strengthAway := home.Attack-away.Defence, away.Attack-home.Defence
	formHome, formAway := home.AttackForm-away.DefenceForm, away.AttackForm-home.DefenceForm
	pi := (home.PiHome + home.PiAway - away.PiHome - away.PiAway) / 2
	ratio := advantage + w.StrengthBlend*(strengthHome-strengthAway) + w.FormBlend*(formHome-formAway) +
		w.PiBlend*pi + w.DecidedTilt*(away.Decided-home.Decided)
	middle := level + advantage/2 + w.StrengthGoals*(strengthHome+strengthAway)/2 + w.FormGoals*(formHome+formAway)/2 +
		w.DecidedGoals*(home.Decided+away.Decided)
	return math.Exp(middle + ratio/2), math.Exp(middle - ratio/2)
}
