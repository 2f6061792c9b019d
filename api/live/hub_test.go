package live_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/api/live"
	"github.com/touchline/touchline/projections/postgres"
	"github.com/touchline/touchline/projections/projectiontest"
	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

func TestMain(m *testing.M) { os.Exit(projectiontest.Main(m)) }

// said is a frame as a client reads it.
type said struct {
	Type, ID, Cursor, Health, Code, Detail string
	Data                                   struct {
		Match    string
		Kind     string
		Sequence int64
		Feature  struct{ Sequence int64 }
		Grid     *struct{ P [][]float64 }
		Matches  []struct {
			ID          string
			Home        struct{ Name string }
			Live        struct{ Phase string }
			Predictions []struct {
				Model   struct{ ID string }
				Feature struct{ Sequence int64 }
			}
		}
	}
}

func TestAnImageThenDeltas(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	match := projectiontest.Match{}
	log.Append(match.Prediction("goals", 1), match.Prediction("market", 1), match.Prediction("goals", 2))
	server := serve(t, log, nil, live.Config{})
	server.caughtUp(3)
	c := dial(t, server, "")
	c.say(`{"action":"subscribe","id":"a","competition":"E0"}`)
	image := c.hear("image")
	if got := len(image.Data.Matches); got != 1 {
		t.Fatalf("got %d matches in the image, want 1", got)
	}
	m := image.Data.Matches[0]
	if m.ID != string(match.ID()) || m.Home.Name != "Arsenal" || len(m.Predictions) != 2 || m.Predictions[0].Feature.Sequence != 2 {
		t.Errorf("got %+v", m)
	}
	log.Append(
		projectiontest.Match{Pool: "spain", Competition: "SP1", Home: "barcelona"}.Prediction("goals", 1), // of no interest
		match.Event(3, football.Goal{Side: football.Home}),
		match.Prediction("goals", 3),
	)
	seen := map[string]said{}
	for range 2 {
		f := c.hear("")
		seen[f.Type] = f
	}
	if seen["event"].Data.Kind != "goal" || seen["prediction"].Data.Feature.Sequence != 3 || seen["prediction"].ID != "a" {
		t.Errorf("got %+v", seen)
	}
	if seen["prediction"].Data.Grid == nil {
		t.Error("the grid is missing in full detail")
	}
}

func TestFiltersAndUnsubscribe(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := serve(t, log, nil, live.Config{})
	one, other := projectiontest.Match{}, projectiontest.Match{Home: "everton", Away: "liverpool"}
	log.Append(one.Prediction("goals", 1), other.Prediction("goals", 1))
	server.caughtUp(2)
	c := dial(t, server, "")
	c.say(fmt.Sprintf(`{"action":"subscribe","id":"match","match":%q,"detail":"compact"}`, one.ID()))
	if got := c.hear("image"); len(got.Data.Matches) != 1 {
		t.Fatalf("got %+v", got)
	}
	c.say(`{"action":"subscribe","id":"team","team":"liverpool","model":"market"}`)
	c.hear("image")
	log.Append(other.Prediction("goals", 2), one.Prediction("goals", 2), other.Prediction("market", 2))
	if f := c.hear("prediction"); f.ID != "match" || f.Data.Match != string(one.ID()) || f.Data.Grid != nil {
		t.Errorf("got %+v", f)
	}
	if f := c.hear("prediction"); f.ID != "team" || f.Data.Match != string(other.ID()) {
		t.Errorf("got %+v", f)
	}
	c.say(`{"action":"unsubscribe","id":"match"}`)
	c.hear("unsubscribed")
	log.Append(one.Prediction("goals", 3), other.Prediction("market", 3))
	if f := c.hear("prediction"); f.ID != "team" {
		t.Errorf("got %+v after unsubscribing", f)
	}
}

