package door

import (
	"context"
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/gorilla/websocket"

	"github.com/touchline/touchline/api/live/board"
	"github.com/touchline/touchline/api/live/frame"
)

// readUntilGone takes what the client asks until it is gone. A socket closed with something unread is reset, and what
// was sent on it last, the reason of the closing, may be lost: so the rest is read and thrown away.
func (c *connection) readUntilGone(ctx context.Context) {
	err := c.readRequests(ctx)
	var gone *websocket.CloseError
	if errors.As(err, &gone) {
		return
	}
	if errors.Is(err, websocket.ErrReadLimit) { // the library has closed it
		c.door.metrics.closed.WithLabelValues(strconv.Itoa(frame.CloseTooBig)).Inc()
	}
	if c.socket.SetReadDeadline(time.Now().Add(closeWait)) == nil {
		_, _ = io.Copy(io.Discard, c.socket.NetConn()) // whatever ends it, the connection is over
	}
}

// readRequests does what the client asks until it is gone (the error is how) or has sent too much nonsense (no error).
func (c *connection) readRequests(ctx context.Context) error {
	c.socket.SetReadLimit(maxMessage)
	alive := func(string) error { return c.socket.SetReadDeadline(time.Now().Add(3 * pingEvery)) }
	_ = alive("") // a socket that is gone fails at the next read
	c.socket.SetPongHandler(alive)
	bad := 0
	for {
		kind, body, err := c.socket.ReadMessage()
		if err != nil {
			return err
		}
		_ = alive("")
		if c.answerRequest(ctx, kind, body) {
			bad = 0
			continue
		}
		if bad++; bad == maxBadInARow {
			c.out.EndConnection(frame.CloseBadClient, "ten messages in a row made no sense")
			return nil
		}
	}
}

// answerRequest does what one message asks, or answers what is wrong with it and returns false.
func (c *connection) answerRequest(ctx context.Context, kind int, body []byte) bool {
	r, err := parseRequest(body)
	if kind != websocket.TextMessage {
		err = frame.Refuse("bad-message", "binary messages are not understood; send JSON as text")
	}
	if err == nil {
		err = c.doRequest(ctx, r)
	}
	if err == nil {
		return true
	}
	c.out.PushMessage(frame.NewError(r.ID, err))
	var refused *frame.Refusal
	if !errors.As(err, &refused) {
		c.door.Logger.Warn("subscription not made", "error", err)
	}
	return false
}

func (c *connection) doRequest(ctx context.Context, r request) error {
	switch r.Action {
	case actionPing:
		c.out.PushMessage(frame.NewNotice(frame.Frame{Type: frame.TypePong, ID: r.ID}))
		return nil
	case actionUnsubscribe:
		return c.endSubscription(r.ID)
	}
	if err := c.checkRoom(r.ID); err != nil {
		return err
	}
	s := r.newSubscription(c.out)
	if err := c.door.Starter.CheckFilter(ctx, s.Filter); err != nil {
		return err
	}
	if r.Cursor == "" {
		if err := c.door.Starter.StartWithImage(ctx, s); err != nil {
			return err
		}
		c.keepSubscription(r.ID, s)
		return nil
	}
	c.keepSubscription(r.ID, nil)
	c.replays.Go(func() { c.resumeSubscription(ctx, s, r.Cursor) })
	return nil
}

// checkRoom refuses an id that is taken, and a subscription too many.
func (c *connection) checkRoom(id string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, taken := c.subscriptions[id]; taken {
		return frame.Refuse("duplicate-id",
			"there is a subscription %q already; unsubscribe it first or take another id", id)
	}
	if most := c.door.cfg.Subscriptions; len(c.subscriptions) >= most {
		return frame.Refuse("too-many-subscriptions",
			"a connection has at most %d subscriptions; use a wider filter or another connection", most)
	}
	return nil
}

// resumeSubscription brings a subscription from its cursor to the tail, or answers why not.
func (c *connection) resumeSubscription(ctx context.Context, s *board.Subscription, cursor string) {
	err := c.door.Starter.ResumeAfter(ctx, s, cursor)
	if err == nil {
		c.keepSubscription(s.Stream.ID, s)
		return
	}
	c.mu.Lock()
	delete(c.subscriptions, s.Stream.ID)
	c.mu.Unlock()
	if ctx.Err() == nil {
		c.out.PushMessage(frame.NewError(s.Stream.ID, err))
	}
}

func (c *connection) keepSubscription(id string, s *board.Subscription) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.subscriptions[id] = s
}

// endSubscription does what unsubscribe asks.
func (c *connection) endSubscription(id string) error {
	c.mu.Lock()
	s, ok := c.subscriptions[id]
	if ok && s != nil {
		delete(c.subscriptions, id)
	}
	c.mu.Unlock()
	switch {
	case !ok:
		return frame.Refuse("unknown-subscription", "there is no subscription %q", id)
	case s == nil:
		return frame.Refuse("replaying", "subscription %q is still being resumed; close the connection to stop it", id)
	}
	c.door.Board.Unsubscribe(s)
	c.out.DropStream(&s.Stream)
	c.out.PushMessage(frame.NewNotice(frame.Frame{Type: frame.TypeUnsubscribed, ID: id}))
	return nil
}
