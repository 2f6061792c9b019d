package predict_test

import (
	"math"
	"testing"

	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
)

// plainPlay are constants by which a match can be followed with pencil and paper: two halves of 45 minutes, a rate that
// does not change, no chase.
func plainPlay() predict.Play {
	return predict.Play{FirstHalf: 45 * 60, SecondHalf: 45 * 60, Least: 60, RedOwn: 0.5, RedOther: 2}
}

// forecastWith returns the forecast of a model of no ratings, in which the sides expect two goals and one, as strengths
// of a league give them.
func forecastWith(t *testing.T, play predict.Play, f football.MatchFeatures) predict.Forecast {
	t.Helper()
	f.Competition, f.Home, f.Away = "E0", "a", "b"
	fact, err := predict.Registration("plain", 1, &predict.DixonColesArtefact{
		Competitions: map[football.CompetitionID]predict.DixonColesLevel{"E0": {Home: math.Ln2}},
		Teams:        map[football.TeamID]predict.DixonColesTeam{"a": {}, "b": {}}, Play: play,
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := predict.Build(fact)
	if err != nil {
		t.Fatal(err)
	}
	forecast, ok := m.Forecast(&f)
	if !ok {
		t.Fatal("the model does not apply")
	}
	return forecast
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9 {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func reason(f predict.Forecast, name string) float64 {
	for _, r := range f.Reasons {
		if r.Name == name {
			return r.Value
		}
	}
	return math.NaN()
}

// TestTheRemainingShare of the scoring, with a rate that does not change and with one that doubles.
func TestTheRemainingShare(t *testing.T) {
	tests := []struct {
		name           string
		live           football.LiveState
		plain, rising  float64
		beforeHalfTime float64 // with the plain play
	}{
		{"before the match", football.LiveState{Phase: football.PreMatch}, 1, 1, 0.5},
		{"postponed", football.LiveState{Phase: football.Postponed}, 1, 1, 0.5},
		{"at kick-off", inPlay(1, 0), 1, 1, 0.5},
		{"after 15 minutes", inPlay(1, 900), 5. / 6, 1 - (1./6+1./72)/1.5, 1 - 0.5/(5./6)},
		{"in stoppage time a minute is left", inPlay(1, 4000), 1 - 2640./5400,
			1 - (2640./5400+2640./5400*2640./5400/2)/1.5,
			1 - 0.5/(1-2640./5400)},
		{"at half-time", football.LiveState{Phase: football.HalfTime, Clock: football.Clock{Period: 1, Elapsed: 2820}},
			0.5,
			1 - (0.5+0.125)/1.5, 0},
		{"after an hour", inPlay(2, 900), 1. / 3, 1 - (2./3+2./9)/1.5, 0},
		{"at the end a minute is left", inPlay(2, 4000), 60. / 5400, 1 - (5340./5400+5340./5400*5340./5400/2)/1.5, 0},
		{"in extra time", inPlay(3, 60), 0, 0, 0},
	}
	for _, tt := range tests {
		f := forecastWith(t, plainPlay(), football.MatchFeatures{Live: tt.live})
		near(t, tt.name, reason(f, "remaining_share"), tt.plain)
		near(t, tt.name+", before half-time", f.Markets.FirstHalf, tt.beforeHalfTime)
		near(t, tt.name+", expected of the home side", reason(f, "remaining_home"), 2*tt.plain)
		near(t, tt.name+", expected of the away side", reason(f, "remaining_away"), tt.plain)
		rising := plainPlay()
		rising.Rise = 1
		f = forecastWith(t, rising, football.MatchFeatures{Live: tt.live})
		near(t, tt.name+", rising", reason(f, "remaining_share"), tt.rising)
	}
}

func inPlay(period, elapsed int32) football.LiveState {
	return football.LiveState{Phase: football.InPlay, Clock: football.Clock{Period: period, Elapsed: elapsed}}
}

// TestRedCards: a side with a player fewer scores at half of its rate here, the other at twice, for each card.
func TestRedCards(t *testing.T) {
	live := inPlay(2, 0)
	live.HomeReds, live.AwayReds = 2, 1
	f := forecastWith(t, plainPlay(), football.MatchFeatures{Live: live})
	near(t, "home", reason(f, "remaining_home"), 2*0.5*0.5*0.5*2)
	near(t, "away", reason(f, "remaining_away"), 1*0.5*0.5*2*2)
}

// TestAnOpenMatch: goals beyond the 1.5 that three of a match are at half-time raise both rates, goals short of it
// lower them.
func TestAnOpenMatch(t *testing.T) {
	play := plainPlay()
	play.Open = 0.1
	for goals, want := range map[int32]float64{0: -0.15, 2: 0.05, 4: 0.25} {
		live := inPlay(2, 0)
		live.HomeGoals = goals
		f := forecastWith(t, play, football.MatchFeatures{Live: live})
		near(t, "log of the factor", math.Log(reason(f, "remaining_home")), want)
		near(t, "of the away side", math.Log(reason(f, "remaining_away")*2), want)
	}
	play.Open = 2
	live := inPlay(2, 0)
	live.HomeGoals = 60
	f := forecastWith(t, play, football.MatchFeatures{Live: live})
	near(t, "goals to come of a match gone mad", reason(f, "remaining_home"), grid.MaxIntensity)
}

// TestTheChaseGrowsUntilHalfTime, or the first goal: what makes up for it, Hold, acts on both rates at once.
func TestTheChaseGrowsUntilHalfTime(t *testing.T) {
	play := plainPlay()
	play.Hold = 0.1
	scored := inPlay(1, 0)
	scored.AwayGoals = 1
	tests := []struct {
		name string
		live football.LiveState
		want float64
	}{
		{"at kick-off", inPlay(1, 0), 0},
		{"a third into the first half", inPlay(1, 900), 0.1 / 3},
		{"at half-time", inPlay(2, 0), 0.1},
		{"after it", inPlay(2, 900), 0.1},
		{"after a goal", scored, 0.1},
	}
	for _, tt := range tests {
		f := forecastWith(t, play, football.MatchFeatures{Live: tt.live})
		near(t, tt.name, math.Log(reason(f, "remaining_home")/2/reason(f, "remaining_share")), tt.want)
	}
	play = plainPlay()
	play.Chase = 0.3
	behind := inPlay(2, 0)
	behind.AwayGoals = 1
	f := forecastWith(t, play, football.MatchFeatures{Live: behind})
	want := grid.NewChase(1, 0.5, 0, math.Exp(0.3), 0, 1)
	near(t, "a home win from behind", f.Outcome.Home, want.Outcome().Home)
}

// TestRhoFadesAsTheChaseGrows from all of it before the match to none at half-time.
func TestRhoFadesAsTheChaseGrows(t *testing.T) {
	model := func(live football.LiveState) predict.Forecast {
		fact, err := predict.Registration("plain", 1, &predict.DixonColesArtefact{
			Competitions: map[football.CompetitionID]predict.DixonColesLevel{"E0": {Home: math.Ln2, Rho: -0.1}},
			Teams:        map[football.TeamID]predict.DixonColesTeam{"a": {}, "b": {}}, Play: plainPlay(),
		})
		if err != nil {
			t.Fatal(err)
		}
		m, err := predict.Build(fact)
		if err != nil {
			t.Fatal(err)
		}
		f, _ := m.Forecast(&football.MatchFeatures{Competition: "E0", Home: "a", Away: "b", Live: live})
		return f
	}
	before, third, later := grid.New(2, 1, -0.1, 0, 0), grid.NewChase(2*5./6, 5./6, -0.1*5/6*(1-1./3), 1, 0, 0),
		grid.New(1, 0.5, 0, 0, 0)
	near(t, "draw before the match", model(football.LiveState{Phase: football.PreMatch}).Outcome.Draw,
		before.Outcome().Draw)
	near(t, "draw after 15 minutes", model(inPlay(1, 900)).Outcome.Draw, third.Outcome().Draw)
	near(t, "draw at half-time", model(inPlay(2, 0)).Outcome.Draw, later.Outcome().Draw)
}

// TestParametersEndAtTheirRanges: both ends are accepted, what lies beyond them or is no number is not.
func TestParametersEndAtTheirRanges(t *testing.T) {
	play := func(set func(p *predict.Play, x float64)) func(x float64) predict.Artefact {
		return func(x float64) predict.Artefact {
			p := predict.DefaultPlay()
			set(&p, x)
			return &predict.MarketArtefact{Play: p}
		}
	}
	weight := func(i int) func(x float64) predict.Artefact {
		return func(x float64) predict.Artefact {
			a := predict.DefaultGoals()
			w := &a.Weights
			*[]*float64{&w.StrengthBlend, &w.StrengthGoals, &w.FormBlend, &w.FormGoals, &w.PiBlend, &w.DecidedTilt,
				&w.DecidedGoals}[i] = x
			return a
		}
	}
	strengths := func(set func(l *predict.DixonColesLevel, team *predict.DixonColesTeam,
		x float64)) func(x float64) predict.Artefact {
		return func(x float64) predict.Artefact {
			var l predict.DixonColesLevel
			var team predict.DixonColesTeam
			set(&l, &team, x)
			return &predict.DixonColesArtefact{
				Competitions: map[football.CompetitionID]predict.DixonColesLevel{"E0": l},
				Teams:        map[football.TeamID]predict.DixonColesTeam{"a": team}, Play: predict.DefaultPlay(),
			}
		}
	}
	tests := []struct {
		name      string
		low, high float64
		with      func(x float64) predict.Artefact
	}{
		{"first_half", 2700, 3600, play(func(p *predict.Play, x float64) { p.FirstHalf = x })},
		{"second_half", 2700, 3600, play(func(p *predict.Play, x float64) { p.SecondHalf = x })},
		{"least", 1, 600, play(func(p *predict.Play, x float64) { p.Least = x })},
		{"rise", -0.9, 10, play(func(p *predict.Play, x float64) { p.Rise = x })},
		{"red_own", 0.05, 20, play(func(p *predict.Play, x float64) { p.RedOwn = x })},
		{"red_other", 0.05, 20, play(func(p *predict.Play, x float64) { p.RedOther = x })},
		{"chase", -2, 2, play(func(p *predict.Play, x float64) { p.Chase = x })},
		{"hold", -2, 2, play(func(p *predict.Play, x float64) { p.Hold = x })},
		{"open", -2, 2, play(func(p *predict.Play, x float64) { p.Open = x })},
		{"strength_blend", -10, 10, weight(0)}, {"strength_goals", -10, 10, weight(1)},
		{"form_blend", -10, 10, weight(2)},
		{"form_goals", -10, 10, weight(3)}, {"pi_blend", -10, 10, weight(4)}, {"decided_tilt", -10, 10, weight(5)},
		{"decided_goals", -10, 10, weight(6)},
		{"goals", -3, 3, strengths(func(l *predict.DixonColesLevel, _ *predict.DixonColesTeam,
			x float64) {
			l.Goals = x
		})},
		{"home", -3, 3, strengths(func(l *predict.DixonColesLevel, _ *predict.DixonColesTeam,
			x float64) {
			l.Home = x
		})},
		{"rho", -0.3, 0.3, strengths(func(l *predict.DixonColesLevel, _ *predict.DixonColesTeam,
			x float64) {
			l.Rho = x
		})},
		{"attack", -5, 5, strengths(func(_ *predict.DixonColesLevel, team *predict.DixonColesTeam,
			x float64) {
			team.Attack = x
		})},
		{"defence", -5, 5, strengths(func(_ *predict.DixonColesLevel, team *predict.DixonColesTeam,
			x float64) {
			team.Defence = x
		})},
	}
	for _, tt := range tests {
		for _, x := range []float64{tt.low, tt.high} {
			if _, err := predict.Encode(tt.with(x)); err != nil {
				t.Errorf("%s %v: %v", tt.name, x, err)
			}
		}
		for _, x := range []float64{math.Nextafter(tt.low, math.Inf(-1)), math.Nextafter(tt.high, math.Inf(1)),
			math.NaN()} {
			if _, err := predict.Encode(tt.with(x)); err == nil {
				t.Errorf("%s %v: got no error", tt.name, x)
			}
		}
	}
}

// TestAnArtefactWithoutTeamsOrCompetitionsIsNone.
func TestAnArtefactWithoutTeamsOrCompetitionsIsNone(t *testing.T) {
	levels := map[football.CompetitionID]predict.DixonColesLevel{"E0": {}}
	teams := map[football.TeamID]predict.DixonColesTeam{"a": {}}
	for _, a := range []*predict.DixonColesArtefact{{Competitions: levels, Play: predict.DefaultPlay()},
		{Teams: teams, Play: predict.DefaultPlay()}} {
		if _, err := predict.Encode(a); err == nil {
			t.Errorf("%+v: got no error", a)
		}
	}
}

// TestStrengthsByHand: attack and defence on the right sides, and half of the home advantage for both on neutral
// ground.
func TestStrengthsByHand(t *testing.T) {
	fact, err := predict.Registration("plain", 1, &predict.DixonColesArtefact{
		Competitions: map[football.CompetitionID]predict.DixonColesLevel{"E0": {Goals: 0.1, Home: 0.3}},
		Teams: map[football.TeamID]predict.DixonColesTeam{"a": {Attack: 0.2, Defence: 0.05},
			"b": {Attack: -0.1, Defence: 0.15}},
		Play: plainPlay(),
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := predict.Build(fact)
	if err != nil {
		t.Fatal(err)
	}
	for neutral, want := range map[bool][2]float64{false: {0.45, -0.05},
		true: {0.3, 0.1}} {
		f, _ := m.Forecast(&football.MatchFeatures{Competition: "E0", Home: "a", Away: "b", Neutral: neutral,
			Live: football.LiveState{Phase: football.PreMatch}})
		near(t, "log of the home side's goals", math.Log(reason(f, "lambda_home")), want[0])
		near(t, "log of the away side's goals", math.Log(reason(f, "lambda_away")), want[1])
	}
}

// TestGoalsThatRemain are those expected less those scored, a side each.
func TestGoalsThatRemain(t *testing.T) {
	live := football.LiveState{Phase: football.InPlay, Clock: football.Clock{Period: 2}, HomeGoals: 2, AwayGoals: 1}
	forecast := forecastWith(t, plainPlay(), football.MatchFeatures{Live: live})
	near(t, "home", reason(forecast, "remaining_home"), forecast.ExpectedGoals.Home-2)
	near(t, "away", reason(forecast, "remaining_away"), forecast.ExpectedGoals.Away-1)
}
