package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/touchline/touchline/api/resource"
	"github.com/touchline/touchline/schemas/football"
)

type teamRating struct {
	Match   string     `json:"match"`
	At      time.Time  `json:"at"`
	Kickoff *time.Time `json:"kickoff"`
	Attack  float64    `json:"attack"`
	Defence float64    `json:"defence"`
	Elo     float64    `json:"elo"`
	PiHome  float64    `json:"pi_home"`
	PiAway  float64    `json:"pi_away"`
	Played  int32      `json:"played"`
	Points  float64    `json:"points"`
}

type teamDetail struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	Pool    string       `json:"pool"`
	Rating  *teamRating  `json:"rating"` // the newest; null while none is known
	History []teamRating `json:"history"`
}

func (s *Handler) getTeam(ctx context.Context, r *http.Request) (answer, error) {
	if err := refuseUnknownParameters(r, []string{"limit"}); err != nil {
		return answer{}, err
	}
	limit, err := parseLimit(r.URL.Query(), 40, 500)
	if err != nil {
		return answer{}, err
	}
	t, err := s.store.Team(ctx, football.TeamID(r.PathValue("id")))
	if err != nil {
		return answer{}, err
	}
	rows, err := s.store.Ratings(ctx, t.ID, limit)
	if err != nil {
		return answer{}, err
	}
	out := teamDetail{ID: string(t.ID), Name: t.Name, Pool: string(t.Pool), History: make([]teamRating, len(rows))}
	for i, v := range rows {
		out.History[i] = teamRating{
			string(v.Match),
			v.At.UTC(),
			timeInUTC(v.Kickoff),
			resource.Round(v.Attack),
			resource.Round(v.Defence),
			resource.Round(v.Elo),
			resource.Round(v.PiHome),
			resource.Round(v.PiAway),
			v.Played,
			resource.Round(v.Points),
		}
	}
	if len(rows) > 0 {
		out.Rating = &out.History[0]
	}
	return answer{value: out}, nil
}