// TestAShadowSpeaksToWhoNamesIt: neither an image nor the deltas of a feed without a model have it.
func TestAShadowSpeaksToWhoNamesIt(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := serve(t, log, nil, live.Config{})
	match := projectiontest.Match{}
	log.Append(match.Prediction("goals", 1), match.Prediction("goals@3", 1))
	server.caughtUp(2)
	c := dial(t, server, "")
	c.say(`{"action":"subscribe","id":"all"}`)
	if got := c.hear("image").Data.Matches; len(got) != 1 || len(got[0].Predictions) != 1 {
		t.Errorf("the whole feed: got %+v", got)
	}
	c.say(`{"action":"subscribe","id":"shadow","model":"goals@3"}`)
	if got := c.hear("image").Data.Matches; len(got) != 1 || len(got[0].Predictions) != 1 {
		t.Errorf("the shadow: got %+v", got)
	}
	log.Append(match.Prediction("goals@3", 2), match.Prediction("goals", 3))
	for _, want := range []struct {
		id       string
		sequence int64
	}{{"shadow", 2}, {"all", 3}} {
		if f := c.hear("prediction"); f.ID != want.id || f.Data.Feature.Sequence != want.sequence {
			t.Errorf("got %+v, want sequence %d for %s", f, want.sequence, want.id)
		}
	}
}

func TestResumeSeesEachRecordOnce(t *testing.T) {
	t.Parallel()
	for name, ring := range map[string]int{"from the ring": 0, "from the log": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := projectiontest.Log(t)
			server := serve(t, log, nil, live.Config{Ring: ring})
			match := projectiontest.Match{}
			log.Append(match.Prediction("goals", 1))
			server.caughtUp(1)
			c := dial(t, server, "")
			c.say(`{"action":"subscribe","id":"1","competition":"E0"}`)
			cursor := c.hear("image").Cursor
			c.Close()
			for i := range int64(200) {
				log.Append(match.Prediction("goals", i+2), match.Event(i+1, football.KickOff{}))
			}
			server.caughtUp(401)
			// In two parts: some frames, then a new connection from the last of them.
			forecasts, happened := int64(1), int64(0)
			for part, n := range []int{150, 250} {
				c := dial(t, server, "")
				c.say(fmt.Sprintf(`{"action":"subscribe","id":"1","competition":"E0","detail":"compact","cursor":%q}`, cursor))
				c.hear("resumed")
				for range n {
					f := c.hear("")
					cursor = f.Cursor
					switch {
					case f.Type == "prediction" && f.Data.Feature.Sequence == forecasts+1:
						forecasts++
					case f.Type == "event" && f.Data.Sequence == happened+1:
						happened++
					default:
						t.Fatalf("part %d: got %s %d/%d after forecast %d, event %d", part, f.Type, f.Data.Feature.Sequence, f.Data.Sequence, forecasts, happened)
					}
				}
				if part == 1 {
					log.Append(match.Prediction("goals", 999))
					if f := c.hear("prediction"); f.Data.Feature.Sequence != 999 {
						t.Errorf("the tail does not follow the replay: got %+v", f)
					}
				}
				c.Close()
			}
		})
	}
}

// A subscription that begins while the log grows must miss nothing: what it has after the image and the deltas is all.
func TestNoGapBetweenImageAndDeltas(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := serve(t, log, nil, live.Config{Queue: 100_000})
	const total = 3000
	written := make(chan struct{})
	go func() {
		defer close(written)
		for i := range int64(total) {
			log.Client.Produce(context.Background(), log.Record(projectiontest.Match{}.Prediction("goals", i+1)), nil)
		}
		log.Client.Flush(context.Background())
	}()
	done := make(chan error, 20)
	for range 20 {
		go func() {
			c, err := connect(server, "")
			if err != nil {
				done <- err
				return
			}
			defer c.Close()
			c.WriteMessage(websocket.TextMessage, []byte(`{"action":"subscribe","id":"1","detail":"compact"}`))
			last := int64(0)
			for last < total {
				var f said
				if err := c.ReadJSON(&f); err != nil {
					done <- err
					return
				}
				switch f.Type {
				case "image":
					for _, m := range f.Data.Matches {
						last = m.Predictions[0].Feature.Sequence
					}
				case "prediction":
					if f.Data.Feature.Sequence != last+1 {
						done <- fmt.Errorf("got forecast %d after %d", f.Data.Feature.Sequence, last)
						return
					}
					last++
				}
			}
			done <- nil
		}()
	}
	for range 20 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	<-written
}

