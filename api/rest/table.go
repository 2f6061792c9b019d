package rest

import (
	"context"
	"net/http"

	"github.com/touchline/touchline/api/resource"
	"github.com/touchline/touchline/schemas/football"
)

type tableRow struct {
	Position       int64         `json:"position"`
	Team           resource.Team `json:"team"`
	Played         int64         `json:"played"`
	Won            int64         `json:"won"`
	Drawn          int64         `json:"drawn"`
	Lost           int64         `json:"lost"`
	GoalsFor       int64         `json:"goals_for"`
	GoalsAgainst   int64         `json:"goals_against"`
	GoalDifference int64         `json:"goal_difference"`
	Points         int64         `json:"points"`
}

type leagueTable struct {
	Competition string     `json:"competition"`
	Season      string     `json:"season"`
	Rows        []tableRow `json:"rows"`
}

func (s *Handler) getTable(ctx context.Context, r *http.Request) (answer, error) {
	if err := refuseUnknownParameters(r, []string{"season"}); err != nil {
		return answer{}, err
	}
	c, season, err := s.findSeason(ctx, r)
	if err != nil {
		return answer{}, err
	}
	rows, err := s.store.Table(ctx, c.ID, football.Season(season))
	if err != nil {
		return answer{}, err
	}
	out := leagueTable{Competition: string(c.ID), Season: season, Rows: make([]tableRow, len(rows))}
	for i, t := range rows {
		out.Rows[i] = tableRow{
			t.Position,
			resource.Team{ID: string(t.Team), Name: t.Name},
			t.Played,
			t.Won,
			t.Drawn,
			t.Lost,
			t.GoalsFor,
			t.GoalsAgainst,
			t.GoalDifference,
			t.Points,
		}
	}
	return answer{value: out}, nil
}
