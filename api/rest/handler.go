package rest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/touchline/touchline/projections/cache"
	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Config holds the settings of the HTTP side. Zero values mean the defaults.
type Config struct {
	// CacheEntries is how many latest forecasts this process keeps. Default 1,000.
	CacheEntries int
	// CacheTTL is how long it keeps them at most. Default 5 min.
	CacheTTL time.Duration
	// DefaultModel is the name of the model that answers when a request names none: the version of it that is served.
	// Default: the first by id that forecast the match.
	DefaultModel string
	// Timeout is how long a request may take. Default 10 s.
	Timeout time.Duration
}

func (c Config) withDefaults() Config {
	c.CacheEntries = cmp.Or(c.CacheEntries, 1000)
	c.CacheTTL = cmp.Or(c.CacheTTL, 5*time.Minute)
	c.Timeout = cmp.Or(c.Timeout, 10*time.Second)
	return c
}

// Probe is a dependency that must answer before this process is ready.
type Probe struct {
	Name  string
	Check func(context.Context) error
}

// Handler serves the read models. It is safe for concurrent use.
type Handler struct {
	cfg       Config
	store     *readmodel.Store
	forecasts *forecasts
	probes    []Probe
	logger    *slog.Logger
	metrics   *metrics
	openapi   []byte
}

// Route is a pattern of the mux and what serves it.
type Route struct {
	Pattern string // "GET /v1/matches/{id}"
	Handler http.HandlerFunc
}

// New returns a handler. redis may be nil; openapi is the document that /v1/openapi.yaml serves.
func New(cfg Config, store *readmodel.Store, redis *cache.Reader, serde *wire.Serde, probes []Probe, openapi []byte,
	logger *slog.Logger, registerer prometheus.Registerer) (*Handler, error) {
	metrics, err := newMetrics(registerer)
	if err != nil {
		return nil, fmt.Errorf("rest: %w", err)
	}
	cfg = cfg.withDefaults()
	return &Handler{cfg: cfg, store: store, forecasts: newForecasts(cfg, store, redis, serde, metrics), probes: probes, logger: logger,
		metrics: metrics, openapi: openapi}, nil
}

// Routes lists what the handler serves.
func (s *Handler) Routes() []Route {
	routes := []Route{
		{"GET /v1/competitions", s.answer(s.competitions)},
		{"GET /v1/competitions/{id}/matches", s.answer(s.competitionMatches)},
		{"GET /v1/competitions/{id}/table", s.answer(s.table)},
		{"GET /v1/competitions/{id}/outlook", s.answer(s.outlook)},
		{"GET /v1/matches/{id}", s.answer(s.match)},
		{"GET /v1/matches/{id}/events", s.answer(s.events)},
		{"GET /v1/matches/{id}/prediction", s.answer(s.prediction)},
		{"GET /v1/matches/{id}/predictions", s.answer(s.predictions)},
		{"GET /v1/matches/{id}/markets", s.answer(s.markets)},
		{"GET /v1/teams/{id}", s.answer(s.team)},
		{"GET /v1/models", s.answer(s.models)},
		{"GET /v1/openapi.yaml", s.document},
		{"GET /healthz", Alive},
		{"GET /readyz", Ready(s.probes)},
	}
	for i, r := range routes {
		routes[i].Handler = s.observed(strings.TrimPrefix(r.Pattern, "GET "), r.Handler)
	}
	return routes
}

// Observe takes a forecast from the tail of the log, so that this process never serves an older one afterwards.
func (s *Handler) Observe(position wire.Position, match football.MatchID, model string, frame []byte) {
	s.forecasts.observe(position, match, model, frame)
}

// body is what a resource answers: a value for JSON, and the entity tag if it has a cheaper one than a hash.
type body struct {
	value any
	tag   string
}

// answer turns a resource into a handler: JSON, entity tag, problems.
func (s *Handler) answer(resource func(context.Context, *http.Request) (body, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), s.cfg.Timeout)
		defer cancel()
		b, err := resource(ctx, r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		var encoded []byte
		if b.tag == "" {
			if encoded, err = json.Marshal(b.value); err != nil {
				s.fail(w, r, err)
				return
			}
			sum := sha256.Sum256(encoded)
			b.tag = hex.EncodeToString(sum[:12])
		}
		tag := `"` + b.tag + `"`
		w.Header().Set("ETag", tag)
		w.Header().Set("Cache-Control", "no-cache") // may be kept, must be asked about
		if matches(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		if encoded == nil {
			if encoded, err = json.Marshal(b.value); err != nil {
				s.fail(w, r, err)
				return
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(append(encoded, '\n'))
	}
}

// matches reports whether an If-None-Match header names the tag.
func matches(header, tag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || strings.TrimPrefix(candidate, "W/") == tag {
			return true
		}
	}
	return false
}

func (s *Handler) document(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	w.Write(s.openapi)
}

// defaultModel is the model that answers when a request names none: the configured one, or the first that forecast the match.
func (s *Handler) defaultModel(ctx context.Context, match football.MatchID) (string, error) {
	if s.cfg.DefaultModel != "" {
		return s.cfg.DefaultModel, nil
	}
	models, err := s.store.ModelsOf(ctx, match)
	if err != nil {
		return "", err
	}
	if len(models) == 0 {
		return "", notFound("there is no forecast of match %q", match)
	}
	return models[0], nil
}