func TestTheHubBeginsWithWhatIsCurrentInTheTables(t *testing.T) {
	t.Parallel()
	pool, log := projectiontest.Postgres(t), projectiontest.Log(t)
	current := projectiontest.Match{}
	old := projectiontest.Match{Home: "everton", Kickoff: current.Prediction("goals", 1).Kickoff.Add(-30 * 24 * time.Hour)}
	log.Append(old.PredictionAt("goals", 1, projectiontest.Live(football.Settled, 2, 0)), current.Prediction("goals", 1), current.Prediction("goals", 2))
	projector, err := postgres.New(postgres.Config{}, log.Options(), log.Serde, pool, nil, log.Reference, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- projector.Run(ctx) }()
	store := readmodel.New(pool)
	eventually(t, "three forecasts are projected", func() bool {
		history, err := store.History(t.Context(), current.ID(), "goals", 0, 10)
		snap, err2 := store.Snapshot(t.Context(), time.Hour, wire.TopicPredictions)
		return err == nil && err2 == nil && len(history) == 2 && snap.Topics[wire.TopicPredictions].Next[0] == 3
	})
	cancel()
	<-done
	log.Append(current.Prediction("goals", 3)) // after the checkpoint: the tail brings it
	server := serve(t, log, store, live.Config{})
	server.caughtUp(1)
	c := dial(t, server, "")
	c.say(`{"action":"subscribe","id":"all"}`)
	if f := c.hear("image"); len(f.Data.Matches) != 1 || f.Data.Matches[0].Predictions[0].Feature.Sequence != 3 {
		t.Errorf("got %+v", f.Data.Matches)
	}
	c.say(fmt.Sprintf(`{"action":"subscribe","id":"old","match":%q}`, old.ID()))
	if f := c.hear("image"); len(f.Data.Matches) != 1 || f.Data.Matches[0].Live.Phase != "settled" {
		t.Errorf("an old match: got %+v", f.Data.Matches)
	}
	c.say(`{"action":"subscribe","id":"none","match":"england.2015-16.x.y.1"}`)
	if f := c.hear("error"); f.Code != "unknown-match" {
		t.Errorf("got %+v", f)
	}
}

func TestAMatchThatIsNoLongerHeldIsReadFromTheLog(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := serve(t, log, nil, live.Config{Keep: time.Hour})
	old := projectiontest.Match{}
	later := projectiontest.Match{Home: "everton", Kickoff: old.Prediction("goals", 1).Kickoff.Add(24 * time.Hour)}
	log.Append(old.PredictionAt("goals", 1, projectiontest.Live(football.Settled, 2, 0)), later.Prediction("goals", 1))
	server.caughtUp(2)
	c := dial(t, server, "")
	c.say(`{"action":"subscribe","id":"all"}`)
	if f := c.hear("image"); len(f.Data.Matches) != 1 || f.Data.Matches[0].ID != string(later.ID()) {
		t.Errorf("got %+v", f.Data.Matches)
	}
	c.say(fmt.Sprintf(`{"action":"subscribe","id":"old","match":%q}`, old.ID()))
	if f := c.hear("image"); len(f.Data.Matches) != 1 || f.Data.Matches[0].Live.Phase != "settled" {
		t.Errorf("got %+v", f.Data.Matches)
	}
}

