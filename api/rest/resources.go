package rest

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/touchline/touchline/api/resource"
	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// page is a part of a list, and the cursor of the next part.
type page struct {
	Items any    `json:"items"`
	Next  string `json:"next,omitempty"`
}

type competition struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Country string   `json:"country"`
	Pool    string   `json:"pool"`
	Level   int32    `json:"level"`
	Seasons []string `json:"seasons"`
}

func (s *Handler) competitions(ctx context.Context, r *http.Request) (body, error) {
	if err := only(r, nil); err != nil {
		return body{}, err
	}
	rows, err := s.store.Competitions(ctx)
	if err != nil {
		return body{}, err
	}
	items := make([]competition, len(rows))
	for i, c := range rows {
		items[i] = competition{string(c.ID), c.Name, c.Country, string(c.Pool), c.Level, c.Seasons}
	}
	return body{value: page{Items: items}}, nil
}

var phases = []football.Phase{football.PreMatch, football.InPlay, football.HalfTime, football.Settled, football.Postponed}

func (s *Handler) competitionMatches(ctx context.Context, r *http.Request) (body, error) {
	if err := only(r, []string{"season", "status", "from", "to", "order", "limit", "cursor"}); err != nil {
		return body{}, err
	}
	id := football.CompetitionID(r.PathValue("id"))
	query := r.URL.Query()
	q := readmodel.MatchQuery{Competition: id, Season: football.Season(query.Get("season"))}
	for _, status := range strings.FieldsFunc(query.Get("status"), func(r rune) bool { return r == ',' }) {
		if !slices.Contains(phases, football.Phase(status)) {
			return body{}, badParameter("status", "status %q is none of pre-match, in-play, half-time, settled, postponed", status)
		}
		q.Status = append(q.Status, football.Phase(status))
	}
	var err error
	if q.From, err = instant(query, "from"); err != nil {
		return body{}, err
	}
	if q.To, err = instant(query, "to"); err != nil {
		return body{}, err
	}
	switch order := query.Get("order"); order {
	case "", "kickoff":
	case "-kickoff":
		q.Descending = true
	default:
		return body{}, badParameter("order", "order %q is neither kickoff nor -kickoff", order)
	}
	limit, err := limit(query, 50, 500)
	if err != nil {
		return body{}, err
	}
	if q.After, err = cursor[readmodel.MatchKey](query); err != nil {
		return body{}, err
	}
	q.Limit = limit + 1
	if _, err := s.store.Competition(ctx, id); err != nil {
		return body{}, err
	}
	rows, err := s.store.Matches(ctx, q)
	if err != nil {
		return body{}, err
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = cursorOf(rows[limit-1].Key())
	}
	items := make([]resource.Match, len(rows))
	for i, m := range rows {
		items[i] = resource.OfMatch(m)
	}
	return body{value: page{items, next}}, nil
}

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

func (s *Handler) table(ctx context.Context, r *http.Request) (body, error) {
	if err := only(r, []string{"season"}); err != nil {
		return body{}, err
	}
	c, season, err := s.seasonOf(ctx, r)
	if err != nil {
		return body{}, err
	}
	rows, err := s.store.Table(ctx, c.ID, football.Season(season))
	if err != nil {
		return body{}, err
	}
	out := leagueTable{Competition: string(c.ID), Season: season, Rows: make([]tableRow, len(rows))}
	for i, t := range rows {
		out.Rows[i] = tableRow{t.Position, resource.Team{ID: string(t.Team), Name: t.Name}, t.Played, t.Won, t.Drawn, t.Lost, t.GoalsFor,
			t.GoalsAgainst, t.GoalDifference, t.Points}
	}
	return body{value: out}, nil
}

// seasonOf returns the competition that a request names, and its season: the newest where it names none.
func (s *Handler) seasonOf(ctx context.Context, r *http.Request) (readmodel.Competition, string, error) {
	c, err := s.store.Competition(ctx, football.CompetitionID(r.PathValue("id")))
	if err != nil {
		return c, "", err
	}
	season := r.URL.Query().Get("season")
	if season == "" && len(c.Seasons) > 0 {
		season = c.Seasons[0]
	}
	if season != "" && !slices.Contains(c.Seasons, season) {
		return c, "", notFound("competition %q has no season %q; it has %s", c.ID, season, orNone(strings.Join(c.Seasons, ", ")))
	}
	return c, season, nil
}

