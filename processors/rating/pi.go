package rating

import "math"

// Constants of Constantinou & Fenton (2013): the base of the logarithm and the scale of diminishing goals.
const (
	piBase  = 10.0
	piScale = 3.0
)

// settlePi moves pi-ratings by the error of the goal difference that they expected.
func (p Params) settlePi(home, away Team, r Result) (Team, Team) {
	expected := piExpected(home.PiHome) - piExpected(away.PiAway)
	err := float64(r.HomeGoals-r.AwayGoals) - expected
	weighted := piScale * math.Log10(1+math.Abs(err))
	if err < 0 {
		weighted = -weighted
	}
	homeChange, awayChange := p.PiLambda*weighted, -p.PiLambda*weighted
	home.PiHome += homeChange
	home.PiAway += p.PiGamma * homeChange
	away.PiAway += awayChange
	away.PiHome += p.PiGamma * awayChange
	return home, away
}

// piExpected returns the goal difference against an average team that corresponds to a pi-rating: 10^(|rating|/3) - 1,
// with the rating's sign.
func piExpected(rating float64) float64 {
	goals := math.Pow(piBase, math.Abs(rating)/piScale) - 1
	if rating < 0 {
		return -goals
	}
	return goals
}
