package door

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/touchline/touchline/api/live/board"
	"github.com/touchline/touchline/api/live/frame"
	"github.com/touchline/touchline/api/live/outbox"
	"github.com/touchline/touchline/api/problem"
)

// pingEvery is how often the server asks whether a connection still lives; three unanswered pings end it.
const pingEvery = 20 * time.Second

// closeWait is how long a closed connection has for the closing to reach the client and its answer to come back.
const closeWait = time.Second

// connection is one websocket: a reader, a writer, and for each resumption a replay.
type connection struct {
	door   *Door
	socket *websocket.Conn // read by the reader only, written by the writer only
	out    *outbox.Outbox
	pace   pace

	replays sync.WaitGroup

	mu            sync.Mutex                     // guards what follows; taken before the board's lock
	subscriptions map[string]*board.Subscription // by id; nil while a replay runs
}

// ServeWebsocket is the feed as a websocket; docs/protocol.md describes what is sent on it.
func (d *Door) ServeWebsocket(w http.ResponseWriter, r *http.Request) {
	pace, err := d.parsePace(r.URL.Query())
	if err != nil {
		refuseHTTP(w, r, http.StatusBadRequest, err)
		return
	}
	out := outbox.New(d.cfg.Queue, pace.conflate > 0)
	if err := d.connections.admit(out); err != nil {
		refuseHTTP(w, r, http.StatusServiceUnavailable, err)
		return
	}
	defer d.dismissConnection(out)
	socket, err := d.newUpgrader().Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	open := d.metrics.connections.WithLabelValues(kindWebsocket)
	open.Inc()
	defer open.Dec()

	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	c := &connection{door: d, socket: socket, out: out, pace: pace, subscriptions: map[string]*board.Subscription{}}
	var writer sync.WaitGroup
	writer.Go(func() {
		defer socket.Close() // ends the reader
		c.writeFrames(ctx)
	})
	c.readUntilGone(ctx)
	cancel()
	out.EndConnection(frame.CloseNormal, "")
	c.replays.Wait()
	writer.Wait()
	for _, s := range c.subscriptions {
		d.Board.Unsubscribe(s)
	}
}

// dismissConnection ends the account of a connection.
func (d *Door) dismissConnection(out *outbox.Outbox) {
	d.connections.dismiss(out)
	d.metrics.conflated.Add(float64(out.Conflated()))
}

// writeBuffers are shared by connections that are silent.
var writeBuffers sync.Pool

// newUpgrader returns what turns a request into a websocket. Frames are compressed (permessage-deflate, each by itself)
// where the client offers it.
func (d *Door) newUpgrader() *websocket.Upgrader {
	return &websocket.Upgrader{
		ReadBufferSize: 1 << 10, WriteBufferSize: 4 << 10, WriteBufferPool: &writeBuffers,
		EnableCompression: true, CheckOrigin: d.checkOrigin,
		Error: func(w http.ResponseWriter, r *http.Request, status int, reason error) {
			problem.Write(w, r, problem.New(status, "no-websocket", "%s", reason))
		},
	}
}

// checkOrigin lets in programs, which send no origin, the server's own pages and the configured ones.
func (d *Door) checkOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(d.cfg.Origins, "*") || slices.Contains(d.cfg.Origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && strings.EqualFold(u.Host, r.Host)
}
