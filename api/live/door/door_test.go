package door_test

import (
	"bufio"
	"compress/flate"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/touchline/touchline/api/live/board"
	"github.com/touchline/touchline/api/live/cursor"
	"github.com/touchline/touchline/api/live/door"
	"github.com/touchline/touchline/api/live/frame"
	"github.com/touchline/touchline/api/live/record"
	"github.com/touchline/touchline/api/live/subscribe"
	"github.com/touchline/touchline/api/live/tail"
	"github.com/touchline/touchline/projections/projectiontest"
	"github.com/touchline/touchline/schemas/football"
)

// openDoor serves a door to a board of so many matches, in whose log nothing happens, and returns its address.
func openDoor(t *testing.T, cfg door.Config, matches int) string {
	t.Helper()
	log := projectiontest.Log(t)
	b := board.New(board.Config{Keep: time.Hour, Ring: 1, OnRebuilt: func() {}})
	at := record.Positions{Next: [record.TopicCount][]int64{{0}, {0}}}
	b.Load(board.Start{At: at, Ends: at.Clone().Next, Current: forecasts(t, log, matches)})
	signer, err := cursor.NewSigner(nil)
	if err != nil {
		t.Fatal(err)
	}
	starter, err := subscribe.New(
		subscribe.Deps{Board: b, Reader: tail.NewReader(log.Options(), log.Serde, 1), Serde: log.Serde,
			Reference: log.Reference, Cursors: signer, Metrics: prometheus.NewRegistry()},
	)
	if err != nil {
		t.Fatal(err)
	}
	renderer := &frame.Renderer{Serde: log.Serde, Reference: log.Reference, Cursors: signer, Health: b.Health}
	d, err := door.New(
		cfg,
		door.Deps{Board: b, Starter: starter, Renderer: renderer, Logger: slog.New(slog.DiscardHandler),
			Metrics: prometheus.NewRegistry()},
	)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ws", d.ServeWebsocket)
	mux.HandleFunc("GET /stream", d.ServeEvents)
	server := httptest.NewServer(mux)
	t.Cleanup(func() { d.Stop(); server.Close() })
	return server.Listener.Addr().String()
}

func forecasts(t *testing.T, log *projectiontest.Topics, matches int) (current []*record.Record) {
	t.Helper()
	for i := range matches {
		m := projectiontest.Match{}
		p := m.Prediction("goals", int64(i+1))
		p.Match = football.MatchID(fmt.Sprintf("england.2015-16.arsenal.chelsea.%d", i+1))
		value := log.Record(p).Value
		r, err := record.Decode(t.Context(), log.Serde, record.Predictions, 0, int64(i), value)
		if err != nil {
			t.Fatal(err)
		}
		current = append(current, r)
	}
	return current
}

func config() door.Config {
	return door.Config{Queue: 16, Connections: 2, Subscriptions: 2, Heartbeat: time.Minute, WriteTimeout: time.Second,
		Origins: []string{"https://elsewhere.example"}}
}

// A quiet stream outlives the write timeout: every heartbeat renews the deadline, and none is left behind in between.
func TestAQuietStreamOutlivesTheWriteTimeout(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.Heartbeat, cfg.WriteTimeout = 150*time.Millisecond, 50*time.Millisecond
	resp, err := http.Get("http://" + openDoor(t, cfg, 1) + "/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for heartbeats := 0; heartbeats < 4; {
		if !lines.Scan() {
			t.Fatalf("the stream ended after %d heartbeats: %v", heartbeats, lines.Err())
		}
		if lines.Text() == ": heartbeat" {
			heartbeats++
		}
	}
}

// countingConn counts what arrives.
type countingConn struct {
	net.Conn
	read *int
}

func (c countingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	*c.read += n
	return n, err
}

func TestFramesAreCompressedForWhoOffersIt(t *testing.T) {
	t.Parallel()
	address := openDoor(t, config(), 30)
	arrived := map[bool]int{}
	var image [2]string
	for i, offer := range []bool{false, true} {
		read := 0
		dialer := websocket.Dialer{EnableCompression: offer, NetDial: func(network, address string) (net.Conn, error) {
			conn, err := net.Dial(network, address)
			return countingConn{conn, &read}, err
		}}
		c, resp, err := dialer.Dial("ws://"+address+"/ws", nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(resp.Header.Get("Sec-Websocket-Extensions"), "permessage-deflate"); got != offer {
			t.Errorf("offered %v: got extensions %q", offer, resp.Header.Get("Sec-Websocket-Extensions"))
		}
		if err := c.WriteMessage(websocket.TextMessage, []byte(`{"action":"subscribe","id":"1"}`)); err != nil {
			t.Fatal(err)
		}
		_, body, err := c.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		image[i], arrived[offer] = string(body), read
		c.Close()
	}
	if image[0] != image[1] {
		t.Error("the image is another one when it is compressed")
	}
	if arrived[true]*3 > arrived[false] {
		t.Errorf("got %d bytes compressed of %d, want a third at most", arrived[true], arrived[false])
	}
	t.Logf("image of 30 matches: %d bytes plain, %d compressed at level %d", arrived[false], arrived[true],
		flate.BestSpeed)
}

func TestWhoIsNotLetInGetsAProblem(t *testing.T) {
	t.Parallel()
	address := openDoor(t, config(), 1)
	for path, want := range map[string]struct {
		status int
		kind   string
	}{
		"/stream?heartbeat_s=301":  {http.StatusBadRequest, "/problems/bad-parameter"},
		"/stream?conflate_ms=x":    {http.StatusBadRequest, "/problems/bad-parameter"},
		"/stream?detail=some":      {http.StatusBadRequest, "/problems/bad-message"},
		"/stream?competition=ZZ":   {http.StatusNotFound, "/problems/unknown-competition"},
		"/ws?competition=E0":       {http.StatusBadRequest, "/problems/bad-parameter"},
		"/ws":                      {http.StatusBadRequest, "/problems/no-websocket"}, // a plain request
		"/stream?match=not-a-name": {http.StatusNotFound, "/problems/unknown-match"},
	} {
		resp, err := http.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != want.status || !strings.Contains(string(body), fmt.Sprintf("%q", want.kind)) {
			t.Errorf("%s: got %d %s, want %d %s", path, resp.StatusCode, body, want.status, want.kind)
		}
	}
	origins := map[string]bool{
		"https://elsewhere.example": true, "http://" + address: true, "https://evil.example": false,
	}
	for origin, want := range origins {
		c, _, err := websocket.DefaultDialer.Dial("ws://"+address+"/ws", http.Header{"Origin": {origin}})
		if (err == nil) != want {
			t.Errorf("from %s: got %v", origin, err)
		}
		if err == nil {
			defer c.Close()
		}
	}
	if _, resp, err := websocket.DefaultDialer.Dial(
		"ws://"+address+"/ws",
		nil,
	); err == nil ||
		resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("the third connection of two: got %v, %v", resp, err)
	}
}
