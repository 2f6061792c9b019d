package rest_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/redis/go-redis/v9"

	"github.com/touchline/touchline/api/rest"
	"github.com/touchline/touchline/projections/cache"
	"github.com/touchline/touchline/projections/projectiontest"
	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/wire"
)

func TestMain(m *testing.M) { os.Exit(projectiontest.Main(m)) }

// house is the handler on empty tables and a Redis.
type house struct {
	t        *testing.T
	log      *projectiontest.Topics
	redis    *cache.Reader
	handler  *rest.Handler
	mux      *http.ServeMux
	registry *prometheus.Registry
}

func openHouse(t *testing.T, cfg rest.Config, pool *pgxpool.Pool) *house {
	t.Helper()
	server := miniredis.RunT(t)
	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{server.Addr()}})
	t.Cleanup(func() { client.Close() })
	h := &house{t: t, log: projectiontest.Log(t), redis: cache.NewReader(cache.Config{}, client),
		mux: http.NewServeMux(), registry: prometheus.NewRegistry()}
	probes := []rest.Probe{{Name: "postgres", Check: pool.Ping}}
	var err error
	h.handler, err = rest.New(cfg, readmodel.New(pool), h.log.Reference, h.redis, h.log.Serde, probes,
		[]byte("openapi: 3.1.0"), slog.New(slog.DiscardHandler), h.registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range h.handler.Routes() {
		h.mux.Handle(r.Pattern, r.Handler)
	}
	return h
}

func (h *house) get(path string) (int, string) {
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	body, _ := io.ReadAll(w.Result().Body)
	return w.Code, string(body)
}

// reads are how many forecasts were found at each level.
func (h *house) reads() string {
	h.t.Helper()
	var text strings.Builder
	families, err := h.registry.Gather()
	if err != nil {
		h.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if m.GetCounter().GetValue() > 0 {
				fmt.Fprint(&text, m.GetLabel()[0].GetValue(), " ", m.GetCounter().GetValue(), " ")
			}
		}
	}
	return strings.TrimSpace(text.String())
}

// Requests for matches that do not exist must not push what is asked for all the time out of the process's cache.
func TestAnUnknownMatchPushesNothingOutOfTheCache(t *testing.T) {
	t.Parallel()
	h := openHouse(t, rest.Config{CacheEntries: 1, DefaultModel: "goals"}, projectiontest.Postgres(t))
	match := projectiontest.Match{}
	frame := h.log.Record(match.Prediction("goals", 1)).Value
	if err := h.redis.Fill(t.Context(), wire.Position{Epoch: 1}, match.ID(), "goals", frame); err != nil {
		t.Fatal(err)
	}
	known := "/v1/matches/" + string(match.ID()) + "/prediction"
	if status, body := h.get(known); status != http.StatusOK {
		t.Fatalf("got %d %s", status, body)
	}
	for i := range 5 {
		unknown := fmt.Sprintf("/v1/matches/england.2015-16.a.b.%d/prediction", i+1)
		if status, body := h.get(unknown); status != http.StatusNotFound {
			t.Fatalf("got %d %s", status, body)
		}
	}
	h.get(known)
	if got := h.reads(); got != "none 5 process 1 redis 1" {
		t.Errorf("got %s", got)
	}
}

// Without a cache in the process each request is answered from Redis.
func TestTheCacheOfTheProcessCanBeOff(t *testing.T) {
	t.Parallel()
	h := openHouse(t, rest.Config{CacheEntries: -1, DefaultModel: "goals"}, projectiontest.Postgres(t))
	match := projectiontest.Match{}
	frame := h.log.Record(match.Prediction("goals", 1)).Value
	if err := h.redis.Fill(t.Context(), wire.Position{Epoch: 1}, match.ID(), "goals", frame); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if status, body := h.get("/v1/matches/" + string(match.ID()) + "/prediction"); status != http.StatusOK {
			t.Fatalf("got %d %s", status, body)
		}
	}
	if got := h.reads(); got != "redis 3" {
		t.Errorf("got %s, want all reads from Redis", got)
	}
}

// A forecast that the tail brings replaces the one in the process, an older one does not, and one nobody asked for is
// not taken in.
func TestTheTailKeepsTheCacheRight(t *testing.T) {
	t.Parallel()
	h := openHouse(t, rest.Config{DefaultModel: "goals"}, projectiontest.Postgres(t))
	match := projectiontest.Match{}
	path := "/v1/matches/" + string(match.ID()) + "/prediction"
	at := func(offset int64) (wire.Position, []byte) {
		return wire.Position{Epoch: 1, Offset: offset}, h.log.Record(match.Prediction("goals", offset)).Value
	}
	observe := func(offset int64) {
		position, frame := at(offset)
		h.handler.Observe(position, match.ID(), "goals", frame)
	}
	observe(9) // nobody has asked yet
	position, frame := at(5)
	if err := h.redis.Fill(t.Context(), position, match.ID(), "goals", frame); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ observed, want int64 }{{0, 5}, {7, 7}, {6, 7}, {8, 8}} {
		if step.observed > 0 {
			observe(step.observed)
		}
		if _, body := h.get(path); !strings.Contains(body, fmt.Sprintf("~goals~%d\"", step.want)) {
			t.Errorf("after %d: got %.200s, want forecast %d", step.observed, body, step.want)
		}
	}
}

func TestWithoutPostgresTheAnswerIsToTryAgain(t *testing.T) {
	t.Parallel()
	h := openHouse(t, rest.Config{}, unreachable(t))
	for path, want := range map[string]struct {
		status int
		part   string
	}{
		"/v1/competitions": {http.StatusServiceUnavailable, `"type":"/problems/warming-up"`},
		"/readyz":          {http.StatusServiceUnavailable, `{"name":"postgres","status":"failing"`},
		"/healthz":         {http.StatusOK, `{"status":"alive"}`},
		"/v1/openapi.yaml": {http.StatusOK, "openapi: 3.1.0"},
	} {
		if status, body := h.get(path); status != want.status || !strings.Contains(body, want.part) {
			t.Errorf("%s: got %d %s, want %d %s", path, status, body, want.status, want.part)
		}
	}
}

// unreachable returns connections to a Postgres that is not there.
func unreachable(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), "postgres://nobody@127.0.0.1:1/none")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func TestTheLevelsExistBeforeTheFirstRead(t *testing.T) {
	t.Parallel()
	h := openHouse(t, rest.Config{}, unreachable(t))
	if n, err := testutil.GatherAndCount(h.registry, "touchline_forecast_reads_total"); err != nil || n != 5 {
		t.Errorf("got %d label sets, %v, want 5", n, err)
	}
}