func (s *Handler) outlook(ctx context.Context, r *http.Request) (body, error) {
	if err := only(r, []string{"season", "as_of"}); err != nil {
		return body{}, err
	}
	asOf, err := instant(r.URL.Query(), "as_of")
	if err != nil {
		return body{}, err
	}
	c, season, err := s.seasonOf(ctx, r)
	if err != nil {
		return body{}, err
	}
	o, err := s.store.Outlook(ctx, c.ID, football.Season(season), asOf)
	if err != nil {
		return body{}, err
	}
	return body{value: resource.OfOutlook(string(c.ID), &o)}, nil
}

func (s *Handler) match(ctx context.Context, r *http.Request) (body, error) {
	if err := only(r, nil); err != nil {
		return body{}, err
	}
	m, err := s.knownMatch(ctx, r)
	return body{value: resource.OfMatch(m)}, err
}

func (s *Handler) knownMatch(ctx context.Context, r *http.Request) (readmodel.Match, error) {
	id := football.MatchID(r.PathValue("id"))
	if err := id.Validate(); err != nil {
		return readmodel.Match{}, badParameter("id", "%s", err)
	}
	return s.store.Match(ctx, id)
}

func (s *Handler) events(ctx context.Context, r *http.Request) (body, error) {
	if err := only(r, []string{"limit", "cursor"}); err != nil {
		return body{}, err
	}
	limit, err := limit(r.URL.Query(), 200, 1000)
	if err != nil {
		return body{}, err
	}
	after, err := cursor[int64](r.URL.Query())
	if err != nil {
		return body{}, err
	}
	m, err := s.knownMatch(ctx, r)
	if err != nil {
		return body{}, err
	}
	rows, err := s.store.Events(ctx, m.ID, orZero(after), limit+1)
	if err != nil {
		return body{}, err
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = cursorOf(rows[limit-1].Sequence)
	}
	items := make([]resource.Event, len(rows))
	for i, e := range rows {
		items[i] = resource.Event{Match: string(m.ID), Sequence: e.Sequence, Kind: e.Kind, At: e.At.UTC(), Source: e.Source, Body: e.Body}
	}
	return body{value: page{items, next}}, nil
}

func (s *Handler) prediction(ctx context.Context, r *http.Request) (body, error) {
	if err := only(r, []string{"model", "as_of"}); err != nil {
		return body{}, err
	}
	asOf, err := instant(r.URL.Query(), "as_of")
	if err != nil {
		return body{}, err
	}
	match, model, err := s.matchAndModel(ctx, r)
	if err != nil {
		return body{}, err
	}
	if !asOf.IsZero() {
		d, err := s.store.AsOf(ctx, match, model, asOf)
		return body{value: resource.OfDigest(d)}, err
	}
	p, position, err := s.forecasts.latest(ctx, match, model)
	if err != nil {
		return body{}, err
	}
	return body{value: resource.OfPrediction(p, false), tag: tagOf(model, position)}, nil
}

// tagOf is the entity tag of what follows from a forecast alone.
func tagOf(model string, position wire.Position) string {
	return model + "-" + strings.ReplaceAll(position.String(), "/", "-")
}

func (s *Handler) markets(ctx context.Context, r *http.Request) (body, error) {
	if err := only(r, []string{"model"}); err != nil {
		return body{}, err
	}
	match, model, err := s.matchAndModel(ctx, r)
	if err != nil {
		return body{}, err
	}
	p, position, err := s.forecasts.latest(ctx, match, model)
	if err != nil {
		return body{}, err
	}
	book, ok := grid.BookOf(p)
	if !ok {
		return body{}, notFound("model %q has no score grid for match %q, so no markets", model, match)
	}
	return body{value: resource.OfBook(p, &book), tag: tagOf(model, position)}, nil
}

