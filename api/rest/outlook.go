package rest

import (
	"context"
	"net/http"

	"github.com/touchline/touchline/api/resource"
	"github.com/touchline/touchline/schemas/football"
)

func (s *Handler) getOutlook(ctx context.Context, r *http.Request) (answer, error) {
	if err := refuseUnknownParameters(r, []string{"season", "as_of"}); err != nil {
		return answer{}, err
	}
	asOf, err := parseInstant(r.URL.Query(), "as_of")
	if err != nil {
		return answer{}, err
	}
	c, season, err := s.findSeason(ctx, r)
	if err != nil {
		return answer{}, err
	}
	o, err := s.store.Outlook(ctx, c.ID, football.Season(season), asOf)
	if err != nil {
		return answer{}, err
	}
	return answer{value: resource.OfOutlook(string(c.ID), &o)}, nil
}
