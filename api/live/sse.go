package live

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// ServeEvents is the feed as server-sent events: one subscription, filtered by the query, whose event ids are cursors. A
// browser that lost the connection sends the last one back by itself.
func (h *Hub) ServeEvents(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	pace, err := h.pace(query, "match", "competition", "team", "model", "detail", "cursor")
	if err != nil {
		refuseHTTP(w, http.StatusBadRequest, err)
		return
	}
	req := request{ID: "sse", Match: football.MatchID(query.Get("match")), Competition: football.CompetitionID(query.Get("competition")),
		Team: football.TeamID(query.Get("team")), Model: query.Get("model"), Detail: query.Get("detail"), Cursor: query.Get("cursor")}
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		req.Cursor = last
	}
	if err := req.validate(); err != nil {
		refuseHTTP(w, http.StatusBadRequest, err)
		return
	}
	out := newOutbox(h.cfg.Queue, pace.conflate > 0)
	s := req.subscription(out)
	if err := h.check(r.Context(), s.filter); err != nil {
		refuseHTTP(w, http.StatusNotFound, err)
		return
	}
	if err := h.admit(out); err != nil {
		refuseHTTP(w, http.StatusServiceUnavailable, err)
		return
	}
	defer h.dismiss(out)
	h.metrics.connections.WithLabelValues("sse").Inc()
	defer h.metrics.connections.WithLabelValues("sse").Dec()

	stream := &eventStream{hub: h, writer: w, control: http.NewResponseController(w), begun: make(chan struct{})}
	go func() {
		defer close(stream.begun)
		stream.failed = h.begin(r, s, req.Cursor)
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	stream.run(r, s, pace)
	out.end(CloseGoingAway, "")
	if <-stream.begun; stream.failed == nil {
		h.unsubscribe(s)
	}
}

// begin subscribes after the cursor, or with an image where there is none or it leads nowhere: a browser that comes back
// by itself can't drop its Last-Event-ID.
func (h *Hub) begin(r *http.Request, s *subscription, cursor string) error {
	if cursor == "" {
		return h.subscribe(r.Context(), s)
	}
	err := h.resume(r.Context(), s, cursor)
	var required *snapshotRequired
	if !errors.As(err, &required) {
		return err
	}
	s.out.push(errorFrame(s.id, err))
	return h.subscribe(r.Context(), s)
}

type eventStream struct {
	hub     *Hub
	writer  http.ResponseWriter
	control *http.ResponseController
	begun   chan struct{} // closed when the subscription follows the tail, or failed
	failed  error
}

// run writes frames until the client has gone or the feed ends.
func (e *eventStream) run(r *http.Request, s *subscription, pace pace) {
	ctx, begun := r.Context(), e.begun
	heartbeat := time.NewTimer(pace.heartbeat)
	defer heartbeat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-begun:
			if e.failed != nil {
				_ = e.send(r, errorFrame(s.id, e.failed)) // the stream ends either way
				return
			}
			begun = nil
		case <-heartbeat.C:
			if _, err := fmt.Fprint(e.writer, ": heartbeat\n\n"); err != nil || e.control.Flush() != nil {
				return
			}
			heartbeat.Reset(pace.heartbeat)
		case <-s.out.wake:
			for {
				m, ended := s.out.pop()
				if ended != nil {
					_ = e.send(r, &message{notice: &notice{frame: frame{Type: "closing", Code: fmt.Sprint(ended.code), Detail: ended.reason}}}) // the stream ends either way
					return
				}
				if m == nil {
					break
				}
				if e.send(r, m) != nil {
					return
				}
			}
			heartbeat.Reset(pace.heartbeat)
			if pace.conflate > 0 {
				select {
				case <-time.After(pace.conflate):
				case <-ctx.Done():
					return
				}
			}
		}
	}
}

func (e *eventStream) send(r *http.Request, m *message) error {
	body, f, err := e.hub.render(r.Context(), m)
	if err != nil {
		e.hub.logger.Warn("frame left out", "cause", err)
		return nil
	}
	_ = e.control.SetWriteDeadline(time.Now().Add(e.hub.cfg.WriteTimeout)) // not every writer has one
	if f.Cursor != "" {
		fmt.Fprintf(e.writer, "id: %s\n", f.Cursor)
	}
	if _, err := fmt.Fprintf(e.writer, "event: %s\ndata: %s\n\n", f.Type, body); err != nil {
		return err
	}
	e.hub.metrics.frames.WithLabelValues("sse").Inc()
	return e.control.Flush()
}
