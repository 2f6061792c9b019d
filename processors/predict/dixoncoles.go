package predict

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// DixonColes forecasts from strengths that were fitted at one time to all results before it, later ones counting more:
// M. Dixon, S. Coles, "Modelling Association Football Scores and Inefficiencies in the Football Betting Market",
// Applied Statistics 46, 1997. Nothing that came after its training changes them, so its forecasts get worse with the
// time since the last refit.
type DixonColes struct {
	artefact *DixonColesArtefact
	ref      football.ModelRef
}

// DixonColesArtefact are fitted strengths. The log of a side's expected goals is the competition's level, plus its home
// advantage for the home side, plus the side's attack less the other's defence.
type DixonColesArtefact struct {
	Competitions map[football.CompetitionID]DixonColesLevel `json:"competitions"`
	Teams        map[football.TeamID]DixonColesTeam         `json:"teams"`
	Play         Play                                       `json:"play"`
	Trained      *Training                                  `json:"trained,omitempty"`
}

// DixonColesLevel is what applies to all matches of a competition.
type DixonColesLevel struct {
	Goals float64 `json:"goals"` // log of the away side's mean goals
	Home  float64 `json:"home"`  // log of the factor on the home side's
	Rho   float64 `json:"rho"`   // dependence of low scores, about -0.1
}

// DixonColesTeam is a team's strength, in logs of goals; 0 is the mean of its pool.
type DixonColesTeam struct {
	Attack  float64 `json:"attack"`
	Defence float64 `json:"defence"` // higher concedes less
}

// Kind returns "dixon-coles".
func (a *DixonColesArtefact) Kind() string       { return KindDixonColes }
func (a *DixonColesArtefact) schemaName() string { return "touchline.dixon-coles/1" }
func (a *DixonColesArtefact) buildModel(ref football.ModelRef) Model {
	return &DixonColes{artefact: a, ref: ref}
}

func (a *DixonColesArtefact) validateParameters() error {
	if len(a.Competitions) == 0 || len(a.Teams) == 0 {
		return errors.New("competitions and teams: there are none")
	}
	for _, id := range slices.Sorted(maps.Keys(a.Competitions)) {
		c := a.Competitions[id]
		if err := errors.Join(checkBetween(-3, 3, namedValue{"goals", c.Goals}, namedValue{"home", c.Home}),
			checkBetween(-0.3, 0.3, namedValue{"rho", c.Rho})); err != nil {
			return fmt.Errorf("competition %.40s: %w", id, err)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(a.Teams)) {
		if err := checkBetween(-5, 5, namedValue{"attack", a.Teams[id].Attack},
			namedValue{"defence", a.Teams[id].Defence}); err != nil {
			return fmt.Errorf("team %.40s: %w", id, err)
		}
	}
	return a.Play.checkRanges()
}

// Ref names the model.
func (m *DixonColes) Ref() football.ModelRef { return m.ref }

// Kind returns "dixon-coles".
func (m *DixonColes) Kind() string { return KindDixonColes }

// Forecast applies when the artefact has the competition and both teams.
func (m *DixonColes) Forecast(f *football.MatchFeatures) (Forecast, bool) {
	level, ok := m.artefact.Competitions[f.Competition]
	home, homeOK := m.artefact.Teams[f.Home]
	away, awayOK := m.artefact.Teams[f.Away]
	if !ok || !homeOK || !awayOK {
		return Forecast{}, false
	}
	advantage := level.Home
	if f.Neutral {
		level.Goals, advantage = level.Goals+level.Home/2, 0
	}
	forecast := m.artefact.Play.forecastScore(math.Exp(level.Goals+advantage+home.Attack-away.Defence),
		math.Exp(level.Goals+away.Attack-home.Defence), level.Rho, f)
	forecast.Reasons = append(forecast.Reasons,
		football.Reason{Name: "home_advantage", Value: advantage},
		football.Reason{Name: "attack_home", Value: home.Attack},
		football.Reason{Name: "defence_home", Value: home.Defence},
		football.Reason{Name: "attack_away", Value: away.Attack},
		football.Reason{Name: "defence_away", Value: away.Defence},
	)
	return forecast, true
}
