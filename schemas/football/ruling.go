package football

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Deduction is a ruling that takes points from a team, whatever it won: for insolvency, for a player who was not
// eligible. Tables count it from its day on; ratings never do, for it says nothing of how a team plays.
type Deduction struct {
	Competition CompetitionID `json:"competition"`
	Season      Season        `json:"season"`
	Team        TeamID        `json:"team"`
	Points      int32         `json:"points"` // taken, above 0; below 0 they are given back
	// Last puts the team below all others, whatever its points.
	Last   bool   `json:"last,omitempty"`
	On     string `json:"on"`     // day of the ruling that stands, as in 2010-03-17
	Reason string `json:"reason"` // a few words for people
	Source string `json:"source"` // who ruled
}

// Award is a ruling that sets the result of a match for the table, whatever a source gives: a match that was abandoned,
// not played, or played with a player who was not eligible. A table counts it even if no source has the match. Ratings
// go by what the source gives. Where a pair meets more than once at a ground, it is of all these matches.
type Award struct {
	Competition CompetitionID `json:"competition"`
	Season      Season        `json:"season"`
	Home        TeamID        `json:"home"`
	Away        TeamID        `json:"away"`
	HomeGoals   int32         `json:"home_goals"`
	AwayGoals   int32         `json:"away_goals"`
	// Winner has the points where the goals do not say it: some leagues award a win and count no goals. "" is by goals.
	Winner Side   `json:"winner,omitempty"`
	On     string `json:"on"`
	Reason string `json:"reason"`
	Source string `json:"source"`
}

// Margin is above 0 where the home side has the points of a win, below 0 where the away side has, and 0 for a draw.
func (a Award) Margin() int32 {
	switch a.Winner {
	case Home:
		return 1
	case Away:
		return -1
	default:
		return a.HomeGoals - a.AwayGoals
	}
}

// Rulings are the deductions and awards of one season of a competition, each in the order of their days.
type Rulings struct {
	Deductions []Deduction
	Awards     []Award
}

// AsOf returns the rulings that were given on the day of an instant (UTC) or before.
func (r Rulings) AsOf(at Instant) Rulings {
	day := at.Time().Format(time.DateOnly)
	var out Rulings
	for _, d := range r.Deductions {
		if d.On <= day {
			out.Deductions = append(out.Deductions, d)
		}
	}
	for _, a := range r.Awards {
		if a.On <= day {
			out.Awards = append(out.Awards, a)
		}
	}
	return out
}

// Award returns the award for the match of a pair at the first one's ground.
func (r Rulings) Award(home, away TeamID) (Award, bool) {
	i := slices.IndexFunc(r.Awards, func(a Award) bool { return a.Home == home && a.Away == away })
	if i < 0 {
		return Award{}, false
	}
	return r.Awards[i], true
}

// Rulings returns the rulings of a competition's season.
func (r *Reference) Rulings(id CompetitionID, season Season) Rulings {
	return r.rulings[seasonOf{id, season}]
}

// seasonOf is a season of a competition.
type seasonOf struct {
	competition CompetitionID
	season      Season
}

// addRulings adds the rulings of a file to those of earlier ones. A deduction of the same team and day, or an award of
// the same match, replaces the earlier one.
func (r *Reference) addRulings(f referenceFile) error {
	var errs []error
	for _, d := range f.Deductions {
		errs = append(errs, r.validateRuling(d.Competition, d.Season, d.On, d.Source, d.Team))
		season := r.rulings[seasonOf{d.Competition, d.Season}]
		season.Deductions = replaceRuling(season.Deductions, d,
			func(other Deduction) bool { return other.Team == d.Team && other.On == d.On })
		r.rulings[seasonOf{d.Competition, d.Season}] = season
	}
	for _, a := range f.Awards {
		errs = append(errs, r.validateRuling(a.Competition, a.Season, a.On, a.Source, a.Home, a.Away),
			a.validateResult())
		season := r.rulings[seasonOf{a.Competition, a.Season}]
		season.Awards = replaceRuling(season.Awards, a,
			func(other Award) bool { return other.Home == a.Home && other.Away == a.Away })
		r.rulings[seasonOf{a.Competition, a.Season}] = season
	}
	for key, season := range r.rulings {
		slices.SortStableFunc(season.Deductions, func(a, b Deduction) int { return cmp.Compare(a.On, b.On) })
		slices.SortStableFunc(season.Awards, func(a, b Award) int { return cmp.Compare(a.On, b.On) })
		r.rulings[key] = season
	}
	return errors.Join(errs...)
}

// replaceRuling returns the list with the ruling in the place of the one that it replaces, or at the end.
func replaceRuling[T any](list []T, ruling T, replaces func(T) bool) []T {
	if i := slices.IndexFunc(list, replaces); i >= 0 {
		list[i] = ruling
		return list
	}
	return append(list, ruling)
}

func (a Award) validateResult() error {
	if a.HomeGoals < 0 || a.AwayGoals < 0 || a.Winner != "" && a.Winner != Home && a.Winner != Away {
		return fmt.Errorf("an award of %s %s: %d-%d, winner %q; want goals, and home, away or no winner", a.Competition,
			a.Season, a.HomeGoals, a.AwayGoals, a.Winner)
	}
	return nil
}

// validateRuling checks what every ruling has: a known competition, teams of its pool, a day and a source.
func (r *Reference) validateRuling(id CompetitionID, season Season, day, source string, teams ...TeamID) error {
	c, ok := r.Competition(id)
	if _, err := time.Parse(time.DateOnly, day); !ok || season == "" || err != nil || source == "" {
		return fmt.Errorf("a ruling of %q, season %q, of day %q by %q: want a known competition, a season, a day as "+
			"in 2010-03-17 and who ruled", id, season, day, source)
	}
	for _, team := range teams {
		if t, ok := r.byID[team]; !ok || t.Pool != c.Pool {
			return fmt.Errorf("a ruling of %s %s: no team %q in pool %q", id, season, team, c.Pool)
		}
	}
	return nil
}
