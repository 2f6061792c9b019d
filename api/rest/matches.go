package rest

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/touchline/touchline/api/problem"
	"github.com/touchline/touchline/api/resource"
	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/football"
)

var phases = []football.Phase{
	football.PreMatch,
	football.InPlay,
	football.HalfTime,
	football.Settled,
	football.Postponed,
}

func (s *Handler) listMatches(ctx context.Context, r *http.Request) (answer, error) {
	if err := refuseUnknownParameters(
		r,
		[]string{"season", "status", "from", "to", "order", "limit", "cursor"},
	); err != nil {
		return answer{}, err
	}
	id := football.CompetitionID(r.PathValue("id"))
	query := r.URL.Query()
	q := readmodel.MatchQuery{Competition: id, Season: football.Season(query.Get("season"))}
	for _, status := range strings.FieldsFunc(query.Get("status"), func(r rune) bool { return r == ',' }) {
		if !slices.Contains(phases, football.Phase(status)) {
			return answer{}, problem.BadParameter("status",
				"status %q is none of pre-match, in-play, half-time, settled, postponed", status)
		}
		q.Status = append(q.Status, football.Phase(status))
	}
	var err error
	if q.From, err = parseInstant(query, "from"); err != nil {
		return answer{}, err
	}
	if q.To, err = parseInstant(query, "to"); err != nil {
		return answer{}, err
	}
	switch order := query.Get("order"); order {
	case "", "kickoff":
	case "-kickoff":
		q.Descending = true
	default:
		return answer{}, problem.BadParameter("order", "order %q is neither kickoff nor -kickoff", order)
	}
	limit, err := parseLimit(query, 50, 500)
	if err != nil {
		return answer{}, err
	}
	if q.After, err = parseListCursor[readmodel.MatchKey](query); err != nil {
		return answer{}, err
	}
	q.Limit = limit + 1
	if _, err := s.store.Competition(ctx, id); err != nil {
		return answer{}, err
	}
	rows, err := s.store.Matches(ctx, q)
	if err != nil {
		return answer{}, err
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = formatListCursor(rows[limit-1].Key())
	}
	items := make([]resource.Match, len(rows))
	for i, m := range rows {
		items[i] = resource.OfMatch(m)
	}
	return answer{value: listPage{items, next}}, nil
}

func (s *Handler) getMatch(ctx context.Context, r *http.Request) (answer, error) {
	if err := refuseUnknownParameters(r, nil); err != nil {
		return answer{}, err
	}
	m, err := s.findMatch(ctx, r)
	return answer{value: resource.OfMatch(m)}, err
}

func (s *Handler) findMatch(ctx context.Context, r *http.Request) (readmodel.Match, error) {
	id := football.MatchID(r.PathValue("id"))
	if err := id.Validate(); err != nil {
		return readmodel.Match{}, problem.BadParameter("id", "%s", err)
	}
	return s.store.Match(ctx, id)
}

func (s *Handler) listEvents(ctx context.Context, r *http.Request) (answer, error) {
	if err := refuseUnknownParameters(r, []string{"limit", "cursor"}); err != nil {
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
	m, err := s.findMatch(ctx, r)
	if err != nil {
		return answer{}, err
	}
	rows, err := s.store.Events(ctx, m.ID, valueOrZero(after), limit+1)
	if err != nil {
		return answer{}, err
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = formatListCursor(rows[limit-1].Sequence)
	}
	items := make([]resource.Event, len(rows))
	for i, e := range rows {
		items[i] = resource.Event{
			Match:    string(m.ID),
			Sequence: e.Sequence,
			Kind:     e.Kind,
			At:       e.At.UTC(),
			Source:   e.Source,
			Body:     e.Body,
		}
	}
	return answer{value: listPage{items, next}}, nil
}
