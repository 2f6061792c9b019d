package rest

import (
	"context"
	"net/http"
	"strings"

	"github.com/touchline/touchline/api/problem"
	"github.com/touchline/touchline/api/resource"
	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

func (s *Handler) getPrediction(ctx context.Context, r *http.Request) (answer, error) {
	if err := refuseUnknownParameters(r, []string{"model", "as_of"}); err != nil {
		return answer{}, err
	}
	asOf, err := parseInstant(r.URL.Query(), "as_of")
	if err != nil {
		return answer{}, err
	}
	match, model, err := s.parseMatchAndModel(ctx, r)
	if err != nil {
		return answer{}, err
	}
	if !asOf.IsZero() {
		d, err := s.store.AsOf(ctx, match, model, asOf)
		return answer{value: resource.OfDigest(d)}, err
	}
	p, position, err := s.forecasts.latestForecast(ctx, match, model)
	if err != nil {
		return answer{}, err
	}
	return answer{value: resource.OfPrediction(p, false), tag: forecastTag(model, position)}, nil
}

// forecastTag is the entity tag of what follows from a forecast alone.
func forecastTag(model string, position wire.Position) string {
	return model + "-" + strings.ReplaceAll(position.String(), "/", "-")
}

func (s *Handler) getMarkets(ctx context.Context, r *http.Request) (answer, error) {
	if err := refuseUnknownParameters(r, []string{"model"}); err != nil {
		return answer{}, err
	}
	match, model, err := s.parseMatchAndModel(ctx, r)
	if err != nil {
		return answer{}, err
	}
	p, position, err := s.forecasts.latestForecast(ctx, match, model)
	if err != nil {
		return answer{}, err
	}
	book, ok := grid.BookOf(p)
	if !ok {
		return answer{}, problem.NotFound("model %q has no score grid for match %q, so no markets", model, match)
	}
	return answer{value: resource.OfBook(p, &book), tag: forecastTag(model, position)}, nil
}

func (s *Handler) listPredictions(ctx context.Context, r *http.Request) (answer, error) {
	if err := refuseUnknownParameters(r, []string{"model", "limit", "cursor"}); err != nil {
		return answer{}, err
	}
	limit, err := parseLimit(r.URL.Query(), 200, 1000)
	if err != nil {
		return answer{}, err
	}
	after, err := parseListCursor[int64](r.URL.Query())
	if err != nil {
		return answer{}, err
	}
	match, model, err := s.parseMatchAndModel(ctx, r)
	if err != nil {
		return answer{}, err
	}
	rows, err := s.store.History(ctx, match, model, valueOrZero(after), limit+1)
	if err != nil {
		return answer{}, err
	}
	if len(rows) == 0 && after == nil {
		return answer{}, problem.NotFound("there is no forecast of match %q by model %q", match, model)
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = formatListCursor(rows[limit-1].Sequence)
	}
	items := make([]resource.Prediction, len(rows))
	for i, d := range rows {
		items[i] = resource.OfDigest(d)
	}
	return answer{value: listPage{items, next}}, nil
}

func (s *Handler) parseMatchAndModel(ctx context.Context, r *http.Request) (football.MatchID, string, error) {
	match := football.MatchID(r.PathValue("id"))
	if err := match.Validate(); err != nil {
		return "", "", problem.BadParameter("id", "%s", err)
	}
	model := r.URL.Query().Get("model")
	if len(model) > 100 || strings.ContainsAny(model, "~{} \x00") {
		return "", "", problem.BadParameter("model", "model %q is not a model's id", model)
	}
	if model == "" {
		var err error
		if model, err = s.findDefaultModel(ctx, match); err != nil {
			return "", "", err
		}
	}
	return match, model, nil
}
