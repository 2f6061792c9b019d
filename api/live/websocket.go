package live

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// pingEvery is how often the server asks whether a connection still lives; three unanswered ones end it.
const pingEvery = 20 * time.Second

// closeWait is how long a closed connection has for the closing to reach the client and its answer to come back.
const closeWait = time.Second

var writeBuffers sync.Pool

// ServeWebsocket is the feed as a websocket; docs/protocol.md says what is spoken on it.
func (h *Hub) ServeWebsocket(w http.ResponseWriter, r *http.Request) {
	pace, err := h.pace(r.URL.Query())
	if err != nil {
		refuseHTTP(w, http.StatusBadRequest, err)
		return
	}
	out := newOutbox(h.cfg.Queue, pace.conflate > 0)
	if err := h.admit(out); err != nil {
		refuseHTTP(w, http.StatusServiceUnavailable, err)
		return
	}
	defer h.dismiss(out)
	upgrader := websocket.Upgrader{ReadBufferSize: 1 << 10, WriteBufferSize: 4 << 10, WriteBufferPool: &writeBuffers, CheckOrigin: h.origin}
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	h.metrics.connections.WithLabelValues("websocket").Inc()
	defer h.metrics.connections.WithLabelValues("websocket").Dec()

	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	c := &connection{hub: h, socket: socket, out: out, pace: pace, subscriptions: map[string]*subscription{}}
	var writer sync.WaitGroup
	writer.Go(func() {
		defer socket.Close() // ends the reader
		c.write(ctx)
	})
	c.read(ctx)
	cancel()
	out.end(websocket.CloseNormalClosure, "")
	c.replays.Wait()
	writer.Wait()
	for _, s := range c.subscriptions {
		h.unsubscribe(s)
	}
}

// admit makes room for a connection.
func (h *Hub) admit(out *outbox) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.stopping:
		return refuse("stopping", "the server stops")
	case len(h.outboxes) >= h.cfg.Connections:
		return refuse("too-many-connections", "this server has its %d connections; try another", h.cfg.Connections)
	}
	h.outboxes[out] = true
	h.feeds.Add(1)
	return nil
}

func (h *Hub) dismiss(out *outbox) {
	h.mu.Lock()
	delete(h.outboxes, out)
	h.mu.Unlock()
	h.feeds.Done()
	h.metrics.conflated.Add(float64(out.conflated))
}

func (h *Hub) unsubscribe(s *subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.index.remove(s)
}

// origin lets in programs, which send no origin, the server's own pages and the configured ones.
func (h *Hub) origin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(h.cfg.Origins, "*") || slices.Contains(h.cfg.Origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && strings.EqualFold(u.Host, r.Host)
}

// connection is one websocket: a reader, a writer, and for each resumption a replay.
type connection struct {
	hub    *Hub
	socket *websocket.Conn
	out    *outbox
	pace   pace

	mu            sync.Mutex
	subscriptions map[string]*subscription // nil while a replay runs
	replays       sync.WaitGroup
}

// read takes what the client says until it is gone. A socket closed with something unread is reset, and what was sent on it
// last, the reason of the closing, may be lost: so the rest is read and thrown away.
func (c *connection) read(ctx context.Context) {
	var gone *websocket.CloseError
	if err := c.listen(ctx); errors.As(err, &gone) {
		return
	}
	if c.socket.SetReadDeadline(time.Now().Add(closeWait)) == nil {
		_, _ = io.Copy(io.Discard, c.socket.NetConn()) // whatever ends it, the connection is over
	}
}

// listen does what the client says until it is gone (the error is how) or has said too much nonsense (no error).
func (c *connection) listen(ctx context.Context) error {
	c.socket.SetReadLimit(maxMessage)
	alive := func(string) error { return c.socket.SetReadDeadline(time.Now().Add(3 * pingEvery)) }
	_ = alive("") // a socket that is gone says so at the next read
	c.socket.SetPongHandler(alive)
	bad := 0
	for {
		kind, body, err := c.socket.ReadMessage()
		if err != nil {
			return err
		}
		_ = alive("")
		r, err := parseRequest(body)
		if kind != websocket.TextMessage {
			err = refuse("bad-message", "binary messages are not understood; send JSON as text")
		}
		if err == nil {
			err = c.do(ctx, r)
		}
		if err == nil {
			bad = 0
			continue
		}
		c.out.push(errorFrame(r.ID, err))
		var refused *refusal
		if !errors.As(err, &refused) {
			c.hub.logger.Warn("subscription not made", "cause", err)
		}
		if bad++; bad == maxBadInARow {
			c.out.end(CloseBadClient, "ten messages in a row made no sense")
			return nil
		}
	}
}

