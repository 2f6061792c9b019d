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

	"github.com/touchline/touchline/api/live"
	"github.com/touchline/touchline/projections/projectiontest"
	"github.com/touchline/touchline/projections/readmodel"
)

func TestMain(m *testing.M) { os.Exit(projectiontest.Main(m)) }

// receivedFrame is a frame as a client reads it.
type receivedFrame struct {
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

type testServer struct {
	t        testing.TB
	url      string
	hub      *live.Hub
	registry *prometheus.Registry
	stop     func()
}

func startServer(t testing.TB, log *projectiontest.Topics, store *readmodel.Store, cfg live.Config) *testServer {
	t.Helper()
	out := io.Discard
	if testing.Verbose() {
		out = os.Stderr
	}
	registry := prometheus.NewRegistry()
	hub, err := live.NewHub(
		cfg,
		live.Deps{Kafka: log.Options(), Serde: log.Serde, Store: store, Reference: log.Reference,
			Logger: slog.New(slog.NewTextHandler(out, nil)), Metrics: registry},
	)
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

func dialWebsocket(s *testServer, query string) (*websocket.Conn, error) {
	c, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.url, "http")+"/v1/ws"+query, nil)
	return c, err
}

func dialServer(t testing.TB, s *testServer, query string) *client {
	t.Helper()
	c, err := dialWebsocket(s, query)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &client{c, t}
}

func (c *client) sendText(message string) {
	c.t.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
		c.t.Fatal(err)
	}
}

// nextFrame returns the next frame, which must be of that kind unless it is "".
func (c *client) nextFrame(kind string) receivedFrame {
	c.t.Helper()
	c.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, body, err := c.ReadMessage()
	if err != nil {
		c.t.Fatalf("wait for %q: %v", kind, err)
	}
	var f receivedFrame
	if err := json.Unmarshal(body, &f); err != nil {
		c.t.Fatalf("%v: %s", err, body)
	}
	if kind != "" && f.Type != kind {
		c.t.Fatalf("got %s, want %q", body, kind)
	}
	return f
}

func (c *client) wantClosed(code int) {
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

// openEvents reads server-sent events.
func openEvents(t testing.TB, url, last string) (<-chan receivedFrame, func()) {
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
	out := make(chan receivedFrame, 100)
	go func() {
		defer close(out)
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var f receivedFrame
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
			t.Fatalf("not within the time: %s", what)
		}
		<-time.After(2 * time.Millisecond)
	}
}
