package outlook_test

import (
	"slices"
	"testing"

	"github.com/touchline/touchline/processors/features"
	"github.com/touchline/touchline/processors/features/featurestest"
	"github.com/touchline/touchline/processors/outlook"
	"github.com/touchline/touchline/schemas/football"
)

// TestPastTablesEndAsTheyDid: clubs that were level on points stand in the order in which history has them, from the
// first of the positions on.
func TestPastTablesEndAsTheyDid(t *testing.T) {
	for _, tt := range []struct {
		name        string
		competition string
		year        int // in which the season began
		first       int
		clubs       []football.TeamID
	}{
		{"goal difference", "E0", 2011, 1, []football.TeamID{"man-city", "man-united"}},
		{"goal difference", "E0", 2019, 3, []football.TeamID{"man-united", "chelsea"}},
		{"goal difference", "D1", 2015, 6, []football.TeamID{"mainz", "hertha"}},
		{"goals, after an equal difference", "F1", 2005, 9, []football.TeamID{"paris-sg", "monaco"}},
		{"head-to-head, against the goal difference", "SP1", 2006, 1, []football.TeamID{"real-madrid", "barcelona"}},
		{"head-to-head, against the goal difference", "SP1", 2018, 5, []football.TeamID{"getafe", "sevilla"}},
		{"goal difference, after an equal head-to-head", "SP1", 2019, 3, []football.TeamID{"ath-madrid", "sevilla"}},
		{"goal difference, after an equal head-to-head", "I1", 2010, 4, []football.TeamID{"udinese", "lazio"}},
		{"head-to-head", "I1", 2018, 3, []football.TeamID{"atalanta", "inter"}},
	} {
		table := final(t, tt.competition, tt.year)
		got := table[tt.first-1 : tt.first-1+len(tt.clubs)]
		var names []football.TeamID
		for _, team := range got {
			names = append(names, team.Team)
			if team.Points != got[0].Points {
				t.Errorf("%s %d: %s has %d points, %s %d: nothing is tried", tt.competition, tt.year, team.Team,
					team.Points, got[0].Team, got[0].Points)
			}
		}
		if !slices.Equal(names, tt.clubs) {
			t.Errorf("%s, %s %d: got %v from position %d on, want %v", tt.name, tt.competition, tt.year, names,
				tt.first, tt.clubs)
		}
	}
}

// final returns the table of a season that is over.
func final(t *testing.T, competition string, year int) []football.TeamOutlook {
	t.Helper()
	stage, view := features.New(features.Config{}), featurestest.NewView()
	table, over := outlook.New(outlook.Config{Seasons: 1}), featurestest.NewView()
	var last *football.Outlook
	for _, e := range featurestest.History(featurestest.Load(t, []string{competition}, year, year)) {
		for _, out := range stage.Step(view, e) {
			for _, o := range table.Step(over, out.(*football.MatchFeatures)) {
				last = o.(*football.Outlook)
			}
		}
	}
	if last == nil || last.Remaining != 0 {
		t.Fatalf("%s %d did not end: %+v", competition, year, last)
	}
	return last.Teams
}