func (c *connection) do(ctx context.Context, r request) error {
	switch r.Action {
	case "ping":
		c.out.push(&message{notice: &notice{frame: frame{Type: "pong", ID: r.ID}}})
		return nil
	case "unsubscribe":
		return c.unsubscribe(r.ID)
	}
	c.mu.Lock()
	_, taken := c.subscriptions[r.ID]
	count := len(c.subscriptions)
	c.mu.Unlock()
	if taken {
		return refuse("duplicate-id", "there is a subscription %q already; unsubscribe it first or take another id", r.ID)
	}
	if count >= c.hub.cfg.Subscriptions {
		return refuse("too-many-subscriptions", "a connection has at most %d subscriptions; use a wider filter or another connection", c.hub.cfg.Subscriptions)
	}
	s := r.subscription(c.out)
	if err := c.hub.check(ctx, s.filter); err != nil {
		return err
	}
	if r.Cursor == "" {
		if err := c.hub.subscribe(ctx, s); err != nil {
			return err
		}
		c.keep(r.ID, s)
		return nil
	}
	c.keep(r.ID, nil)
	c.replays.Go(func() {
		if err := c.hub.resume(ctx, s, r.Cursor); err != nil {
			c.mu.Lock()
			delete(c.subscriptions, r.ID)
			c.mu.Unlock()
			if ctx.Err() == nil {
				c.out.push(errorFrame(r.ID, err))
			}
			return
		}
		c.keep(r.ID, s)
	})
	return nil
}

func (c *connection) keep(id string, s *subscription) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.subscriptions[id] = s
}

func (c *connection) unsubscribe(id string) error {
	c.mu.Lock()
	s, ok := c.subscriptions[id]
	if ok && s != nil {
		delete(c.subscriptions, id)
	}
	c.mu.Unlock()
	switch {
	case !ok:
		return refuse("unknown-subscription", "there is no subscription %q", id)
	case s == nil:
		return refuse("replaying", "subscription %q is still being resumed; close the connection to stop it", id)
	}
	c.hub.unsubscribe(s)
	c.out.forget(s)
	c.out.push(&message{notice: &notice{frame: frame{Type: "unsubscribed", ID: id}}})
	return nil
}

// write is the only goroutine that writes to the socket.
func (c *connection) write(ctx context.Context) {
	heartbeat, ping := time.NewTimer(c.pace.heartbeat), time.NewTicker(pingEvery)
	defer heartbeat.Stop()
	defer ping.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ping.C:
			if c.socket.WriteControl(websocket.PingMessage, nil, time.Now().Add(c.hub.cfg.WriteTimeout)) != nil {
				return
			}
		case <-heartbeat.C:
			if c.send(ctx, c.heartbeat()) != nil {
				return
			}
			heartbeat.Reset(c.pace.heartbeat)
		case <-c.out.wake:
			sent, ended, err := c.drain(ctx)
			if err != nil {
				return
			}
			if ended != nil {
				c.close(ended)
				select {
				case <-time.After(closeWait):
				case <-ctx.Done(): // the reader has heard the client's answer
				}
				return
			}
			if sent {
				heartbeat.Reset(c.pace.heartbeat)
			}
			if c.pace.conflate > 0 && sent {
				select {
				case <-time.After(c.pace.conflate):
				case <-ctx.Done():
					return
				}
			}
		}
	}
}

// drain writes what waits.
func (c *connection) drain(ctx context.Context) (sent bool, ended *ending, err error) {
	for {
		m, ended := c.out.pop()
		if m == nil {
			return sent, ended, nil
		}
		if err := c.send(ctx, m); err != nil {
			return sent, nil, err
		}
		sent = true
	}
}

func (c *connection) send(ctx context.Context, m *message) error {
	prepared, err := c.hub.prepare(ctx, m)
	if err != nil { // a frame that can't be made must not end the feed
		c.hub.logger.Warn("frame left out", "cause", err)
		return nil
	}
	if err := c.socket.SetWriteDeadline(time.Now().Add(c.hub.cfg.WriteTimeout)); err != nil {
		return err
	}
	c.hub.metrics.frames.WithLabelValues("websocket").Inc()
	return c.socket.WritePreparedMessage(prepared)
}

// close says why, then closes. The close frame has no room for a cursor; the client has that of the last frame.
func (c *connection) close(e *ending) {
	c.hub.metrics.closed.WithLabelValues(strconv.Itoa(e.code)).Inc()
	deadline := time.Now().Add(closeWait)
	_ = c.socket.SetWriteDeadline(deadline) // a socket that is gone says so at the write
	if body, err := json.Marshal(frame{Type: "closing", Code: strconv.Itoa(e.code), Detail: e.reason}); err == nil && e.code != websocket.CloseNormalClosure {
		_ = c.socket.WriteMessage(websocket.TextMessage, body) // a reader that is gone or full misses it
	}
	_ = c.socket.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(e.code, e.reason), deadline)
}

// heartbeat says how the feed is. It carries the hub's positions as a cursor when they are true for every subscription:
// nothing waits to be written and nothing is being replayed. A quiet subscription's cursor stays young that way.
func (c *connection) heartbeat() *message {
	m := &message{notice: &notice{frame: frame{Type: "heartbeat"}, withCursor: true}}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	m.at = c.hub.next.clone()
	for _, s := range c.subscriptions {
		if s == nil || s.from[predictions] != nil {
			m.notice.withCursor = false
		}
	}
	if c.out.length() > 0 || len(c.subscriptions) == 0 {
		m.notice.withCursor = false
	}
	return m
}