func (s *Handler) predictions(ctx context.Context, r *http.Request) (body, error) {
	if err := only(r, []string{"model", "limit", "cursor"}); err != nil {
		return body{}, err
	}
	limit, err := limit(r.URL.Query(), 200, 1000)
	if err != nil {
		return body{}, err
	}
	after, err := cursor[int64](r.URL.Query())
	if err != nil {
		return body{}, err
	}
	match, model, err := s.matchAndModel(ctx, r)
	if err != nil {
		return body{}, err
	}
	rows, err := s.store.History(ctx, match, model, orZero(after), limit+1)
	if err != nil {
		return body{}, err
	}
	if len(rows) == 0 && after == nil {
		return body{}, notFound("there is no forecast of match %q by model %q", match, model)
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = cursorOf(rows[limit-1].Sequence)
	}
	items := make([]resource.Prediction, len(rows))
	for i, d := range rows {
		items[i] = resource.OfDigest(d)
	}
	return body{value: page{items, next}}, nil
}

func (s *Handler) matchAndModel(ctx context.Context, r *http.Request) (football.MatchID, string, error) {
	match := football.MatchID(r.PathValue("id"))
	if err := match.Validate(); err != nil {
		return "", "", badParameter("id", "%s", err)
	}
	model := r.URL.Query().Get("model")
	if len(model) > 100 || strings.ContainsAny(model, "~{} \x00") {
		return "", "", badParameter("model", "model %q is not a model's id", model)
	}
	if model == "" {
		var err error
		if model, err = s.defaultModel(ctx, match); err != nil {
			return "", "", err
		}
	}
	return match, model, nil
}

type rating struct {
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

type team struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Pool    string   `json:"pool"`
	Rating  *rating  `json:"rating"` // the newest; null while none is known
	History []rating `json:"history"`
}

func (s *Handler) team(ctx context.Context, r *http.Request) (body, error) {
	if err := only(r, []string{"limit"}); err != nil {
		return body{}, err
	}
	limit, err := limit(r.URL.Query(), 40, 500)
	if err != nil {
		return body{}, err
	}
	t, err := s.store.Team(ctx, football.TeamID(r.PathValue("id")))
	if err != nil {
		return body{}, err
	}
	rows, err := s.store.Ratings(ctx, t.ID, limit)
	if err != nil {
		return body{}, err
	}
	out := team{ID: string(t.ID), Name: t.Name, Pool: string(t.Pool), History: make([]rating, len(rows))}
	for i, v := range rows {
		out.History[i] = rating{string(v.Match), v.At.UTC(), utc(v.Kickoff), resource.Round(v.Attack), resource.Round(v.Defence), resource.Round(v.Elo),
			resource.Round(v.PiHome), resource.Round(v.PiAway), v.Played, resource.Round(v.Points)}
	}
	if len(rows) > 0 {
		out.Rating = &out.History[0]
	}
	return body{value: out}, nil
}

type bin struct {
	From     float64 `json:"from"`
	To       float64 `json:"to"`
	N        int64   `json:"n"`
	Forecast float64 `json:"forecast"`
	Happened float64 `json:"happened"`
}

type quality struct {
	Checkpoint  string  `json:"checkpoint"`
	N           int64   `json:"n"`
	RPS         float64 `json:"rps"`
	LogLoss     float64 `json:"log_loss"`
	Brier       float64 `json:"brier"`
	Calibration []bin   `json:"calibration"`
}

type model struct {
	ID          string     `json:"id"`
	Version     int32      `json:"version"`
	Status      string     `json:"status"`
	Share       float64    `json:"share"`
	Kind        string     `json:"kind"`
	Digest      string     `json:"digest"`
	Note        string     `json:"note"`
	ChangedAt   *time.Time `json:"changed_at"`
	Evaluations []quality  `json:"evaluations"`
}

