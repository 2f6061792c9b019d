package rating_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/touchline/touchline/processors/rating"
	"github.com/touchline/touchline/schemas/football"
)

// The tests of this file work with parameters of which all but a few are 0, so that what a formula gives can be checked
// with pencil and paper.

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9 {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// settle settles one result in a competition in which the home side is expected to score two goals and the away side
// one.
func settle(p rating.Params, home, away rating.Team, r rating.Result) (rating.Team, rating.Team, rating.Competition) {
	return p.Settle(home, away, rating.Competition{Played: 1, HomeAdvantage: math.Ln2}, r)
}

func TestEloExchangesWhatWasNotExpected(t *testing.T) {
	tests := []struct {
		name                  string
		home, away, advantage float64
		homeGoals, awayGoals  int32
		neutral               bool
		want                  float64
	}{
		{"equal teams, a win by two", 1500, 1500, 0, 2, 0, false, 10 * 3 * 0.5},
		{"equal teams, a win by one", 1500, 1500, 0, 1, 0, false, 10 * 2 * 0.5},
		{"equal teams, a draw", 1500, 1500, 0, 1, 1, false, 0},
		{"equal teams, a defeat", 1500, 1500, 0, 0, 1, false, -10 * 2 * 0.5},
		{"a scale's difference is ten to one", 1900, 1500, 0, 1, 1, false, 10 * (0.5 - 10./11)},
		{"so is as much advantage at home", 1500, 1500, 400, 1, 1, false, 10 * (0.5 - 10./11)},
		{"which a neutral ground does not give", 1500, 1500, 400, 1, 1, true, 0},
	}
	for _, tt := range tests {
		p := rating.Params{EloRate: 10, EloMargin: 1, EloHome: tt.advantage}
		r := result(tt.homeGoals, tt.awayGoals)
		r.Neutral = tt.neutral
		home, away, _ := settle(p, rating.Team{Elo: tt.home}, rating.Team{Elo: tt.away}, r)
		near(t, tt.name, home.Elo-tt.home, tt.want)
		near(t, tt.name+", of the other side", away.Elo-tt.away, -tt.want)
	}
}

// TestPiRatings: a pi-rating of 3 log10(2) stands for one goal, and an error of nine goals counts as three.
func TestPiRatings(t *testing.T) {
	p := rating.Params{PiLambda: 0.1, PiGamma: 0.5}
	goal := 3 * math.Log10(2)
	tests := []struct {
		name                 string
		home, away           float64
		homeGoals, awayGoals int32
		want                 float64
	}{
		{"nine goals better than expected", 0, 0, 9, 0, 0.3},
		{"nine goals worse", 0, 0, 0, 9, -0.3},
		{"two goals better at home and away, as expected", goal, -goal, 2, 0, 0},
		{"one goal each, as expected", goal, goal, 1, 1, 0},
		{"nine goals better than two", goal, -goal, 11, 0, 0.3},
	}
	for _, tt := range tests {
		home, away, _ := settle(p, rating.Team{PiHome: tt.home}, rating.Team{PiAway: tt.away},
			result(tt.homeGoals, tt.awayGoals))
		near(t, tt.name, home.PiHome-tt.home, tt.want)
		near(t, tt.name+", carried to away", home.PiAway, tt.want/2)
		near(t, tt.name+", of the visitors", away.PiAway-tt.away, -tt.want)
		near(t, tt.name+", of the visitors, carried to home", away.PiHome, -tt.want/2)
	}
}

// TestStrengthMovesByItsShareOfTheUncertainty is the Kalman filter by hand. The home side is expected to score 2 (twice
// an advantage of 2, half a goal rate of 0.5 by defence, four times by attack), and scores 3; the away side 1, and
// scores 0.
func TestStrengthMovesByItsShareOfTheUncertainty(t *testing.T) {
	p := rating.Params{Noise: 1, Drift: 0.01}
	c := rating.Competition{Played: 1, GoalRate: -math.Ln2, HomeAdvantage: math.Ln2}
	home := rating.Team{Attack: math.Log(4), AttackVariance: 0.5, Defence: math.Ln2, DefenceVariance: 1}
	away := rating.Team{Attack: math.Log(4), AttackVariance: 1, Defence: math.Ln2, DefenceVariance: 0.25}
	home, away, _ = p.Settle(home, away, c, result(3, 0))
	// Spread 0.5 + 0.25 + 1/2; surprise (3-2)/2 / 1.25.
	near(t, "attack of the home side", home.Attack, math.Log(4)+0.5*0.4)
	near(t, "defence of the away side", away.Defence, math.Ln2-0.25*0.4)
	near(t, "its variance", home.AttackVariance, 0.5*(1-0.5/1.25)+0.01)
	near(t, "that of the defence", away.DefenceVariance, 0.25*(1-0.25/1.25)+0.01)
	// Spread 1 + 1 + 1/1; surprise (0-1)/1 / 3.
	near(t, "attack of the away side", away.Attack, math.Log(4)-1./3)
	near(t, "defence of the home side", home.Defence, math.Ln2+1./3)
	near(t, "variance of the away side's attack", away.AttackVariance, 1-1./3+0.01)
	near(t, "variance of the home side's defence", home.DefenceVariance, 1-1./3+0.01)
}

func TestStrengthIsBounded(t *testing.T) {
	p := rating.Params{Noise: 0.001}
	home, away, _ := settle(p, rating.Team{Attack: 1.9, AttackVariance: 100}, rating.Team{DefenceVariance: 100},
		result(6, 0))
	if home.Attack > 2 || away.Defence < -2 {
		t.Errorf("got %v and %v, want at most 2 from the average", home.Attack, away.Defence)
	}
}

// TestFormMovesByAConstantStep: form of 3 against 2 makes three expected goals of two, and of the away side's one a
// half.
func TestFormMovesByAConstantStep(t *testing.T) {
	p := rating.Params{Noise: 1, FormRate: 0.1}
	home := rating.Team{AttackForm: math.Log(3), DefenceForm: math.Ln2}
	away := rating.Team{AttackForm: 0, DefenceForm: math.Ln2}
	asExpected, _, _ := settle(p, home, away, result(3, 1))
	near(t, "form after what was expected", asExpected.AttackForm, math.Log(3))
	better, worse, _ := settle(p, home, away, result(4, 0))
	near(t, "after a goal more", better.AttackForm, math.Log(3)+0.1)
	near(t, "of the defence that conceded it", worse.DefenceForm, math.Ln2-0.1)
	near(t, "after half a goal less", worse.AttackForm, -0.05)
	near(t, "of the defence that did not concede it", better.DefenceForm, math.Ln2+0.05)
}

// TestACompetitionLearnsFromTheErrorsOfTheModel: 5-2 are three goals and one more than expected.
func TestACompetitionLearnsFromTheErrorsOfTheModel(t *testing.T) {
	p := rating.Params{LevelRate: 0.1, HomeRate: 0.2, ClosedDoors: 0.5}
	r := result(5, 2)
	_, _, c := settle(p, rating.Team{}, rating.Team{}, r)
	near(t, "goal rate", c.GoalRate, 0.1*4)
	near(t, "home advantage", c.HomeAdvantage, math.Ln2+0.2*(3-1)/2)
	r.Neutral = true
	_, _, c = settle(p, rating.Team{}, rating.Team{}, r)
	near(t, "goal rate on neutral ground", c.GoalRate, 0.1*(7-2*math.Sqrt2))
	near(t, "home advantage on neutral ground", c.HomeAdvantage, math.Ln2)
	r.Neutral, r.ClosedDoors = false, true
	_, _, c = settle(p, rating.Team{}, rating.Team{}, r)
	near(t, "goal rate behind closed doors", c.GoalRate, 0.1*(7-math.Pow(2, 0.75)-math.Pow(2, 0.25)))
	near(t, "home advantage behind closed doors", c.HomeAdvantage, math.Ln2)
}

// TestStrengthAloneExpectsLessAtHomeBehindClosedDoors: a part of the advantage goes over to the visitors.
func TestStrengthAloneExpectsLessAtHomeBehindClosedDoors(t *testing.T) {
	p := rating.Params{FormRate: 1, ClosedDoors: 0.5}
	r := result(0, 0)
	r.ClosedDoors = true
	home, away, _ := settle(p, rating.Team{}, rating.Team{}, r)
	near(t, "home", home.AttackForm, -math.Pow(2, 0.75))
	near(t, "away", away.AttackForm, -math.Pow(2, 0.25))
	r.ClosedDoors, r.Neutral = false, true
	home, away, _ = settle(p, rating.Team{}, rating.Team{}, r)
	near(t, "home side on neutral ground", home.AttackForm, -math.Sqrt2)
	near(t, "away side on neutral ground", away.AttackForm, -math.Sqrt2)
}

// TestRhoFollowsTheSlopeOfTheLikelihood compares its step with differences of the logarithm of Dixon & Coles's factor.
func TestRhoFollowsTheSlopeOfTheLikelihood(t *testing.T) {
	const step, h, rho, home, away = 1e-3, 1e-6, -0.07, 2.5, 1.25
	factor := func(homeGoals, awayGoals int32, rho float64) float64 {
		switch [2]int32{homeGoals, awayGoals} {
		case [2]int32{0, 0}:
			return 1 - home*away*rho
		case [2]int32{0, 1}:
			return 1 + home*rho
		case [2]int32{1, 0}:
			return 1 + away*rho
		case [2]int32{1, 1}:
			return 1 - rho
		default:
			return 1
		}
	}
	for homeGoals := range int32(4) {
		for awayGoals := range int32(4) {
			c := rating.Competition{Played: 1, GoalRate: math.Log(away), HomeAdvantage: math.Log(home / away), Rho: rho}
			_, _, c = rating.Params{RhoRate: step}.Settle(rating.Team{}, rating.Team{}, c, result(homeGoals, awayGoals))
			slope := (math.Log(factor(homeGoals, awayGoals, rho+h)) - math.Log(factor(homeGoals, awayGoals,
				rho-h))) / (2 * h)
			if got := (c.Rho - rho) / step; math.Abs(got-slope) > 1e-6 {
				t.Errorf("%d-%d: got %v, want %v", homeGoals, awayGoals, got, slope)
			}
		}
	}
	for want, r := range map[float64]rating.Result{-0.2: result(1, 1), 0.1: result(1, 0)} {
		_, _, c := settle(rating.Params{RhoRate: 100}, rating.Team{}, rating.Team{}, r)
		near(t, "the bound of rho", c.Rho, want)
	}
}

// TestWhatAMatchTellsOfAttack reads it off form, which moves from 0 by the rate times what exceeds the two expected
// goals.
func TestWhatAMatchTellsOfAttack(t *testing.T) {
	p := rating.Params{Shots: 0.2, OnTarget: 0.3, Corners: 0.1, FormRate: 0.1}
	c := rating.Competition{Played: 1, HomeAdvantage: math.Ln2, PerShot: 0.1, PerOnTarget: 0.3, PerCorner: 0.25}
	tests := []struct {
		name                            string
		goals, shots, onTarget, corners int32
		want                            float64
	}{
		{"goals alone", 3, -1, -1, -1, 3},
		{"of which six count at most", 9, -1, -1, -1, 6},
		{"shots without those on target are left out", 3, 10, -1, 8, 3},
		{"and those on target without shots", 3, -1, 4, 8, 3},
		{"shots", 3, 10, 4, -1, 0.2*0.1*10 + 0.3*0.3*4 + 0.5*3},
		{"shots and corners", 3, 10, 4, 8, 0.2*0.1*10 + 0.3*0.3*4 + 0.1*0.25*8 + 0.4*3},
		{"none of anything", 3, 0, 0, 0, 0.4 * 3},
	}
	for _, tt := range tests {
		r := result(tt.goals, 0)
		r.HomeShots, r.HomeOnTarget, r.HomeCorners = tt.shots, tt.onTarget, tt.corners
		home, _, _ := p.Settle(rating.Team{}, rating.Team{}, c, r)
		near(t, tt.name, home.AttackForm/0.1+2, tt.want)
		r = result(0, tt.goals)
		r.AwayShots, r.AwayOnTarget, r.AwayCorners = tt.shots, tt.onTarget, tt.corners
		_, away, _ := p.Settle(rating.Team{}, rating.Team{}, c, r)
		near(t, tt.name+", of the visitors", away.AttackForm/0.1+1, tt.want)
	}
}

// TestTheConversionOfACompetition moves towards three goals from 20 shots, 10 on target, 12 corners.
func TestTheConversionOfACompetition(t *testing.T) {
	counted := rating.Result{HomeGoals: 2, AwayGoals: 1, HomeShots: 20, HomeOnTarget: 10, HomeCorners: 12}
	with := func(change func(r *rating.Result)) rating.Result {
		r := counted
		change(&r)
		return r
	}
	tests := []struct {
		name            string
		before          int32
		rate            float64
		r               rating.Result
		weight, corners float64 // of the newest match; 0: it is not counted
	}{
		{"the first match weighs as the eleventh", 0, 0.01, counted, 1. / 11, 1. / 11},
		{"later ones less", 9, 0.01, counted, 1. / 20, 1. / 20},
		{"and never less than the rate", 9, 0.2, counted, 0.2, 0.2},
		{"from the visitors alike", 0, 0.01, rating.Result{HomeGoals: 2, AwayGoals: 1, AwayShots: 20, AwayOnTarget: 10,
			AwayCorners: 12}, 1. / 11, 1. / 11},
		{"no corners", 0, 0.01, with(func(r *rating.Result) { r.HomeCorners = 0 }), 1. / 11, 0},
		{"unknown corners at home", 0, 0.01, with(func(r *rating.Result) { r.HomeCorners = -1 }), 1. / 11, 0},
		{"unknown corners away", 0, 0.01, with(func(r *rating.Result) { r.AwayCorners = -1 }), 1. / 11, 0},
		{"unknown shots at home", 0, 0.01, with(func(r *rating.Result) { r.HomeShots = -1 }), 0, 0},
		{"unknown shots away", 0, 0.01, with(func(r *rating.Result) { r.AwayShots = -1 }), 0, 0},
		{"unknown on target at home", 0, 0.01, with(func(r *rating.Result) { r.HomeOnTarget = -1 }), 0, 0},
		{"unknown on target away", 0, 0.01, with(func(r *rating.Result) { r.AwayOnTarget = -1 }), 0, 0},
		{"no shot on target", 0, 0.01, with(func(r *rating.Result) { r.HomeOnTarget = 0 }), 0, 0},
		{"no shot", 0, 0.01, with(func(r *rating.Result) { r.HomeShots = 0 }), 0, 0},
	}
	for _, tt := range tests {
		c := rating.Competition{Played: 1, Counted: tt.before, PerShot: 0.1, PerOnTarget: 0.2, PerCorner: 0.2}
		_, _, c = rating.Params{ConversionRate: tt.rate}.Settle(rating.Team{}, rating.Team{}, c, tt.r)
		near(t, tt.name+", goals a shot", c.PerShot, 0.1+tt.weight*(3./20-0.1))
		near(t, tt.name+", goals a shot on target", c.PerOnTarget, 0.2+tt.weight*(3./10-0.2))
		near(t, tt.name+", goals a corner", c.PerCorner, 0.2+tt.corners*(3./12-0.2))
	}
}

// TestEachWeightOfTheGoalsModel turns one weight on after the other, and looks at the log of the ratio and of the
// product.
func TestEachWeightOfTheGoalsModel(t *testing.T) {
	home := football.TeamFeatures{Attack: 0.3, Defence: 0.2, AttackForm: 0.1, DefenceForm: 0.05, PiHome: 0.5,
		PiAway: 0.4, Decided: 0.6}
	away := football.TeamFeatures{Attack: -0.1, Defence: 0.15, AttackForm: 0.02, DefenceForm: -0.03, PiHome: 0.2,
		PiAway:  -0.1,
		Decided: 0.1}
	league := football.CompetitionFeatures{GoalRate: 0.1, HomeAdvantage: 0.3}
	tests := []struct {
		name           string
		weights        rating.Weights
		ratio, product float64
	}{
		{"none", rating.Weights{}, 0, 0},
		{"strength in the ratio", rating.Weights{StrengthBlend: 1}, 0.15 + 0.3, 0},
		{"strength in the product", rating.Weights{StrengthGoals: 1}, 0, 0.15 - 0.3},
		{"form in the ratio", rating.Weights{FormBlend: 1}, 0.13 + 0.03, 0},
		{"form in the product", rating.Weights{FormGoals: 1}, 0, 0.13 - 0.03},
		{"pi-ratings", rating.Weights{PiBlend: 1}, (0.9 - 0.1) / 2, 0},
		{"what is decided in the ratio", rating.Weights{DecidedTilt: 1}, 0.1 - 0.6, 0},
		{"what is decided on both sides", rating.Weights{DecidedGoals: 1}, 0, 2 * 0.7},
	}
	for _, tt := range tests {
		h, a := tt.weights.Intensities(home, away, league, false)
		near(t, tt.name+", ratio", math.Log(h/a), 0.3+tt.ratio)
		near(t, tt.name+", product", math.Log(h*a), 2*0.1+0.3+tt.product)
		h, a = tt.weights.Intensities(home, away, league, true)
		near(t, tt.name+", ratio on neutral ground", math.Log(h/a), tt.ratio)
		near(t, tt.name+", product on neutral ground", math.Log(h*a), 2*0.1+0.3+tt.product)
	}
}

// TestWeightsAreNamedAsInAnArtefact, in its order, and each name is that of its own field.
func TestWeightsAreNamedAsInAnArtefact(t *testing.T) {
	var w rating.Weights
	text := "{"
	for i, weight := range w.Named() {
		*weight.Value = float64(i + 1)
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf("%q:%d", weight.Name, i+1)
	}
	got, err := json.Marshal(w)
	if want := text + "}"; err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

// TestASummer: strength, Elo and pi-ratings of a team that was promoted, stayed up, was relegated.
func TestASummer(t *testing.T) {
	p := rating.Params{
		SummerVariance: 0.1, MovedVariance: 0.2, Promoted: -0.3, Relegated: 0.2,
		EloKeep: 0.5, EloPromoted: -100, EloRelegated: 50, PiKeep: 0.5, PiMoved: 0.3,
	}
	before := rating.Team{
		Played: 38, Season: "2014-15", Level: 2, Attack: 0.4, Defence: 0.1, AttackVariance: 0.01, DefenceVariance: 0.02,
		AttackForm: 0.1, DefenceForm: 0.1, Elo: 1600, PiHome: 0.8, PiAway: 0.6,
	}
	tests := []struct {
		name                     string
		level                    int32
		shift, variance, elo, pi float64
	}{
		{"promoted", 1, -0.3, 0.2, -100, -0.3},
		{"stayed", 2, 0, 0.1, 0, 0},
		{"relegated", 3, 0.2, 0.2, 50, 0.3},
	}
	for _, tt := range tests {
		got := p.Enter(before, rating.Entry{Competition: "X", Level: tt.level, Season: "2015-16"})
		near(t, tt.name+", attack", got.Attack, 0.4+tt.shift)
		near(t, tt.name+", defence", got.Defence, 0.1+tt.shift)
		near(t, tt.name+", variance of attack", got.AttackVariance, 0.01+tt.variance)
		near(t, tt.name+", variance of defence", got.DefenceVariance, 0.02+tt.variance)
		near(t, tt.name+", Elo", got.Elo, 1500+0.5*100+tt.elo)
		near(t, tt.name+", pi at home", got.PiHome, 0.5*0.8+tt.pi)
		near(t, tt.name+", pi away", got.PiAway, 0.5*0.6+tt.pi)
		if got.AttackForm != 0 || got.DefenceForm != 0 || got.Level != tt.level || got.Competition != "X" ||
			got.Season != "2015-16" {
			t.Errorf("%s: got %+v, want no form and the new season", tt.name, got)
		}
	}
}

func TestANewcomerBeginsWhereNewcomersBegin(t *testing.T) {
	p := rating.Params{Absence: 2, Newcomer: -0.1, NewcomerVariance: 0.3, EloNewcomer: -40, PiNewcomer: -0.2}
	want := rating.Team{Attack: -0.1, Defence: -0.1, AttackVariance: 0.3, DefenceVariance: 0.3, Elo: 1460, PiHome: -0.2,
		PiAway: -0.2,
		Season: "2015-16", Competition: "X", Level: 1}
	entry := rating.Entry{Competition: "X", Level: 1, Season: "2015-16"}
	if got := p.Enter(rating.Team{}, entry); got != want {
		t.Errorf("a new team: got %+v, want %+v", got, want)
	}
	for season, back := range map[football.Season]bool{"2014-15": false, "2013-14": false, "2012-13": true,
		"2011-12": true} {
		got := p.Enter(rating.Team{Played: 1, Attack: 0.5, Season: season, Level: 1}, entry)
		if (got.Attack == -0.1) != back {
			t.Errorf("last season %s: got attack %v, want it to begin anew: %v", season, got.Attack, back)
		}
	}
}

// TestTheSignsOfTheDefaults: those who come up are weaker than those who are there, those who come down stronger.
func TestTheSignsOfTheDefaults(t *testing.T) {
	for name, p := range map[string]rating.Params{"clubs": rating.Defaults(), "national teams": rating.National()} {
		for what, x := range map[string]float64{
			"newcomers": p.Newcomer, "newcomers' Elo": p.EloNewcomer, "newcomers' pi-rating": p.PiNewcomer,
			"promotion": p.Promoted, "promotion in Elo": p.EloPromoted, "rho": p.FirstRho,
			"relegation": -p.Relegated, "relegation in Elo": -p.EloRelegated, "home advantage": -p.FirstHome,
		} {
			if !(x < 0) {
				t.Errorf("%s, %s: got %v, want below 0", name, what, x)
			}
		}
	}
}

func TestFormPointsAndRest(t *testing.T) {
	for form, want := range map[string]float64{"": -1, "W": 3, "D": 1, "L": 0, "WWDLL": 7. / 5} {
		near(t, "points of "+form, rating.Team{Form: form}.Features(0).Points, want)
	}
	for days, want := range map[football.Instant]float64{1: 1, 29: 29, 30: 30, 31: 30, 100: 30} {
		near(t, "rest", rating.Team{Played: 1, LastKickoff: 5 * day}.Features((5+days)*day).RestDays, want)
	}
}

// TestMeanShots: a plain mean of the first matches, then the newest weighs as much as the rate.
func TestMeanShots(t *testing.T) {
	p := rating.Params{ShotsRate: 0.25}
	home, away, c := rating.Team{}, rating.Team{}, rating.Competition{Played: 1}
	for _, shots := range []int32{10, 20, 30, 40, 0} {
		home, away, c = p.Settle(home, away, c,
			rating.Result{HomeShots: shots, HomeOnTarget: shots / 10, AwayShots: 2 * shots,
				AwayOnTarget: shots / 5})
	}
	near(t, "shots", home.ShotsFor, 25+0.25*(0-25))
	near(t, "shots against", home.ShotsAgainst, 2*18.75)
	near(t, "on target", home.OnTargetFor, 1.875)
	near(t, "on target against", home.OnTargetAgainst, 3.75)
	if away.ShotsFor != home.ShotsAgainst || away.OnTargetAgainst != home.OnTargetFor || home.Counted != 5 {
		t.Errorf("got %+v, %+v, want them to mirror each other after five matches", home, away)
	}
	for i, r := range []rating.Result{{HomeShots: -1}, {AwayShots: -1}, {HomeOnTarget: -1}, {AwayOnTarget: -1}} {
		if got, _, _ := p.Settle(home, away, c, r); got.Counted != 5 || got.ShotsFor != home.ShotsFor {
			t.Errorf("result %d without a count: got %+v", i, got)
		}
	}
}

// TestAResultIsCounted in form and in the shares of the competition: home win, draw, away win, by one goal and by more.
func TestAResultIsCounted(t *testing.T) {
	tests := []struct {
		homeGoals, awayGoals int32
		home, away           string
		wins, draws          int32
	}{
		{1, 0, "W", "L", 1, 0}, {3, 0, "W", "L", 1, 0}, {0, 0, "D", "D", 0, 1}, {2, 2, "D", "D", 0, 1},
		{0, 1, "L", "W", 0, 0}, {1, 4, "L", "W", 0, 0},
	}
	for _, tt := range tests {
		c := rating.Competition{Played: 7}
		home, away, c := rating.Params{}.Settle(rating.Team{Form: "WWWWW"}, rating.Team{}, c,
			result(tt.homeGoals, tt.awayGoals))
		if home.Form != "WWWW"+tt.home || away.Form != tt.away || c.Played != 8 || c.HomeWins != tt.wins ||
			c.Draws != tt.draws {
			t.Errorf("%d-%d: got form %q and %q, %+v", tt.homeGoals, tt.awayGoals, home.Form, away.Form, c)
		}
	}
}

// TestUnknownShotsAreNegative on both sides, for a team of which none were counted.
func TestUnknownShotsAreNegative(t *testing.T) {
	f := rating.Team{Played: 1}.Features(0)
	if got := [4]float64{f.ShotsFor, f.ShotsAgainst, f.OnTargetFor, f.OnTargetAgainst}; got != [4]float64{-1, -1, -1,
		-1} {
		t.Errorf("got %v, want -1 each", got)
	}
}

// TestClosedDoorsInFull: all of the advantage goes over to the visitors, or none of it.
func TestClosedDoorsInFull(t *testing.T) {
	c := rating.Competition{Played: 1, GoalRate: 0.2, HomeAdvantage: 0.4}
	for share, want := range map[float64][2]float64{0: {0.2, 0.4}, 0.25: {0.25, 0.3}, 1: {0.4, 0}} {
		f := rating.Params{ClosedDoors: share}.CompetitionFeatures(c, true)
		near(t, "goal rate", f.GoalRate, want[0])
		near(t, "home advantage", f.HomeAdvantage, want[1])
	}
}
