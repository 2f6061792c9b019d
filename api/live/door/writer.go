package door

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/gorilla/websocket"

	"github.com/touchline/touchline/api/live/board"
	"github.com/touchline/touchline/api/live/frame"
	"github.com/touchline/touchline/api/live/outbox"
)

// writeFrames is the only goroutine that writes to the socket. It returns when the client is gone or has been sent why
// it ends.
func (c *connection) writeFrames(ctx context.Context) {
	heartbeat, ping := time.NewTimer(c.pace.heartbeat), time.NewTicker(pingEvery)
	defer heartbeat.Stop()
	defer ping.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ping.C:
			if c.socket.WriteControl(websocket.PingMessage, nil, time.Now().Add(c.door.cfg.WriteTimeout)) != nil {
				return
			}
		case <-heartbeat.C:
			if c.sendMessage(ctx, c.newHeartbeat()) != nil {
				return
			}
			heartbeat.Reset(c.pace.heartbeat)
		case <-c.out.Wake():
			sent, ended, err := c.sendWaiting(ctx)
			if err != nil {
				return
			}
			if ended != nil {
				c.closeSocket(ctx, ended)
				return
			}
			if !sent {
				continue
			}
			heartbeat.Reset(c.pace.heartbeat)
			if !c.pace.waitPace(ctx) {
				return
			}
		}
	}
}

// sendWaiting writes what waits in the outbox.
func (c *connection) sendWaiting(ctx context.Context) (sent bool, ended *outbox.Ending, err error) {
	for {
		m, ended := c.out.TakeMessage()
		if m == nil {
			return sent, ended, nil
		}
		if err := c.sendMessage(ctx, m); err != nil {
			return sent, nil, err
		}
		sent = true
	}
}

// sendMessage writes one frame. A frame that can't be made is logged and left out: it must not end the feed.
func (c *connection) sendMessage(ctx context.Context, m *frame.Message) error {
	prepared, err := c.door.Renderer.PrepareMessage(ctx, m)
	if err != nil {
		c.door.Logger.Warn("frame left out", "error", err)
		return nil
	}
	if err := c.socket.SetWriteDeadline(time.Now().Add(c.door.cfg.WriteTimeout)); err != nil {
		return err
	}
	c.door.metrics.frames.WithLabelValues(kindWebsocket).Inc()
	return c.socket.WritePreparedMessage(prepared)
}

// closeSocket sends why the connection ends, then the close frame, and waits a moment for the client's answer. The
// close frame has no room for a cursor; the client has that of the last frame.
func (c *connection) closeSocket(ctx context.Context, e *outbox.Ending) {
	code := strconv.Itoa(e.Code)
	c.door.metrics.closed.WithLabelValues(code).Inc()
	deadline := time.Now().Add(closeWait)
	_ = c.socket.SetWriteDeadline(deadline) // a socket that is gone fails at the write
	if e.Code != frame.CloseNormal {
		body, err := json.Marshal(frame.Frame{Type: frame.TypeClosing, Code: code, Detail: e.Reason})
		if err == nil {
			_ = c.socket.WriteMessage(websocket.TextMessage, body) // a reader that is gone or full misses it
		}
	}
	_ = c.socket.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(e.Code, e.Reason), deadline)
	select {
	case <-time.After(closeWait):
	case <-ctx.Done(): // the reader has got the client's answer
	}
}

// newHeartbeat returns a frame with the health of the feed. It carries the board's positions as a cursor when they are
// true for every subscription: none is ahead of the board, nothing is being replayed, and nothing waits to be written.
// A quiet subscription's cursor stays young that way.
func (c *connection) newHeartbeat() *frame.Message {
	m := frame.NewNotice(frame.Frame{Type: frame.TypeHeartbeat})
	c.mu.Lock()
	defer c.mu.Unlock()
	var subscriptions []*board.Subscription
	for _, s := range c.subscriptions {
		if s == nil { // being replayed
			return m
		}
		subscriptions = append(subscriptions, s)
	}
	at, ok := c.door.Board.TailPositions(subscriptions)
	// The length comes after the positions: what was applied before them and is not written still waits.
	m.At, m.WithCursor = at, ok && len(subscriptions) > 0 && c.out.Length() == 0
	return m
}