func TestWhatClientsDoWrong(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := serve(t, log, nil, live.Config{Subscriptions: 2})
	server.caughtUp(0)
	for name, test := range map[string]struct{ say, kind, code string }{
		"broken JSON":           {`{"action":`, "error", "bad-json"},
		"two objects":           {`{"action":"ping"} {}`, "error", "bad-json"},
		"an unknown field":      {`{"action":"ping","x":1}`, "error", "bad-message"},
		"an unknown action":     {`{"action":"dance"}`, "error", "unknown-action"},
		"no id":                 {`{"action":"subscribe"}`, "error", "bad-message"},
		"a wrong detail":        {`{"action":"subscribe","id":"1","detail":"some"}`, "error", "bad-message"},
		"a malformed match":     {`{"action":"subscribe","id":"1","match":"x"}`, "error", "unknown-match"},
		"an unknown team":       {`{"action":"subscribe","id":"1","team":"nobody"}`, "error", "unknown-team"},
		"an unknown league":     {`{"action":"subscribe","id":"1","competition":"ZZ"}`, "error", "unknown-competition"},
		"a cursor of no one":    {`{"action":"subscribe","id":"1","cursor":"abc"}`, "snapshot_required", "invalid-cursor"},
		"unsubscribing nothing": {`{"action":"unsubscribe","id":"1"}`, "error", "unknown-subscription"},
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, server, "")
			c.say(test.say)
			if f := c.hear(test.kind); f.Code != test.code || f.Detail == "" {
				t.Errorf("got %+v, want code %q", f, test.code)
			}
		})
	}
	t.Run("too many subscriptions", func(t *testing.T) {
		c := dial(t, server, "")
		for _, id := range []string{"1", "2", "3"} {
			c.say(fmt.Sprintf(`{"action":"subscribe","id":%q}`, id))
		}
		c.hear("image")
		c.hear("image")
		if f := c.hear("error"); f.Code != "too-many-subscriptions" {
			t.Errorf("got %+v", f)
		}
	})
	t.Run("the same id twice", func(t *testing.T) {
		c := dial(t, server, "")
		c.say(`{"action":"subscribe","id":"1"}`)
		c.say(`{"action":"subscribe","id":"1"}`)
		c.hear("image")
		if f := c.hear("error"); f.Code != "duplicate-id" {
			t.Errorf("got %+v", f)
		}
	})
	t.Run("a message that is too big", func(t *testing.T) {
		c := dial(t, server, "")
		c.say(`{"action":"ping","id":"` + strings.Repeat("x", 9000) + `"}`)
		c.closed(live.CloseTooBig)
	})
	t.Run("nothing but nonsense", func(t *testing.T) {
		c := dial(t, server, "")
		for range 10 {
			c.say(`nonsense`)
		}
		c.closed(live.CloseBadClient)
	})
	t.Run("a wrong parameter", func(t *testing.T) {
		resp, err := http.Get(server.url + "/v1/ws?heartbeat_s=0")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("got status %d", resp.StatusCode)
		}
	})
}

func TestAForeignCursorNeedsASnapshot(t *testing.T) {
	t.Parallel()
	key := []byte("the same key on both")
	log, other := projectiontest.Log(t), projectiontest.Log(t)
	server, elsewhere := serve(t, log, nil, live.Config{CursorKey: key}), serve(t, other, nil, live.Config{CursorKey: key})
	server.caughtUp(0)
	elsewhere.caughtUp(0)
	c := dial(t, elsewhere, "")
	c.say(`{"action":"subscribe","id":"1"}`)
	cursor := c.hear("image").Cursor
	d := dial(t, server, "")
	d.say(fmt.Sprintf(`{"action":"subscribe","id":"1","cursor":%q}`, cursor))
	if f := d.hear("snapshot_required"); f.Code != "foreign-epoch" {
		t.Errorf("got %+v", f)
	}
	d.say(`{"action":"subscribe","id":"1"}`)
	d.hear("image")
}

