package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"
)

// frame is what the live feed sends, as far as the recording must understand it.
type frame struct {
	Type   string `json:"type"`
	Code   string `json:"code"`
	Cursor string `json:"cursor"`
	Health string `json:"health"`

	text []byte // the whole frame
}

// silence is how long a connection may send nothing: heartbeats are asked for each second.
const silence = 20 * time.Second

// connection is a websocket of the live feed.
type connection struct{ socket *websocket.Conn }

func openConnection(ctx context.Context, api string) (*connection, error) {
	address := "ws" + strings.TrimPrefix(api, "http") + "/v1/ws?heartbeat_s=1"
	socket, answer, err := websocket.DefaultDialer.DialContext(ctx, address, nil)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", address, err)
	}
	_ = answer.Body.Close() // a handshake's body is empty
	return &connection{socket}, nil
}

func (c *connection) closeSocket() { _ = c.socket.Close() }

func (c *connection) sendMessage(message string) error {
	return c.socket.WriteMessage(websocket.TextMessage, []byte(message))
}

func (c *connection) readFrame() (frame, error) {
	if err := c.socket.SetReadDeadline(time.Now().Add(silence)); err != nil {
		return frame{}, err
	}
	_, text, err := c.socket.ReadMessage()
	if err != nil {
		return frame{}, err
	}
	f := frame{text: text}
	if err := json.Unmarshal(text, &f); err != nil {
		return frame{}, fmt.Errorf("frame %.200s: %w", text, err)
	}
	return f, nil
}

// exchange sends the messages and returns the frames that follow, heartbeats apart, until the feed has been quiet: two
// heartbeats in a row that say that the feed is live. The server sends a heartbeat only when there is nothing else.
func exchange(ctx context.Context, api string, messages ...string) ([]frame, error) {
	c, err := openConnection(ctx, api)
	if err != nil {
		return nil, err
	}
	defer c.closeSocket()
	for _, message := range messages {
		if err := c.sendMessage(message); err != nil {
			return nil, err
		}
	}
	var frames []frame
	for quiet := 0; quiet < 2; {
		f, err := c.readFrame()
		switch {
		case err != nil:
			return nil, fmt.Errorf("after %d frames: %w", len(frames), err)
		case f.Type != "heartbeat":
			frames, quiet = append(frames, f), 0
		case f.Health == "live":
			quiet++
		}
	}
	return frames, nil
}

// firstCursor returns a cursor of the beginning of the feed, and the image that came with it.
func firstCursor(ctx context.Context, api string) (cursor string, image []byte, err error) {
	for {
		f, err := firstFrame(ctx, api)
		if err != nil {
			return "", nil, err
		}
		if f.Type == "image" {
			return f.Cursor, f.text, nil
		}
		if f.Code != "warming-up" {
			return "", nil, fmt.Errorf("subscribe to everything: got %s", f.text)
		}
		select {
		case <-ctx.Done():
			return "", nil, context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func firstFrame(ctx context.Context, api string) (frame, error) {
	c, err := openConnection(ctx, api)
	if err != nil {
		return frame{}, err
	}
	defer c.closeSocket()
	if err := c.sendMessage(`{"action":"subscribe","id":"first","detail":"compact"}`); err != nil {
		return frame{}, err
	}
	return c.readFrame()
}

// errTooQuick says that the match was forecast before the first cursor was taken: its frames can't all be resumed.
var errTooQuick = errors.New("the feed was quicker than the first cursor")

// recordFrames returns the frames of each conversation with the live feed. cursor is one of before the last match.
func recordFrames(ctx context.Context, api string, s subjects, cursor string) (record, error) {
	subscribe := func(fields string) string { return `{"action":"subscribe","id":"1",` + fields + `}` }
	conversations := []struct {
		name     string
		messages []string
	}{
		{"image of a match", []string{subscribe(`"match":"` + s.lastMatch + `"`)}},
		{"image of a competition", []string{subscribe(`"competition":"` + s.competition + `","detail":"compact"`)}},
		{"image of a team", []string{subscribe(`"team":"` + s.team + `"`)}},
		{"image of a model", []string{subscribe(`"model":"elo","detail":"compact"`)}},
		{"resume of a match", []string{subscribe(`"match":"` + s.lastMatch + `","cursor":"` + cursor + `"`)}},
		{"resume of a match, compact, one model", []string{
			subscribe(`"match":"` + s.lastMatch + `","model":"goals","detail":"compact","cursor":"` + cursor + `"`)}},
		{"errors", []string{
			`nonsense`, `{"action":"dance"}`, `{"action":"subscribe"}`, subscribe(`"match":"nonsense"`),
			subscribe(`"team":"none"`), subscribe(`"competition":"none"`), subscribe(`"detail":"some"`),
			subscribe(`"cursor":"nonsense"`), `{"action":"unsubscribe","id":"9"}`}},
		{"ping and unsubscribe", []string{
			`{"action":"ping","id":"7"}`, subscribe(`"match":"` + s.lastMatch + `","detail":"compact"`),
			`{"action":"unsubscribe","id":"1"}`}},
	}
	entries := make(record, len(conversations))
	group, groupCtx := errgroup.WithContext(ctx)
	for i, conversation := range conversations {
		group.Go(func() error {
			frames, err := exchange(groupCtx, api, conversation.messages...)
			if err != nil {
				return fmt.Errorf("%s: %w", conversation.name, err)
			}
			entries[i] = framesEntry("websocket "+conversation.name, frames)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	events, err := readStreamImage(ctx, api, "/v1/stream?detail=compact&match="+s.lastMatch)
	if err != nil {
		return nil, err
	}
	return append(entries, contentEntry("events image of a match", "event=1", maskText(events))), nil
}

// framesEntry lists the frames by type, each type in the order of arrival: between two topics there is no order.
func framesEntry(name string, frames []frame) entry {
	slices.SortStableFunc(frames, func(a, b frame) int { return strings.Compare(a.Type, b.Type) })
	var content bytes.Buffer
	for _, f := range frames {
		content.Write(maskText(f.text))
		content.WriteByte('\n')
	}
	return contentEntry(name, fmt.Sprintf("frames=%d", len(frames)), content.Bytes())
}

// readStreamImage returns the lines of the first server-sent event, without its id, which is a cursor.
func readStreamImage(ctx context.Context, api, path string) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, api+path, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	var event bytes.Buffer
	lines := bufio.NewReader(res.Body)
	for {
		line, err := lines.ReadString('\n')
		switch {
		case err != nil:
			return nil, fmt.Errorf("GET %s: the stream ended before its first event: %w", path, err)
		case line == "\n" && event.Len() > 0:
			return event.Bytes(), nil
		case !strings.HasPrefix(line, "id:") && !strings.HasPrefix(line, ":") && line != "\n":
			event.WriteString(line)
		}
	}
}
