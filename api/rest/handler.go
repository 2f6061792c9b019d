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

	"github.com/touchline/touchline/api/gate"
	"github.com/touchline/touchline/api/problem"
	"github.com/touchline/touchline/api/resource"
	"github.com/touchline/touchline/projections/cache"
	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Config holds the settings of the HTTP side. Zero values mean the defaults.
type Config struct {
	// CacheEntries is how many latest forecasts this process keeps. Default 1,000; below 0 it keeps none.
	CacheEntries int
	// CacheTTL is how long it keeps them at most. Default 5 min.
	CacheTTL time.Duration
	// DefaultModel is the name of the model that answers when a request names none: the version of it that is served.
	// Default: the first by id that forecast the match.
	DefaultModel string
	// Timeout is how long a request may take. Default 10 s.
	Timeout time.Duration
}

func (c Config) withReadDefaults() Config {
	c.CacheEntries = cmp.Or(c.CacheEntries, 1000)
	c.CacheTTL = cmp.Or(c.CacheTTL, 5*time.Minute)
	c.Timeout = cmp.Or(c.Timeout, 10*time.Second)
	return c
}

// Probe is a dependency that must answer before this process is ready.
type Probe struct {
	Name  string
	Check func(context.Context) error

	// Report returns what a person should know of a part that is ready, as lines; "" is nothing. Nil: never anything.
	Report func() string
}

// Handler serves the read models. It is safe for concurrent use.
type Handler struct {
	cfg       Config
	store     *readmodel.Store
	reference *football.Reference
	forecasts *forecastCache
	probes    []Probe
	logger    *slog.Logger
	metrics   *readMetrics
	openapi   []byte
}

// New returns a handler. redis may be nil; openapi is the document that /v1/openapi.yaml serves.
func New(cfg Config, store *readmodel.Store, reference *football.Reference, redis *cache.Reader, serde *wire.Serde,
	probes []Probe, openapi []byte, logger *slog.Logger, registerer prometheus.Registerer) (*Handler, error) {
	metrics, err := newReadMetrics(registerer)
	if err != nil {
		return nil, fmt.Errorf("rest: %w", err)
	}
	cfg = cfg.withReadDefaults()
	return &Handler{
		cfg:       cfg,
		store:     store,
		reference: reference,
		forecasts: newForecastCache(cfg, store, redis, serde, metrics),
		probes:    probes,
		logger:    logger,
		metrics:   metrics,
		openapi:   openapi,
	}, nil
}

// Routes lists what the handler serves.
func (s *Handler) Routes() []gate.Route {
	return []gate.Route{
		{Pattern: "GET /v1/competitions", Handler: s.answerResource(s.listCompetitions)},
		{Pattern: "GET /v1/competitions/{id}/matches", Handler: s.answerResource(s.listMatches)},
		{Pattern: "GET /v1/competitions/{id}/table", Handler: s.answerResource(s.getTable)},
		{Pattern: "GET /v1/competitions/{id}/outlook", Handler: s.answerResource(s.getOutlook)},
		{Pattern: "GET /v1/matches/{id}", Handler: s.answerResource(s.getMatch)},
		{Pattern: "GET /v1/matches/{id}/events", Handler: s.answerResource(s.listEvents)},
		{Pattern: "GET /v1/matches/{id}/prediction", Handler: s.answerResource(s.getPrediction)},
		{Pattern: "GET /v1/matches/{id}/predictions", Handler: s.answerResource(s.listPredictions)},
		{Pattern: "GET /v1/matches/{id}/markets", Handler: s.answerResource(s.getMarkets)},
		{Pattern: "GET /v1/teams/{id}", Handler: s.answerResource(s.getTeam)},
		{Pattern: "GET /v1/models", Handler: s.answerResource(s.listModels)},
		{Pattern: "GET /v1/openapi.yaml", Handler: http.HandlerFunc(s.getDocument)},
		{Pattern: "GET /healthz", Handler: http.HandlerFunc(Alive)},
		{Pattern: "GET /readyz", Handler: Ready(s.probes)},
	}
}

// Observe takes a forecast from the tail of the log, so that this process never serves an older one afterwards.
func (s *Handler) Observe(position wire.Position, match football.MatchID, model string, frame []byte) {
	s.forecasts.observeForecast(position, match, model, frame)
}

// answer is what a resource answers: a value for JSON, and the entity tag if it has a cheaper one than a hash.
type answer struct {
	value any
	tag   string
}

// answerResource turns a resource into a handler: JSON, entity tag, problems.
func (s *Handler) answerResource(find func(context.Context, *http.Request) (answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), s.cfg.Timeout)
		defer cancel()
		found, err := find(ctx, r)
		if err != nil {
			s.answerProblem(w, r, err)
			return
		}
		tag, body := found.tag, []byte(nil)
		if tag == "" {
			if body, err = json.Marshal(found.value); err != nil {
				s.answerProblem(w, r, err)
				return
			}
			sum := sha256.Sum256(body)
			tag = hex.EncodeToString(sum[:12])
		}
		tag = entityTag(tag)
		w.Header().Set("ETag", tag)
		w.Header().Set("Cache-Control", "no-cache") // may be kept, must be asked about
		if tagMatches(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		if body == nil {
			if body, err = json.Marshal(found.value); err != nil {
				w.Header().Del("ETag")
				s.answerProblem(w, r, err)
				return
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(append(body, '\n'))
	}
}

// entityTag returns the ETag of a version of a resource. It names the rendering, so that a release that renders
// otherwise never says "not modified" for the old shape. It is weak: the same answer may come compressed.
func entityTag(version string) string {
	return fmt.Sprintf(`W/"r%d-%s"`, resource.Rendering, version)
}

// tagMatches reports whether an If-None-Match header names the tag, compared weakly as RFC 9110 wants it.
func tagMatches(header, tag string) bool {
	tag = strings.TrimPrefix(tag, "W/")
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || strings.TrimPrefix(candidate, "W/") == tag {
			return true
		}
	}
	return false
}

func (s *Handler) getDocument(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	w.Write(s.openapi)
}

// findDefaultModel returns the model that answers when a request names none: the configured one, or the first by id
// that forecast the match.
func (s *Handler) findDefaultModel(ctx context.Context, match football.MatchID) (string, error) {
	if s.cfg.DefaultModel != "" {
		return s.cfg.DefaultModel, nil
	}
	models, err := s.store.ModelsOf(ctx, match)
	if err != nil {
		return "", err
	}
	if len(models) == 0 {
		return "", problem.NotFound("there is no forecast of match %q", match)
	}
	return models[0], nil
}
