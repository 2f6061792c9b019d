package train

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/touchline/touchline/processors/rating"
	"github.com/touchline/touchline/schemas/football"
)

// TestTheModelIsLinearInItsWeights holds what training takes for granted against the model itself.
func TestTheModelIsLinearInItsWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Float64Range(-1.5, 1.5)
		team := func() football.TeamFeatures {
			return football.TeamFeatures{
				Attack: number.Draw(t, "attack"), Defence: number.Draw(t, "defence"),
				AttackForm: number.Draw(t, "form"), DefenceForm: number.Draw(t, "form"),
				PiHome: number.Draw(t, "pi"), PiAway: number.Draw(t, "pi"),
				Decided: rapid.Float64Range(0, 1).Draw(t, "decided"),
			}
		}
		f := &football.MatchFeatures{HomeTeam: team(), AwayTeam: team(), Neutral: rapid.Bool().Draw(t, "neutral"),
			League: football.CompetitionFeatures{GoalRate: number.Draw(t, "level"),
				HomeAdvantage: number.Draw(t, "home")}}
		var w rating.Weights
		for _, field := range w.Named() {
			*field.Value = number.Draw(t, field.Name)
		}
		home, away := covariates(f)
		wantHome, wantAway := w.Intensities(f.HomeTeam, f.AwayTeam, f.League, f.Neutral)
		for k, x := range weightValues(w) {
			home.Offset += x * home.X[k]
			away.Offset += x * away.X[k]
		}
		if math.Abs(home.Offset-math.Log(wantHome)) > 1e-9 || math.Abs(away.Offset-math.Log(wantAway)) > 1e-9 {
			t.Fatalf("got %v and %v, the model says %v and %v", home.Offset, away.Offset, math.Log(wantHome),
				math.Log(wantAway))
		}
	})
}

func TestEveryWeightIsTrained(t *testing.T) {
	var w rating.Weights
	for i, f := range w.Named() {
		*f.Value = float64(i + 1)
	}
	if (w != rating.Weights{StrengthBlend: 1, StrengthGoals: 2, FormBlend: 3, FormGoals: 4, PiBlend: 5, DecidedTilt: 6,
		DecidedGoals: 7}) {
		t.Errorf("got %+v", w)
	}
}
