package rest

import (
	"context"
	"net/http"

	"github.com/touchline/touchline/api/resource"
	"github.com/touchline/touchline/processors/standings"
	"github.com/touchline/touchline/schemas/football"
)

type tableRow struct {
	Position       int           `json:"position"`
	Team           resource.Team `json:"team"`
	Played         int32         `json:"played"`
	Won            int32         `json:"won"`
	Drawn          int32         `json:"drawn"`
	Lost           int32         `json:"lost"`
	GoalsFor       int32         `json:"goals_for"`
	GoalsAgainst   int32         `json:"goals_against"`
	GoalDifference int32         `json:"goal_difference"`
	Points         int32         `json:"points"`
	Deducted       int32         `json:"deducted"`
}

type leagueTable struct {
	Competition string     `json:"competition"`
	Season      string     `json:"season"`
	Rows        []tableRow `json:"rows"`
}

// byGoals is how a table is made whose rules are not known: every match counts, three points for a win.
var byGoals = football.SeasonRules{Order: []football.Criterion{football.GoalDifference, football.GoalsFor}}

func (s *Handler) getTable(ctx context.Context, r *http.Request) (answer, error) {
	if err := refuseUnknownParameters(r, []string{"season"}); err != nil {
		return answer{}, err
	}
	c, season, err := s.findSeason(ctx, r)
	if err != nil {
		return answer{}, err
	}
	results, err := s.store.Results(ctx, c.ID, football.Season(season))
	if err != nil {
		return answer{}, err
	}
	matches, names := make([]standings.Match, len(results)), map[football.TeamID]string{}
	for i, m := range results {
		matches[i] = standings.Match{Home: m.Home, Away: m.Away, HomeGoals: m.HomeGoals, AwayGoals: m.AwayGoals}
		names[m.Home], names[m.Away] = m.HomeName, m.AwayName
	}
	rules, ok := s.reference.Rules(c.ID, football.Season(season))
	if !ok {
		rules = byGoals
	}
	rows := standings.MakeTable(rules, s.reference.Rulings(c.ID, football.Season(season)), matches)
	out := leagueTable{Competition: string(c.ID), Season: season, Rows: make([]tableRow, len(rows))}
	for i, t := range rows {
		out.Rows[i] = tableRow{
			t.Position,
			resource.Team{ID: string(t.Team), Name: names[t.Team]},
			t.Played,
			t.Won,
			t.Drawn,
			t.Lost,
			t.GoalsFor,
			t.GoalsAgainst,
			t.GoalDifference(),
			t.Points,
			t.Deducted,
		}
	}
	return answer{value: out}, nil
}
