package predict_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
)

// extremePlay draws constants at the ends of their ranges or anywhere between.
func extremePlay(t *rapid.T) predict.Play {
	from := func(name string, low, high float64) float64 {
		return rapid.OneOf(rapid.SampledFrom([]float64{low, high}), rapid.Float64Range(low, high)).Draw(t, name)
	}
	return predict.Play{
		FirstHalf: from("first_half", 45*60, 60*60), SecondHalf: from("second_half", 45*60, 60*60),
		Least: from("least", 1, 600), Rise: from("rise", -0.9, 10),
		RedOwn: from("red_own", 0.05, 20), RedOther: from("red_other", 0.05, 20), Chase: from("chase", -2, 2),
		Hold: from("hold", -2, 2), Open: from("open", -2, 2),
	}
}

// extremeLive draws a state of a match that goes on.
func extremeLive(t *rapid.T) football.LiveState {
	few := rapid.Int32Range(0, 11)
	return football.LiveState{
		Phase: rapid.SampledFrom([]football.Phase{football.PreMatch, football.InPlay, football.HalfTime,
			football.Postponed}).Draw(t, "phase"),
		Clock: football.Clock{Period: rapid.Int32Range(0, 5).Draw(t, "period"),
			Elapsed: rapid.Int32Range(0, 10_000).Draw(t, "elapsed")},

		HomeGoals: few.Draw(t, "home goals"), AwayGoals: few.Draw(t, "away goals"), HomeReds: few.Draw(t, "home reds"),
		AwayReds: few.Draw(t, "away reds"),
	}
}

// TestEveryArtefactThatIsAcceptedForecasts: whatever parameters lie in their ranges, a forecast comes, and is one.
func TestEveryArtefactThatIsAcceptedForecasts(t *testing.T) {
	shootOut := football.LiveState{Phase: football.InPlay, Clock: football.Clock{Period: 5}, HomeGoals: 1, HomeReds: 2}
	open := predict.DefaultPlay()
	open.Open = -2
	forecasts(t, open, 5, shootOut, football.TieFeatures{}) // what is expected of 0 goals to come, times what overflows
	rapid.Check(t, func(t *rapid.T) {
		forecasts(t, extremePlay(t), rapid.Float64Range(-5, 5).Draw(t, "strength"), extremeLive(t),
			football.TieFeatures{
				Kind: rapid.SampledFrom([]football.TieKind{football.TieNone, football.TieSingle, football.TieFirstLeg,
					football.TieSecondLeg, football.TieReplay}).Draw(t, "tie"),
				AwayGoals: rapid.Bool().Draw(t, "away goals count"), ExtraTime: rapid.Bool().Draw(t, "extra time"),
				FirstHome: rapid.Int32Range(0, 9).Draw(t, "first home"),
				FirstAway: rapid.Int32Range(0, 9).Draw(t, "first away"),
			})
	})
}

func forecasts(t rapid.TB, play predict.Play, strength float64, live football.LiveState, tie football.TieFeatures) {
	t.Helper()
	goals := predict.DefaultGoals()
	goals.Play, goals.Weights.StrengthBlend, goals.Weights.StrengthGoals = play, 10, 10
	f := record(live)
	f.Competition, f.Home, f.Away = "E0", "arsenal", "chelsea"
	f.HomeTeam.Attack, f.AwayTeam.Attack, f.Tie = strength, strength, tie
	for _, a := range []predict.Artefact{goals, &predict.MarketArtefact{Play: play}, &predict.DixonColesArtefact{
		Competitions: map[football.CompetitionID]predict.DixonColesLevel{"E0": {Goals: 3, Home: 3, Rho: -0.3}},
		Teams: map[football.TeamID]predict.DixonColesTeam{"arsenal": {Attack: strength, Defence: -5},
			"chelsea": {Attack: strength, Defence: -5}},
		Play: play,
	}} {
		fact, err := predict.Registration("extreme", 1, a)
		if err != nil {
			t.Fatal(err)
		}
		m, err := predict.Build(fact)
		if err != nil {
			t.Fatal(err)
		}
		forecast, ok := m.Forecast(f)
		o := forecast.Outcome
		if !ok || !(math.Abs(o.Home+o.Draw+o.Away-1) < 1e-6) || min(o.Home, o.Draw, o.Away) < 0 {
			t.Fatalf("%s: got %+v, %v", a.Kind(), o, ok)
		}
		if a := forecast.Advance; a.Kind != football.TieNone &&
			!(math.Abs(a.Home+a.Away-1) < 1e-6 && math.Abs(a.Regular+a.Extra+a.Penalties-1) < 1e-6) {
			t.Fatalf("who goes on: got %+v", a)
		}
		for _, r := range forecast.Reasons {
			if math.IsNaN(r.Value) || math.IsInf(r.Value, 0) {
				t.Fatalf("%s: %s is %v", a.Kind(), r.Name, r.Value)
			}
		}
	}
}
