package rest

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/touchline/touchline/api/problem"
	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/football"
)

type competitionItem struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Country string   `json:"country"`
	Pool    string   `json:"pool"`
	Level   int32    `json:"level"`
	Seasons []string `json:"seasons"`
}

func (s *Handler) listCompetitions(ctx context.Context, r *http.Request) (answer, error) {
	if err := refuseUnknownParameters(r, nil); err != nil {
		return answer{}, err
	}
	rows, err := s.store.Competitions(ctx)
	if err != nil {
		return answer{}, err
	}
	items := make([]competitionItem, len(rows))
	for i, c := range rows {
		items[i] = competitionItem{string(c.ID), c.Name, c.Country, string(c.Pool), c.Level, c.Seasons}
	}
	return answer{value: listPage{Items: items}}, nil
}

// findSeason returns the competition that a request names, and its season: the newest where it names none.
func (s *Handler) findSeason(ctx context.Context, r *http.Request) (readmodel.Competition, string, error) {
	c, err := s.store.Competition(ctx, football.CompetitionID(r.PathValue("id")))
	if err != nil {
		return c, "", err
	}
	season := r.URL.Query().Get("season")
	if season == "" && len(c.Seasons) > 0 {
		season = c.Seasons[0]
	}
	if season != "" && !slices.Contains(c.Seasons, season) {
		return c, "", problem.NotFound("competition %q has no season %q; it has %s", c.ID, season,
			textOrNone(strings.Join(c.Seasons, ", ")))
	}
	return c, season, nil
}
