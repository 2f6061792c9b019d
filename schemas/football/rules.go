package football

import (
	"fmt"
	"slices"
)

// SeasonRules describe how a competition's season is played as a double round robin, what decides between clubs level
// on points, and what the places of the table are worth. They apply from a season on, until the next entry.
type SeasonRules struct {
	From   Season      `json:"from"`
	Teams  int         `json:"teams"`
	Order  []Criterion `json:"order"` // after points, in this order; what is level after all is drawn by lot
	Places []Place     `json:"places"`
	Source string      `json:"source"` // where the rules are written
}

// MaxTeams is the most teams that a league may have.
const MaxTeams = 32

// Place is a part of the final table, such as "relegation", from the first to the last position (1 is the top). Places
// may overlap.
type Place struct {
	Name  string `json:"name"`
	First int    `json:"first"`
	Last  int    `json:"last"`
}

// Criterion decides between clubs that are level on points; more is better.
type Criterion string

// The criteria. Those of head-to-head count the matches among the clubs that are level, and no others.
const (
	GoalDifference           Criterion = "goal-difference"
	GoalsFor                 Criterion = "goals-for"
	AwayGoals                Criterion = "away-goals"
	HeadToHeadPoints         Criterion = "head-to-head-points"
	HeadToHeadGoalDifference Criterion = "head-to-head-goal-difference"
	HeadToHeadAwayGoals      Criterion = "head-to-head-away-goals"
)

// Criteria lists all criteria.
func Criteria() []Criterion {
	return []Criterion{GoalDifference, GoalsFor, AwayGoals, HeadToHeadPoints, HeadToHeadGoalDifference,
		HeadToHeadAwayGoals}
}

// Rules returns the rules of a competition's season, or false where none are configured.
func (r *Reference) Rules(id CompetitionID, season Season) (SeasonRules, bool) {
	var found SeasonRules
	for _, rules := range r.competitions[id].Seasons {
		if rules.From <= season && rules.From >= found.From {
			found = rules
		}
	}
	return found, found.Teams > 0
}

func (s SeasonRules) validateRules(id CompetitionID) error {
	if s.From == "" || s.Teams < 2 || s.Teams > MaxTeams {
		return fmt.Errorf("competition %q: a season from %q with %d teams; want a season and 2 to %d teams", id,
			s.From, s.Teams, MaxTeams)
	}
	for _, c := range s.Order {
		if !slices.Contains(Criteria(), c) {
			return fmt.Errorf("competition %q: unknown criterion %q", id, c)
		}
	}
	for _, p := range s.Places {
		if p.Name == "" || p.First < 1 || p.Last < p.First || p.Last > s.Teams {
			return fmt.Errorf("competition %q: the place %q from %d to %d of %d", id, p.Name, p.First, p.Last, s.Teams)
		}
	}
	return nil
}
