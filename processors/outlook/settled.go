package outlook

import (
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// settledTable returns the table of a season's results and of what was ruled. A team that a ruling puts below all
// others keeps its place: such rulings came after the season, when there was nothing left to simulate.
func settledTable(season *Season, rulings football.Rulings) *table {
	t := &table{teams: len(season.Teams)}
	for _, r := range season.Results {
		if _, ok := rulings.Award(season.Teams[r.Home], season.Teams[r.Away]); !ok {
			t.enterScore(int(r.Home), int(r.Away), result{r.HomeGoals, r.AwayGoals})
		}
	}
	for _, a := range rulings.Awards {
		home, away := slices.Index(season.Teams, a.Home), slices.Index(season.Teams, a.Away)
		if home >= 0 && away >= 0 {
			t.enterAward(home, away, a)
		}
	}
	for _, d := range rulings.Deductions {
		if team := slices.Index(season.Teams, d.Team); team >= 0 {
			t.rows[team].points -= d.Points
		}
	}
	return t
}

// enterAward counts a match as it was awarded. Points that go to one side whatever the goals are no part of
// head-to-head.
func (t *table) enterAward(home, away int, a football.Award) {
	t.enterScore(home, away, result{a.HomeGoals, a.AwayGoals})
	margin, awarded := a.HomeGoals-a.AwayGoals, a.Margin()
	t.rows[home].points += pointsOfMargin(awarded) - pointsOfMargin(margin)
	t.rows[away].points += pointsOfMargin(-awarded) - pointsOfMargin(-margin)
}
