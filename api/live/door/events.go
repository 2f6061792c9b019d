package door

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/touchline/touchline/api/live/board"
	"github.com/touchline/touchline/api/live/frame"
	"github.com/touchline/touchline/api/live/outbox"
	"github.com/touchline/touchline/schemas/football"
)

// eventStream is one connection of server-sent events.
type eventStream struct {
	door         *Door
	writer       http.ResponseWriter
	control      *http.ResponseController
	pace         pace
	subscription *board.Subscription
	begun        chan struct{} // closed when the subscription follows the tail, or failed
	failed       error         // why it failed; read after begun is closed
}

// ServeEvents is the feed as server-sent events: one subscription, filtered by the query, whose event ids are cursors.
// A browser that lost the connection sends the last one back by itself.
func (d *Door) ServeEvents(w http.ResponseWriter, r *http.Request) {
	pace, request, err := d.parseEventsQuery(r)
	if err != nil {
		refuseHTTP(w, r, http.StatusBadRequest, err)
		return
	}
	out := outbox.New(d.cfg.Queue, pace.conflate > 0)
	s := request.newSubscription(out)
	if err := d.Starter.CheckFilter(r.Context(), s.Filter); err != nil {
		refuseHTTP(w, r, http.StatusNotFound, err)
		return
	}
	if err := d.connections.admit(out); err != nil {
		refuseHTTP(w, r, http.StatusServiceUnavailable, err)
		return
	}
	defer d.dismissConnection(out)
	open := d.metrics.connections.WithLabelValues(kindEvents)
	open.Inc()
	defer open.Dec()

	e := &eventStream{door: d, writer: w, control: http.NewResponseController(w), pace: pace, subscription: s,
		begun: make(chan struct{})}
	go func() {
		defer close(e.begun)
		e.failed = d.startEvents(r.Context(), s, request.Cursor)
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // makes nginx pass events on as they come
	e.writeEvents(r.Context())
	out.EndConnection(frame.CloseGoingAway, "")
	if <-e.begun; e.failed == nil {
		d.Board.Unsubscribe(s)
	}
}

// parseEventsQuery reads what a stream asks for in its query and its Last-Event-ID, which goes before the query's
// cursor: the query is still that of the first connection.
func (d *Door) parseEventsQuery(r *http.Request) (pace, request, error) {
	query := r.URL.Query()
	pace, err := d.parsePace(query, "match", "competition", "team", "model", "detail", "cursor")
	if err != nil {
		return pace, request{}, err
	}
	req := request{
		Action: actionSubscribe, ID: "sse",
		Match:       football.MatchID(query.Get("match")),
		Competition: football.CompetitionID(query.Get("competition")),
		Team:        football.TeamID(query.Get("team")),
		Model:       query.Get("model"), Detail: query.Get("detail"), Cursor: query.Get("cursor"),
	}
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		req.Cursor = last
	}
	return pace, req, req.checkSubscribe()
}

// startEvents subscribes after the cursor, or with an image where there is none or it leads nowhere: a browser that
// comes back by itself can't drop its Last-Event-ID.
func (d *Door) startEvents(ctx context.Context, s *board.Subscription, cursor string) error {
	if cursor == "" {
		return d.Starter.StartWithImage(ctx, s)
	}
	err := d.Starter.ResumeAfter(ctx, s, cursor)
	var required *frame.SnapshotRequired
	if !errors.As(err, &required) {
		return err
	}
	s.Outbox.PushMessage(frame.NewError(s.Stream.ID, err))
	return d.Starter.StartWithImage(ctx, s)
}

// writeEvents writes frames until the client has gone or the feed ends.
func (e *eventStream) writeEvents(ctx context.Context) {
	begun := e.begun
	heartbeat := time.NewTimer(e.pace.heartbeat)
	defer heartbeat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-begun:
			if e.failed != nil {
				_ = e.sendMessage(ctx, frame.NewError(e.subscription.Stream.ID, e.failed)) // the stream ends either way
				return
			}
			begun = nil
		case <-heartbeat.C:
			if e.writeText(": heartbeat\n\n") != nil {
				return
			}
			heartbeat.Reset(e.pace.heartbeat)
		case <-e.subscription.Outbox.Wake():
			if !e.sendWaiting(ctx) {
				return
			}
			heartbeat.Reset(e.pace.heartbeat)
			if !e.pace.waitPace(ctx) {
				return
			}
		}
	}
}

// sendWaiting writes what waits in the outbox. It returns false when the stream is over.
func (e *eventStream) sendWaiting(ctx context.Context) bool {
	for {
		m, ended := e.subscription.Outbox.TakeMessage()
		if ended != nil {
			closing := frame.Frame{Type: frame.TypeClosing, Code: strconv.Itoa(ended.Code), Detail: ended.Reason}
			_ = e.sendMessage(ctx, frame.NewNotice(closing)) // the stream ends either way
			return false
		}
		if m == nil {
			return true
		}
		if e.sendMessage(ctx, m) != nil {
			return false
		}
	}
}

// sendMessage writes one event. A frame that can't be made is logged and left out: it must not end the feed.
func (e *eventStream) sendMessage(ctx context.Context, m *frame.Message) error {
	body, f, err := e.door.Renderer.RenderFrame(ctx, m)
	if err != nil {
		e.door.Logger.Warn("frame left out", "error", err)
		return nil
	}
	event := fmt.Sprintf("event: %s\ndata: %s\n\n", f.Type, body)
	if f.Cursor != "" {
		event = "id: " + f.Cursor + "\n" + event
	}
	if err := e.writeText(event); err != nil {
		return err
	}
	e.door.metrics.frames.WithLabelValues(kindEvents).Inc()
	return nil
}

// writeText writes a whole event or comment, which may take as long as WriteTimeout. Every write has a deadline of its
// own, and none is left behind: a deadline that passed between two heartbeats would end the stream at the second.
func (e *eventStream) writeText(text string) error {
	_ = e.control.SetWriteDeadline(time.Now().Add(e.door.cfg.WriteTimeout)) // not every writer has one
	if _, err := fmt.Fprint(e.writer, text); err != nil {
		return err
	}
	if err := e.control.Flush(); err != nil {
		return err
	}
	_ = e.control.SetWriteDeadline(time.Time{})
	return nil
}
