package rating

// Params are the constants of the fold and of the goals model that reads it. How the defaults were chosen, and what
// else was tried, is in docs/decisions/0008-forecasts.md: on seasons up to 2018-19 of six leagues, against results and
// closing odds alike. ClosedDoors was not fitted: about half of the home advantage is what studies of 2020 found (for
// example D. McCarrick, M. Bilalic, N. Neave, S. Wolfson, "Home advantage during the COVID-19 pandemic", Psychology of
// Sport and Exercise 56, 2021).
type Params struct {
	// Attack and defence. Variances are those of the logarithm.
	Noise            float64 // variance of what a match shows, in units of the Poisson's
	Drift            float64 // variance that strength gains with each match
	Absence          int     // seasons missed after which a team begins anew; 0: it never does
	FirstVariance    float64 // of each team in the first season of a competition
	SummerVariance   float64 // gained over a summer
	MovedVariance    float64 // gained over a summer with promotion or relegation
	Newcomer         float64 // where a team begins from outside of the pool, or back after a season's absence
	NewcomerVariance float64
	Promoted         float64 // added on promotion
	Relegated        float64 // added on relegation
	Shots            float64 // weight of shots in what a match tells of strength
	OnTarget         float64 // weight of shots on target
	Corners          float64 // weight of corners; goals have the rest up to 1
	FormRate         float64 // step of form for one goal more than expected

	// Competition.
	LevelRate      float64 // step of the goal rate for one goal more than the model expected
	HomeRate       float64 // step of the home advantage
	ClosedDoors    float64 // share of the home advantage that is lost without spectators
	RhoRate        float64 // step of rho
	ConversionRate float64 // weight of the newest match in goals a shot and a corner
	FirstGoalRate  float64 // where a competition begins: log of an average away side's goals
	FirstHome      float64 // log of the ratio of home to away goals
	FirstRho       float64 // dependence of low scores

	// Elo.
	EloRate      float64 // points for a surprise of one result at a margin of one goal
	EloMargin    float64 // exponent of the goal margin
	EloHome      float64 // home advantage, in points
	EloKeep      float64 // share of the distance to 1500 that a team keeps over a summer
	EloNewcomer  float64 // where newcomers begin, less 1500
	EloPromoted  float64 // added on promotion
	EloRelegated float64 // added on relegation

	// Pi-ratings, with the names of Constantinou & Fenton (2013).
	PiLambda   float64 // learning rate
	PiGamma    float64 // how much of a change at home is carried to away ratings, and back
	PiKeep     float64 // share kept over a summer
	PiNewcomer float64 // where newcomers begin, in goals
	PiMoved    float64 // lost on promotion, won on relegation

	// Shots.
	ShotsRate float64 // weight of the newest match in mean shots

	EloSlope float64 // log of the ratio of both sides' goals for each Elo point, in the model that uses nothing else
	Weights          // of the goals model, from whose errors level and home advantage of a competition learn
}

// Weights are what the goals model makes of the ratings.
type Weights struct {
	// weight of attack and defence in the log of the ratio of both sides' goals
	StrengthBlend float64 `json:"strength_blend"`
	StrengthGoals float64 `json:"strength_goals"` // weight of both in the log of the product
	FormBlend     float64 `json:"form_blend"`     // weight of form in the ratio
	FormGoals     float64 `json:"form_goals"`     // weight of form in the product
	PiBlend       float64 `json:"pi_blend"`       // log of the ratio for each goal of pi-ratings
	DecidedTilt   float64 `json:"decided_tilt"`   // log of the ratio when the visitors have nothing left to play for
	DecidedGoals  float64 `json:"decided_goals"`  // log of the factor on both sides' goals for each side that has not
}

// Weight is one of the weights by its name in an artefact.
type Weight struct {
	Name  string
	Value *float64
}

// Named returns the weights by name, in the order of the fields. The values point into w: writing to one changes w.
func (w *Weights) Named() []Weight {
	return []Weight{
		{"strength_blend", &w.StrengthBlend}, {"strength_goals", &w.StrengthGoals},
		{"form_blend", &w.FormBlend}, {"form_goals", &w.FormGoals}, {"pi_blend", &w.PiBlend},
		{"decided_tilt", &w.DecidedTilt}, {"decided_goals", &w.DecidedGoals},
	}
}

// Defaults returns the parameters of the line.
func Defaults() Params {
	return Params{
		Noise: 1.1, Drift: 0.0003, Absence: 1, FirstVariance: 0.1, SummerVariance: 0.038, MovedVariance: 0.045,
		Newcomer: -0.0875, NewcomerVariance: 0.13, Promoted: -0.27, Relegated: 0.22,
		Shots: 0.29, OnTarget: 0.2, Corners: 0.175, FormRate: 0.075,
		LevelRate: 0.0006, HomeRate: 0.0008, ClosedDoors: 0.5, RhoRate: 0.00005, ConversionRate: 0.0013,
		FirstGoalRate: 0.1, FirstHome: 0.35, FirstRho: -0.07,
		EloRate: 3.6, EloMargin: 1.55, EloHome: 65, EloKeep: 0.84, EloNewcomer: -43, EloPromoted: -155,
		EloRelegated: 120,
		PiLambda:     0.022, PiGamma: 0.425, PiKeep: 0.88, PiNewcomer: -0.18, PiMoved: 0.34,
		ShotsRate: 0.1,
		EloSlope:  0.0038,
		Weights: Weights{
			StrengthBlend: 0.86, StrengthGoals: 0.615, FormBlend: 0.25, FormGoals: 0.05, PiBlend: 0.438,
			DecidedTilt: 0.411, DecidedGoals: 0.06,
		},
	}
}

// National returns the parameters of national teams, which play a tenth of a club's matches, against anybody from San
// Marino to Brazil, and are never promoted: they begin far apart, change little over a year, have no form to speak of,
// and are not forgotten when they have not played. Chosen on matches of 2010 to 2017;
// docs/decisions/0014-national-teams.md has the figures.
func National() Params {
	p := Defaults()
	p.Absence = 0
	p.Noise, p.Drift = 0.77, 0.00005
	p.FirstVariance, p.SummerVariance = 1.4, 0.015
	p.Newcomer, p.NewcomerVariance = -0.9, 0.66
	p.FormRate = 0.012
	p.LevelRate, p.HomeRate = 0.00016, 0.0015
	p.FirstGoalRate, p.FirstHome = 0, 0.37
	p.EloRate, p.EloMargin, p.EloHome, p.EloKeep, p.EloNewcomer = 16, 0.8, 78, 1, -350
	p.PiLambda, p.PiGamma, p.PiKeep, p.PiNewcomer = 0.0094, 0.045, 0.94, -0.48
	return p
}