// What the stages write comes in transactions: their markers take offsets, and aborted records never show.
func TestTransactions(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := serve(t, log, nil, live.Config{Ring: 1, Heartbeat: 10 * time.Millisecond})
	server.caughtUp(0)
	c := dial(t, server, "")
	c.say(`{"action":"subscribe","id":"1"}`)
	cursor := c.hear("image").Cursor
	producer, err := kgo.NewClient(append(log.Options(), kgo.TransactionalID("test"), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close()
	for i := range int64(6) {
		if err := producer.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if err := producer.ProduceSync(t.Context(), log.Record(projectiontest.Match{}.Prediction("goals", i+1)), log.Record(projectiontest.Match{}.Event(i+1, football.KickOff{}))).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := producer.EndTransaction(t.Context(), i%2 == 0); err != nil { // the last one is aborted
			t.Fatal(err)
		}
	}
	follow := func(c *client) {
		t.Helper()
		want := map[string][]int64{"prediction": {1, 3, 5}, "event": {1, 3, 5}}
		for len(want["prediction"])+len(want["event"]) > 0 {
			f := c.hear("")
			if f.Type == "heartbeat" || f.Type == "resumed" {
				continue
			}
			if got := f.Data.Sequence + f.Data.Feature.Sequence; len(want[f.Type]) == 0 || want[f.Type][0] != got {
				t.Fatalf("got %s %d, want %v", f.Type, got, want)
			}
			want[f.Type] = want[f.Type][1:]
		}
	}
	follow(c)
	for c.hear("heartbeat").Health != "live" { // the markers are behind us too
	}
	d := dial(t, server, "")
	d.say(fmt.Sprintf(`{"action":"subscribe","id":"1","cursor":%q}`, cursor))
	follow(d)
}

func TestAHeartbeatKeepsAQuietCursorYoung(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := serve(t, log, nil, live.Config{Heartbeat: 20 * time.Millisecond})
	server.caughtUp(0)
	c := dial(t, server, "")
	c.say(`{"action":"subscribe","id":"1","competition":"F1"}`)
	image := c.hear("image")
	log.Append(projectiontest.Match{}.Prediction("goals", 1)) // not of F1
	for {
		f := c.hear("heartbeat")
		if f.Health == "live" && f.Cursor != "" && f.Cursor != image.Cursor {
			return
		}
	}
}

func TestASlowReaderIsConflatedAndSlowsNobody(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := serve(t, log, nil, live.Config{Queue: 8})
	server.caughtUp(0)
	slow, quick := dial(t, server, "?conflate_ms=200"), dial(t, server, "")
	slow.say(`{"action":"subscribe","id":"1"}`)
	quick.say(`{"action":"subscribe","id":"1"}`)
	slow.hear("image")
	quick.hear("image")
	const total = 500
	for i := range int64(total) {
		log.Append(projectiontest.Match{}.Prediction("goals", i+1))
		if f := quick.hear("prediction"); f.Data.Feature.Sequence != i+1 {
			t.Fatalf("the quick reader got %d, want %d", f.Data.Feature.Sequence, i+1)
		}
	}
	last, n := int64(0), 0
	for last < total {
		f := slow.hear("prediction")
		if f.Data.Feature.Sequence <= last {
			t.Fatalf("got %d after %d", f.Data.Feature.Sequence, last)
		}
		last = f.Data.Feature.Sequence
		n++
	}
	if n > total/2 {
		t.Errorf("the slow reader got %d of %d frames: not conflated", n, total)
	}
}

func TestAReaderThatDoesNotReadIsClosed(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := serve(t, log, nil, live.Config{Queue: 4, WriteTimeout: 200 * time.Millisecond})
	server.caughtUp(0)
	c := dial(t, server, "")
	c.say(`{"action":"subscribe","id":"1"}`)
	c.hear("image")
	stop := make(chan struct{})
	go func() { // many matches, so that nothing can be conflated
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				log.Client.ProduceSync(context.Background(), log.Record(projectiontest.Match{Home: football.TeamID(fmt.Sprint("t", i))}.Prediction("goals", 1)))
			}
		}
	}()
	defer close(stop)
	eventually(t, "the connection is closed", func() bool { return server.connections() == 0 })
}

func TestStoppingTellsTheClients(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := serve(t, log, nil, live.Config{})
	server.caughtUp(0)
	c := dial(t, server, "")
	c.say(`{"action":"subscribe","id":"1"}`)
	c.hear("image")
	server.stop()
	if f := c.hear("closing"); f.Code != "1001" {
		t.Errorf("got %+v", f)
	}
	c.closed(live.CloseGoingAway)
}

