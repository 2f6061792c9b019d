package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"github.com/touchline/touchline/api"
	"github.com/touchline/touchline/api/live"
	"github.com/touchline/touchline/api/live/frame"
	"github.com/touchline/touchline/api/rest"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/projections/cache"
	"github.com/touchline/touchline/projections/postgres"
	"github.com/touchline/touchline/projections/projectiontest"
	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/football"
)

func TestMain(m *testing.M) { os.Exit(projectiontest.Main(m)) }

// house is a whole installation: log, tables, cache, projector, server.
type house struct {
	t      testing.TB
	log    *projectiontest.Topics
	redis  *miniredis.Miniredis
	url    string
	server *api.Server
	stop   func() // the server
	broken error  // what the extra probe says
}

var (
	match = projectiontest.Match{}
	other = projectiontest.Match{
		Home:    "chelsea",
		Away:    "everton",
		Kickoff: match.Prediction("goals", 1).Kickoff.Add(7 * 24 * time.Hour),
	}
)

func open(t testing.TB) *house {
	t.Helper()
	pool, log := projectiontest.Postgres(t), projectiontest.Log(t)
	h := &house{t: t, log: log, redis: miniredis.RunT(t)}
	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{h.redis.Addr()}})
	t.Cleanup(func() { client.Close() })
	out := io.Discard
	if testing.Verbose() {
		out = os.Stderr
	}
	logger := slog.New(slog.NewTextHandler(out, nil))
	registry := prometheus.NewRegistry()
	writer := cache.NewWriter(cache.Config{}, client, logger)
	projector, err := postgres.New(postgres.Config{}, log.Options(), log.Serde, pool, writer, log.Reference, logger,
		registry)
	if err != nil {
		t.Fatal(err)
	}
	h.server, err = api.New(
		api.Config{
			Listen:  "127.0.0.1:0",
			Origins: []string{"https://elsewhere.example"},
			Live:    live.Config{CursorKey: []byte("key")},
		},
		api.Deps{
			Kafka:     log.Options(),
			Serde:     log.Serde,
			Store:     readmodel.New(pool),
			Cache:     cache.NewReader(cache.Config{}, client),
			Reference: log.Reference,
			Probes: []rest.Probe{
				{Name: "projector", Check: projector.Healthy},
				{Name: "extra", Check: func(context.Context) error { return h.broken }},
			},
			Logger:  logger,
			Metrics: registry,
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	h.stop = background(t, h.server.Run)
	<-h.server.Ready()
	h.url = "http://" + h.server.Addr().String()
	background(t, projector.Run)
	<-projector.Ready()
	return h
}

// fill appends a small history and waits until it is projected.
func (h *house) fill() {
	h.t.Helper()
	h.log.Append(
		match.Scheduled(1),
		match.Event(2, football.KickOff{}),
		match.Event(3,
			football.Goal{Side: football.Home, Clock: football.Clock{Period: 1, Elapsed: 1390}, Player: "Ramsey"}),
		match.Event(4, football.FullTime{HomeGoals: 1, Home: football.NoCounts(), Away: football.NoCounts()}),
		match.Features(1, "fixture-scheduled", projectiontest.Live(football.PreMatch, 0, 0)),
		match.Features(2, "goal", projectiontest.Live(football.InPlay, 1, 0)),
		match.Features(3, "full-time", projectiontest.Live(football.Settled, 1, 0)),
		other.Features(1, "fixture-scheduled", projectiontest.Live(football.PreMatch, 0, 0)),
		match.Prediction("goals", 1),
		match.PredictionAt("goals", 2, projectiontest.Live(football.InPlay, 1, 0)),
		match.PredictionAt("goals", 3, projectiontest.Live(football.Settled, 1, 0)),
		match.Prediction("market", 1),
		other.Prediction("goals", 1),
		match.Evaluation("goals", football.CheckpointKickOff, 1, football.Outcome{Home: 0.5, Draw: 0.3, Away: 0.2},
			1, 0),
		match.Evaluation("market", football.CheckpointKickOff, 1, football.Outcome{Home: 0.6, Draw: 0.2, Away: 0.2},
			1, 0),
		challenger(h.t),
		&football.ModelFact{
			ID:      "goals",
			Version: 3,
			Change:  football.ModelSplit,
			Share:   0.25,
			At:      2,
			Note:    "a quarter",
		},
		&football.ModelFact{ID: "goals", Version: 9, Change: football.ModelPromoted, At: 3, Note: "there is none"},
		match.Evaluation("goals@2", football.CheckpointHalfTime, 1,
			football.Outcome{Home: 0.4, Draw: 0.3, Away: 0.3}, 1, 0),
		match.Evaluation("goals@3", football.CheckpointKickOff, 1,
			football.Outcome{Home: 0.4, Draw: 0.3, Away: 0.3}, 1, 0),
		match.Outlook(1, 0.25),
		match.Outlook(2, 0.75),
	)
	h.eventually("all is projected", func() bool {
		status, models := h.get("/v1/models")
		_, team := h.get("/v1/teams/everton")
		_, settled := h.get("/v1/matches/" + string(match.ID()))
		_, events := h.get("/v1/matches/" + string(match.ID()) + "/events")
		_, forecast := h.get("/v1/matches/" + string(other.ID()) + "/prediction?model=goals")
		_, outlook := h.get("/v1/competitions/E0/outlook")
		return status == 200 && bytes.Contains(models, []byte("a quarter")) &&
			bytes.Count(models, []byte(`"rps"`)) == 4 &&
			bytes.Contains(team, []byte(`"elo"`)) &&
			bytes.Contains(events, []byte("full-time")) &&
			bytes.Contains(settled, []byte(`"settled"`)) &&
			bytes.Contains(forecast, []byte(`"outcome"`)) &&
			bytes.Contains(outlook, []byte(`"sequence":2`))
	})
}

func TestResources(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.fill()
	id := string(match.ID())
	for path, want := range map[string]string{
		"/v1/competitions":                                             `"seasons":["2015-16"]`,
		"/v1/competitions/E0/matches":                                  `"name":"Arsenal"`,
		"/v1/competitions/E0/matches?status=settled,in-play":           `"home_goals":1`,
		"/v1/competitions/E0/table":                                    `"goal_difference":1,"points":3`,
		"/v1/matches/" + id:                                            `"phase":"settled"`,
		"/v1/matches/" + id + "/events":                                `"player":"Ramsey"`,
		"/v1/matches/" + id + "/prediction":                            `"grid":{"home_from":1`,
		"/v1/matches/" + id + "/prediction?model=market":               `"id":"` + id + `~market~1"`,
		"/v1/matches/" + id + "/prediction?as_of=2015-08-15T15:02:30Z": `"id":"` + id + `~goals~2"`,
		"/v1/matches/" + id + "/predictions?model=goals":               `~goals~3`,
		"/v1/competitions/E0/outlook":                                  `"team":{"id":"arsenal","name":"Arsenal"}`,
		"/v1/competitions/E0/outlook?season=2015-16":                   `"places":{"title":0.75}`,
		"/v1/competitions/E0/outlook?as_of=2015-08-15T15:01:30Z":       `"places":{"title":0.25}`,
		"/v1/matches/" + id + "/markets":                               `"half_time":"draw","full_time":"home"`,
		"/v1/teams/arsenal":                                            `"elo":1602`,
		"/v1/models?competition=E0&season=2015-16":                     `"rps":0.145`,
		"/healthz":         `alive`,
		"/readyz":          `"status":"ready"`,
		"/metrics":         `touchline_projection_records_total`,
		"/v1/openapi.yaml": `openapi: 3.1.0`,
		"/":                `<!doctype html>`,
	} {
		if status, body := h.get(path); status != 200 || !bytes.Contains(body, []byte(want)) {
			t.Errorf("%s: got %d %.400s\nwant %s", path, status, body, want)
		}
	}
}

func TestATableIsMadeByTheRulesOfItsSeason(t *testing.T) {
	t.Parallel()
	h := open(t)
	settled := func(season football.Season, home, away football.TeamID, goals int32) *football.MatchFeatures {
		return projectiontest.Match{Season: season, Home: home, Away: away}.Features(1, "full-time",
			projectiontest.Live(football.Settled, goals, 0))
	}
	h.log.Append(settled("2009-10", "portsmouth", "arsenal", 1), settled("1890-91", "chelsea", "arsenal", 1))
	for season, want := range map[string]string{
		"2009-10": `"position":2,"team":{"id":"portsmouth","name":"Portsmouth"},"played":1,"won":1,"drawn":0,"lost":0,` +
			`"goals_for":1,"goals_against":0,"goal_difference":1,"points":-6,"deducted":9}`,
		"1890-91": `"position":1,"team":{"id":"chelsea","name":"Chelsea"},"played":1`,
	} {
		h.eventually("the table of "+season+" is made", func() bool {
			_, body := h.get("/v1/competitions/E0/table?season=" + season)
			return bytes.Contains(body, []byte(want))
		})
	}
}

// challenger registers a version of goals.
func challenger(t testing.TB) *football.ModelFact {
	t.Helper()
	a := predict.DefaultGoals()
	a.Weights.PiBlend = 0
	fact, err := predict.Registration("goals", 3, a)
	if err != nil {
		t.Fatal(err)
	}
	return fact
}

// TestModelsStandAsTheLineFoldsThem: built-in versions and registered ones, under the names by which they forecast;
// what does not apply changes nothing.
func TestModelsStandAsTheLineFoldsThem(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.fill()
	status, text := h.get("/v1/models")
	var list struct {
		Items []struct {
			ID, Status, Note string
			Version          int32
			Share            float64
			Evaluations      []struct{ N int }
		}
	}
	if err := json.Unmarshal(text, &list); err != nil || status != 200 {
		t.Fatalf("got %d %s, %v", status, text, err)
	}
	var got []string
	for _, m := range list.Items {
		got = append(got,
			fmt.Sprintf("%s v%d %s %v %d %s", m.ID, m.Version, m.Status, m.Share, len(m.Evaluations), m.Note))
	}
	want := []string{
		"goals v2 promoted 0.75 1 ",
		"goals@2 v2 promoted 0.75 1 ",
		"goals@3 v3 split 0.25 1 a quarter",
		"market v0 unregistered 0 1 ",
		"market-blend v3 promoted 1 0 ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestPagesOfAList(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.fill()
	for _, path := range []string{
		"/v1/competitions/E0/matches?limit=1",
		"/v1/competitions/E0/matches?limit=1&order=-kickoff",
		"/v1/matches/" + string(match.ID()) + "/events?limit=1",
		"/v1/matches/" + string(match.ID()) + "/predictions?limit=2",
	} {
		_, whole := h.get(strings.Replace(strings.Replace(path, "limit=1", "limit=100", 1), "limit=2", "limit=100", 1))
		type list struct {
			Items []json.RawMessage
			Next  string
		}
		var want list
		json.Unmarshal(whole, &want)
		var got []json.RawMessage
		for url := path; url != ""; {
			var page list
			status, body := h.get(url)
			if status != 200 {
				t.Fatalf("%s: %s", url, body)
			}
			json.Unmarshal(body, &page)
			got = append(got, page.Items...)
			if url = ""; page.Next != "" {
				url = path + "&cursor=" + page.Next
			}
		}
		if len(want.Items) < 2 ||
			!slices.EqualFunc(got, want.Items, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }) {
			t.Errorf("%s: got %d items in pages, %d at once", path, len(got), len(want.Items))
		}
	}
}

func TestProblemsSayWhatToChange(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.fill()
	for path, want := range map[string]struct {
		status int
		detail string
	}{
		"/v1/competitions/ZZ/matches": {
			404, `competition "ZZ": not found`,
		},
		"/v1/competitions/E0/matches?limit=0": {
			400, `limit "0" is not a number from 1 to 500`,
		},
		"/v1/competitions/E0/matches?limit=many": {
			400, `limit "many" is not`,
		},
		"/v1/competitions/E0/matches?state=x": {
			400, `there is no parameter "state" here; there is season, status`,
		},
		"/v1/competitions/E0/matches?status=done": {
			400, `status "done" is none of`,
		},
		"/v1/competitions/E0/matches?from=yesterday": {
			400, `from "yesterday" is neither an instant`,
		},
		"/v1/competitions/E0/matches?order=name": {
			400, `order "name"`,
		},
		"/v1/competitions/E0/matches?cursor=x!": {
			400, `the cursor is not one that this list gave`,
		},
		"/v1/competitions/E0/table?season=1812-13": {
			404, `competition "E0" has no season "1812-13"; it has 2015-16`,
		},
		"/v1/matches/nonsense": {
			400, `match id "nonsense": want pool.season.home.away.ordinal`,
		},
		"/v1/matches/england.2015-16.a.b.1": {
			404, `match "england.2015-16.a.b.1": not found`,
		},
		"/v1/matches/england.2015-16.a.b.1/prediction?model=goals": {
			404, `forecast of "england.2015-16.a.b.1" by "goals": not found`,
		},
		"/v1/matches/" + string(match.ID()) + "/prediction?model=a~b": {
			400, `model "a~b" is not a model's id`,
		},
		"/v1/matches/" + string(match.ID()) + "/prediction?as_of=1990-01-01": {
			404, `as of 1990-01-01`,
		},
		"/v1/teams/nobody": {
			404, `team "nobody": not found`,
		},
	} {
		status, body := h.get(path)
		var p struct {
			Type, Title, Detail, Instance string
			Status                        int
		}
		if err := json.Unmarshal(
			body,
			&p,
		); err != nil || status != want.status || p.Status != status || p.Type == "" ||
			!strings.Contains(p.Detail, want.detail) {
			t.Errorf("%s: got %d %s, want %d %q", path, status, body, want.status, want.detail)
		}
	}
}

func TestEntityTags(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.fill()
	for _, path := range []string{"/v1/competitions", "/v1/matches/" + string(other.ID()) + "/prediction"} {
		first, err := http.Get(h.url + path)
		if err != nil {
			t.Fatal(err)
		}
		first.Body.Close()
		request, _ := http.NewRequest(http.MethodGet, h.url+path, nil)
		request.Header.Set("If-None-Match", `"else", `+first.Header.Get("ETag"))
		again, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		again.Body.Close()
		if first.Header.Get("ETag") == "" || again.StatusCode != http.StatusNotModified {
			t.Errorf("%s: tag %q, then status %d", path, first.Header.Get("ETag"), again.StatusCode)
		}
	}
}

// Once the tail has brought a newer forecast, no level of the cache may answer with an older one again.
func TestTheLatestForecastNeverGoesBack(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.fill()
	path := "/v1/matches/" + string(other.ID()) + "/prediction?model=goals"
	h.get(path)
	last := int64(0)
	for i := range int64(100) {
		h.log.Append(other.Prediction("goals", i+2))
		for range 5 {
			_, body := h.get(path)
			var p struct{ Feature struct{ Sequence int64 } }
			json.Unmarshal(body, &p)
			if p.Feature.Sequence < last {
				t.Fatalf("forecast %d after %d", p.Feature.Sequence, last)
			}
			last = p.Feature.Sequence
		}
	}
	h.eventually("the last forecast is served", func() bool {
		_, body := h.get(path)
		return bytes.Contains(body, []byte("~goals~101"))
	})
}

func TestARedisThatIsAwayChangesNothing(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.fill()
	h.redis.Close()
	h.log.Append(other.Prediction("goals", 2))
	h.eventually("the forecast is projected without Redis", func() bool {
		_, body := h.get("/v1/matches/" + string(other.ID()) + "/predictions?model=goals")
		return bytes.Contains(body, []byte("~goals~2"))
	})
	if status, body := h.get("/v1/matches/" + string(match.ID()) + "/prediction?model=market"); status != 200 {
		t.Errorf("got %d %s", status, body)
	}
}

func TestReadinessSaysWhatFails(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.broken = errors.New("out of order")
	h.eventually("the probe is reported", func() bool {
		status, body := h.get("/readyz")
		return status == http.StatusServiceUnavailable &&
			bytes.Contains(body, []byte(`{"name":"extra","status":"failing","detail":"out of order"}`)) &&
			bytes.Contains(body, []byte(`{"name":"postgres","status":"ready"}`))
	})
}

func TestOtherOrigins(t *testing.T) {
	t.Parallel()
	h := open(t)
	origins := map[string]string{"https://elsewhere.example": "https://elsewhere.example", "https://evil.example": ""}
	for origin, want := range origins {
		request, _ := http.NewRequest(http.MethodGet, h.url+"/healthz", nil)
		request.Header.Set("Origin", origin)
		resp, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := resp.Header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%s: got %q", origin, got)
		}
		_, _, err = websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(h.url, "http")+"/v1/ws",
			http.Header{"Origin": {origin}})
		if (err == nil) != (want != "") {
			t.Errorf("websocket from %s: %v", origin, err)
		}
	}
}

func TestStoppingEndsWhatIsOpen(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.fill()
	c, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(h.url, "http")+"/v1/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := http.Get(h.url + "/v1/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	began := time.Now()
	h.stop()
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("it took %v", took)
	}
	for {
		if _, _, err := c.ReadMessage(); err != nil {
			if !websocket.IsCloseError(err, frame.CloseGoingAway) {
				t.Errorf("got %v", err)
			}
			break
		}
	}
}

func (h *house) get(path string) (int, []byte) {
	h.t.Helper()
	resp, err := http.Get(h.url + path)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return resp.StatusCode, body
}

func (h *house) eventually(what string, ok func() bool) {
	h.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			h.t.Fatalf("not within the time: %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// background runs until the function that it returns is called, at the latest when the test ends.
func background(t testing.TB, run func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", fmt.Errorf("%w", err))
		}
	}
	t.Cleanup(stop)
	return stop
}