// models lists each version of each model under the name by which it forecasts, and what forecasts without being registered.
func (s *Handler) models(ctx context.Context, r *http.Request) (body, error) {
	if err := only(r, []string{"competition", "season"}); err != nil {
		return body{}, err
	}
	query := r.URL.Query()
	items, err := s.registered(ctx)
	if err != nil {
		return body{}, err
	}
	forecasters, err := s.store.Forecasters(ctx)
	if err != nil {
		return body{}, err
	}
	for _, id := range forecasters {
		if slices.ContainsFunc(items, func(m model) bool { return m.ID == id }) {
			continue
		}
		other := model{ID: id, Status: "unregistered"}
		for _, m := range items { // a champion speaks as a shadow of the matches that its challenger serves
			if name, shadow := football.ModelName(m.ID); !shadow && football.ShadowID(name, m.Version) == id {
				other = m
				other.ID = id
			}
		}
		items = append(items, other)
	}
	means, bins, err := s.store.Quality(ctx, football.CompetitionID(query.Get("competition")), football.Season(query.Get("season")))
	if err != nil {
		return body{}, err
	}
	for i := range items {
		items[i].Evaluations = qualityOf(items[i].ID, means, bins)
	}
	slices.SortStableFunc(items, func(a, b model) int { return cmp.Compare(a.ID, b.ID) })
	return body{value: page{Items: items}}, nil
}

// registered folds what was said of models, as the line does.
func (s *Handler) registered(ctx context.Context) ([]model, error) {
	facts, offsets, err := s.store.ModelFacts(ctx)
	if err != nil {
		return nil, err
	}
	ledger, last := predict.NewLedger(predict.Live()...), map[string]*football.ModelFact{}
	for i, fact := range facts {
		if ledger.Apply(offsets[i], fact) == nil { // what does not apply changes nothing
			last[football.ShadowID(fact.ID, fact.Version)] = fact
		}
	}
	var items []model
	for _, v := range ledger.Newest().Standings() {
		id := football.ShadowID(v.Name, v.Version)
		m := model{ID: id, Version: v.Version, Status: string(v.Status), Share: v.Share, Kind: v.Kind, Digest: v.Digest}
		if fact := last[id]; fact != nil {
			at := fact.At.Time()
			m.Note, m.ChangedAt = fact.Note, utc(&at)
		}
		if v.Status == football.ModelPromoted {
			m.ID = v.Name
		}
		items = append(items, m)
	}
	return items, nil
}

func qualityOf(id string, means []readmodel.Quality, bins []readmodel.Bin) []quality {
	out := []quality{}
	for _, q := range means {
		if q.Model != id {
			continue
		}
		entry := quality{Checkpoint: q.Checkpoint, N: q.N, RPS: resource.Round(q.RPS), LogLoss: resource.Round(q.LogLoss),
			Brier: resource.Round(q.Brier), Calibration: []bin{}}
		for _, b := range bins {
			if b.Model == id && b.Checkpoint == q.Checkpoint {
				entry.Calibration = append(entry.Calibration, bin{resource.Round(float64(b.Bin) / 20), resource.Round(float64(b.Bin+1) / 20), b.N,
					resource.Round(b.Forecast), resource.Round(b.Happened)})
			}
		}
		out = append(out, entry)
	}
	return out
}

// only refuses parameters that a resource does not know: a misspelt filter must not look like an answer.
func only(r *http.Request, known []string) error {
	for name := range r.URL.Query() {
		if !slices.Contains(known, name) {
			return badParameter(name, "there is no parameter %q here; there is %s", name, orNone(strings.Join(known, ", ")))
		}
	}
	return nil
}

func limit(query url.Values, usual, most int) (int, error) {
	text := query.Get("limit")
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, badParameter("limit", "limit %q is not a number from 1 to %d", text, most)
	}
	return n, nil
}

// instant reads an RFC 3339 instant, or a day, which means its first moment in UTC.
func instant(query url.Values, name string) (time.Time, error) {
	text := query.Get(name)
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, badParameter(name, "%s %q is neither an instant like 2015-08-15T15:00:00Z nor a day like 2015-08-15", name, text)
}

func cursorOf(key any) string {
	text, _ := json.Marshal(key) // keys are numbers, strings and times: they encode
	return base64.RawURLEncoding.EncodeToString(text)
}

func cursor[T any](query url.Values) (*T, error) {
	text := query.Get("cursor")
	if text == "" {
		return nil, nil
	}
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	var key T
	if err == nil {
		err = json.Unmarshal(decoded, &key)
	}
	if err != nil {
		return nil, badParameter("cursor", "the cursor is not one that this list gave as next")
	}
	return &key, nil
}

func orZero(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}