func TestServerSentEventsResume(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := serve(t, log, nil, live.Config{})
	match := projectiontest.Match{}
	log.Append(match.Prediction("goals", 1))
	server.caughtUp(1)
	events, stop := listen(t, server.url+"/v1/stream?competition=E0&detail=compact", "")
	image := <-events
	if image.Type != "image" || len(image.Data.Matches) != 1 {
		t.Fatalf("got %+v", image)
	}
	log.Append(match.Prediction("goals", 2))
	if f := <-events; f.Data.Feature.Sequence != 2 {
		t.Errorf("got %+v", f)
	}
	stop()
	log.Append(match.Prediction("goals", 3))
	server.caughtUp(3)
	events, stop = listen(t, server.url+"/v1/stream?competition=E0", image.Cursor)
	defer stop()
	if f := <-events; f.Type != "resumed" {
		t.Errorf("got %+v", f)
	}
	for want := int64(2); want <= 3; want++ {
		if f := <-events; f.Data.Feature.Sequence != want {
			t.Errorf("got %+v, want forecast %d", f, want)
		}
	}
}

type testServer struct {
	t        testing.TB
	url      string
	hub      *live.Hub
	registry *prometheus.Registry
	stop     func()
}

func serve(t testing.TB, log *projectiontest.Topics, store *readmodel.Store, cfg live.Config) *testServer {
	t.Helper()
	out := io.Discard
	if testing.Verbose() {
		out = os.Stderr
	}
	registry := prometheus.NewRegistry()
	hub, err := live.NewHub(cfg, log.Options(), log.Serde, store, log.Reference, slog.New(slog.NewTextHandler(out, nil)), registry)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- hub.Run(ctx) }()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/ws", hub.ServeWebsocket)
	mux.HandleFunc("GET /v1/stream", hub.ServeEvents)
	server := httptest.NewServer(mux)
	stopped := false
	s := &testServer{t: t, url: server.URL, hub: hub, registry: registry}
	s.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
	t.Cleanup(func() {
		s.stop()
		server.CloseClientConnections()
		server.Close()
	})
	<-hub.Ready()
	return s
}

// caughtUp waits until the hub has applied that many records.
func (s *testServer) caughtUp(records float64) {
	s.t.Helper()
	eventually(s.t, fmt.Sprintf("the hub has applied %v records", records), func() bool {
		return s.metric("touchline_live_records_total") >= records && s.hub.Healthy(context.Background()) == nil
	})
}

func (s *testServer) connections() float64 { return s.metric("touchline_live_connections") }

func (s *testServer) metric(name string) float64 {
	families, err := s.registry.Gather()
	if err != nil {
		s.t.Fatal(err)
	}
	sum := 0.0
	for _, f := range families {
		if f.GetName() == name {
			for _, m := range f.GetMetric() {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

type client struct {
	*websocket.Conn
	t testing.TB
}

func connect(s *testServer, query string) (*websocket.Conn, error) {
	c, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.url, "http")+"/v1/ws"+query, nil)
	return c, err
}

func dial(t testing.TB, s *testServer, query string) *client {
	t.Helper()
	c, err := connect(s, query)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &client{c, t}
}

func (c *client) say(message string) {
	c.t.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
		c.t.Fatal(err)
	}
}

// hear returns the next frame, which must be of that kind unless it is "".
func (c *client) hear(kind string) said {
	c.t.Helper()
	c.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, body, err := c.ReadMessage()
	if err != nil {
		c.t.Fatalf("wait for %q: %v", kind, err)
	}
	var f said
	if err := json.Unmarshal(body, &f); err != nil {
		c.t.Fatalf("%v: %s", err, body)
	}
	if kind != "" && f.Type != kind {
		c.t.Fatalf("got %s, want %q", body, kind)
	}
	return f
}

func (c *client) closed(code int) {
	c.t.Helper()
	c.SetReadDeadline(time.Now().Add(20 * time.Second))
	for {
		if _, _, err := c.ReadMessage(); err != nil {
			if !websocket.IsCloseError(err, code) {
				c.t.Errorf("got %v, want close code %d", err, code)
			}
			return
		}
	}
}

// listen reads server-sent events.
func listen(t testing.TB, url, last string) (<-chan said, func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if last != "" {
		request.Header.Set("Last-Event-ID", last)
	}
	resp, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	out := make(chan said, 100)
	go func() {
		defer close(out)
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var f said
				if json.Unmarshal([]byte(data), &f) == nil {
					out <- f
				}
			}
		}
	}()
	return out, cancel
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("it did not come about that %s", what)
		}
		<-time.After(2 * time.Millisecond)
	}
}
