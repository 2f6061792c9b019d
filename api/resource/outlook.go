package resource

import (
	"cmp"
	"time"

	"github.com/touchline/touchline/projections/readmodel"
)

// Outlook is what simulations of the rest of a season came to. Teams are in the order of the table.
type Outlook struct {
	Competition string        `json:"competition"`
	Season      string        `json:"season"`
	Sequence    int64         `json:"sequence"`
	At          time.Time     `json:"at"`
	Match       string        `json:"match"`
	Settled     int32         `json:"settled"`
	Remaining   int32         `json:"remaining"`
	Simulations int32         `json:"simulations"`
	Results     string        `json:"results"`
	Teams       []TeamOutlook `json:"teams"`
}

// TeamOutlook is what becomes of one team: the probability of each final position, the first first, and of each place.
type TeamOutlook struct {
	Position       int                `json:"position"`
	Team           Team               `json:"team"`
	Played         int32              `json:"played"`
	Points         int32              `json:"points"`
	GoalDifference int32              `json:"goal_difference"`
	GoalsFor       int32              `json:"goals_for"`
	ExpectedPoints float64            `json:"expected_points"`
	Positions      []float64          `json:"positions"`
	Places         map[string]float64 `json:"places"`
}

// OfOutlook renders an outlook.
func OfOutlook(competition string, o *readmodel.Outlook) Outlook {
	out := Outlook{
		Competition: competition,
		Season:      string(o.Season),
		Sequence:    o.Sequence,
		At:          o.At.UTC(),
		Match:       string(o.Match),
		Settled:     o.Settled,
		Remaining:   o.Remaining,
		Simulations: o.Seasons,
		Results:     o.Results,
		Teams:       make([]TeamOutlook, len(o.Teams)),
	}
	for i, t := range o.Teams {
		team := TeamOutlook{
			Position:       i + 1,
			Team:           Team{string(t.Team), cmp.Or(o.Names[t.Team], string(t.Team))},
			Played:         t.Played,
			Points:         t.Points,
			GoalDifference: t.GoalDifference,
			GoalsFor:       t.GoalsFor,
			ExpectedPoints: Round(t.ExpectedPoints),
			Positions:      make([]float64, len(t.Positions)),
			Places:         map[string]float64{},
		}
		for j, p := range t.Positions {
			team.Positions[j] = Round(float64(p))
		}
		for _, p := range t.Places {
			team.Places[p.Place] = Round(p.P)
		}
		out.Teams[i] = team
	}
	return out
}
