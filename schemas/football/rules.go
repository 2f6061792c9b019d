package football

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// SeasonRules describe how a competition's season is played, how its table is made, and what the places of the table
// are worth. They apply from a season on, until the next entry.
type SeasonRules struct {
	From  Season      `json:"from"`
	Teams int         `json:"teams"` // 0: from this season on the rules are not known
	Order []Criterion `json:"order"` // after points, in this order; what is level after all is drawn by lot
	// Places are what positions of the final table are worth. Those that are not known are left out.
	Places []Place `json:"places"`
	Source string  `json:"source"` // where the rules are written
	// Win is the points for a win. Default 3; most leagues gave 2 until the middle of the 1990s.
	Win int32 `json:"win,omitempty"`
	// Meetings is how often each pair meets at each one's ground. Default 1, a double round robin. A further match of
	// the pair is a play-off, which the table does not count.
	Meetings int `json:"meetings,omitempty"`
	// Split is set where the table is divided during the season.
	Split *Split `json:"split,omitempty"`
	// Average ranks by points a match, as in seasons that were broken off with unequal numbers of matches.
	Average bool `json:"average,omitempty"`
}

// Split divides a table for its last rounds: whoever is among the first Top after each team's first After matches ends
// above the others, whatever the points.
type Split struct {
	After int `json:"after"` // matches of each team
	Top   int `json:"top"`   // teams of the upper part
}

// WinPoints returns the points for a win.
func (s SeasonRules) WinPoints() int32 { return cmp.Or(s.Win, 3) }

// MeetingsAtHome returns how many matches of a pair at the first one's ground the table counts; 0 is all of them, for a
// season that is split or has no rules.
func (s SeasonRules) MeetingsAtHome() int {
	if s.Split != nil || s.Teams == 0 {
		return 0
	}
	return cmp.Or(s.Meetings, 1)
}

// HasOutlook reports whether the rest of a season can be simulated: each pair meets once at each one's ground, so that
// what is left to play follows from the teams, and a win is worth three points.
func (s SeasonRules) HasOutlook() bool { return s.MeetingsAtHome() == 1 && s.WinPoints() == 3 }

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
	Wins                     Criterion = "wins"
	GoalDifference           Criterion = "goal-difference"
	GoalsFor                 Criterion = "goals-for"
	AwayGoals                Criterion = "away-goals"
	HeadToHeadPoints         Criterion = "head-to-head-points"
	HeadToHeadGoalDifference Criterion = "head-to-head-goal-difference"
	HeadToHeadGoalsFor       Criterion = "head-to-head-goals-for"
	HeadToHeadAwayGoals      Criterion = "head-to-head-away-goals"
)

// IsHeadToHead reports whether the criterion counts the matches among the clubs that are level only.
func (c Criterion) IsHeadToHead() bool { return strings.HasPrefix(string(c), "head-to-head-") }

// Criteria lists all criteria.
func Criteria() []Criterion {
	return []Criterion{Wins, GoalDifference, GoalsFor, AwayGoals, HeadToHeadPoints, HeadToHeadGoalDifference,
		HeadToHeadGoalsFor, HeadToHeadAwayGoals}
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
	if s.From == "" || s.Teams < 0 || s.Teams == 1 || s.Teams > MaxTeams {
		return fmt.Errorf("competition %q: a season from %q with %d teams; want a season and 2 to %d teams, or 0 "+
			"where the rules are not known", id, s.From, s.Teams, MaxTeams)
	}
	if s.Win < 0 || s.Meetings < 0 ||
		s.Split != nil && (s.Split.After < 1 || s.Split.Top < 1 || s.Split.Top >= s.Teams) {
		return fmt.Errorf("competition %q: from %s: want points for a win, meetings and a split that are above 0, and "+
			"fewer teams above the split than there are", id, s.From)
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
