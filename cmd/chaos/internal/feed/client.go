// Package feed subscribes to the live feed as docs/protocol.md says a client should: it applies what is above what it
// has, resumes with the cursor that it last applied, on another server each time, and keeps what it applied for the
// check.
package feed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/touchline/touchline/schemas/football"
)

// silence is how long a connection may say nothing, heartbeats included, before the client goes elsewhere.
const silence = 5 * time.Second

// Applied is a record that a client applied.
type Applied struct {
	Match    football.MatchID
	Model    string // "" of an event
	Sequence int64
}

// Client is one subscription that outlives its connections.
type Client struct {
	Name        string
	Competition football.CompetitionID // "" for everything
	Conflated   bool                   // it asked for conflation

	servers []string // host:port
	finding func(format string, args ...any)

	mu      sync.Mutex
	cursor  string
	start   Positions // of the first image
	now     Positions
	image   []Applied // what the first image held
	applied []Applied
	newest  map[string]int64 // applied sequence by match and model
	again   int              // frames that were delivered again, and dropped
	resumed int
}

// New returns a client of the servers. finding is told what a server must not say.
func New(name string, competition football.CompetitionID, conflated bool, servers []string,
	finding func(string, ...any)) *Client {
	return &Client{Name: name, Competition: competition, Conflated: conflated, servers: servers, finding: finding,
		newest: map[string]int64{}}
}

// Run stays subscribed until ctx is done.
func (c *Client) Run(ctx context.Context) {
	for n := 0; ctx.Err() == nil; n++ {
		if err := c.connection(ctx, c.servers[n%len(c.servers)]); err != nil && errors.Is(err, errProtocol) {
			c.finding("websocket %s: %v", c.Name, err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// errProtocol marks what a server must not say.
var errProtocol = errors.New("against the protocol")

// connection is one connection from its beginning to its end.
func (c *Client) connection(ctx context.Context, server string) error {
	query := url.Values{"heartbeat_s": {"1"}}
	if c.Conflated {
		query.Set("conflate_ms", "500")
	}
	dialer := websocket.Dialer{HandshakeTimeout: 3 * time.Second}
	conn, answer, err := dialer.DialContext(ctx, "ws://"+server+"/v1/ws?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	_ = answer.Body.Close() // a handshake's body is empty
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })() // which ends the read below
	if err := conn.WriteJSON(c.subscription()); err != nil {
		return err
	}
	for {
		if err := conn.SetReadDeadline(time.Now().Add(silence)); err != nil {
			return err
		}
		_, text, err := conn.ReadMessage()
		if err != nil {
			return err
		}
		if err := c.receiveFrame(text); err != nil {
			return err
		}
	}
}

func (c *Client) subscription() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	request := map[string]string{"action": "subscribe", "id": "1", "detail": "compact"}
	if c.Competition != "" {
		request["competition"] = string(c.Competition)
	}
	if c.cursor != "" {
		request["cursor"] = c.cursor
		c.resumed++
	}
	return request
}

// frame is what a server says, as far as the client cares.
type frame struct {
	Type   string          `json:"type"`
	Cursor string          `json:"cursor"`
	Code   string          `json:"code"`
	Detail string          `json:"detail"`
	Data   json.RawMessage `json:"data"`
}

// delta is the data of a forecast or an event.
type delta struct {
	Match football.MatchID `json:"match"`
	Model struct {
		ID string `json:"id"`
	} `json:"model"`
	Feature struct {
		Sequence int64 `json:"sequence"`
	} `json:"feature"`
	Sequence int64 `json:"sequence"` // of an event
}

func (d *delta) applied() Applied {
	if d.Model.ID == "" {
		return Applied{d.Match, "", d.Sequence}
	}
	return Applied{d.Match, d.Model.ID, d.Feature.Sequence}
}

// receiveFrame takes one frame.
func (c *Client) receiveFrame(text []byte) error {
	var f frame
	if err := json.Unmarshal(text, &f); err != nil {
		return fmt.Errorf("%w: a frame is no JSON: %w", errProtocol, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch f.Type {
	case "image":
		return c.beginFromImage(&f)
	case "prediction", "event":
		var d delta
		if err := json.Unmarshal(f.Data, &d); err != nil {
			return fmt.Errorf("%w: the data of a frame: %w", errProtocol, err)
		}
		c.applyDelta(d.applied())
		return c.advanceCursor(f.Cursor)
	case "heartbeat":
		return c.advanceCursor(f.Cursor)
	case "error":
		if f.Code == "warming-up" {
			return errors.New(f.Detail) // try again in a moment
		}
		return fmt.Errorf("%w: %s: %s", errProtocol, f.Code, f.Detail)
	case "snapshot_required":
		return fmt.Errorf("%w: the log was not rebuilt, and it asks for a snapshot: %s: %s", errProtocol, f.Code,
			f.Detail)
	default: // resumed, closing: nothing is to be applied
		return nil
	}
}

// beginFromImage takes an image. There is one in the life of a client: after it, cursors lead on.
func (c *Client) beginFromImage(f *frame) error {
	if c.cursor != "" {
		return fmt.Errorf("%w: an image although there was a cursor", errProtocol)
	}
	var data struct {
		Matches []struct {
			Predictions []delta `json:"predictions"`
		} `json:"matches"`
	}
	if err := json.Unmarshal(f.Data, &data); err != nil {
		return fmt.Errorf("%w: the data of an image: %w", errProtocol, err)
	}
	for _, match := range data.Matches {
		for _, forecast := range match.Predictions {
			held := forecast.applied()
			c.image = append(c.image, held)
			c.newest[sequenceKey(held)] = held.Sequence
		}
	}
	if err := c.advanceCursor(f.Cursor); err != nil {
		return err
	}
	c.start = c.now
	return nil
}

// sequenceKey is what a newer record replaces an older one of.
func sequenceKey(a Applied) string { return string(a.Match) + "~" + a.Model }

// applyDelta applies a record if it is above what was applied of its key, as the protocol says.
func (c *Client) applyDelta(a Applied) {
	if last, ok := c.newest[sequenceKey(a)]; ok && a.Sequence <= last {
		c.again++
		return
	}
	c.newest[sequenceKey(a)] = a.Sequence
	c.applied = append(c.applied, a)
}

func (c *Client) advanceCursor(cursor string) error {
	if cursor == "" {
		return nil // a heartbeat between frames of a replay
	}
	at, err := parseCursor(cursor)
	if err != nil {
		return fmt.Errorf("%w: %w", errProtocol, err)
	}
	c.cursor, c.now = cursor, at
	return nil
}

// CaughtUp reports whether the client has everything before these offsets.
func (c *Client) CaughtUp(topic int, after map[int32]int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now.Covers(topic, after)
}

// History is what a client saw.
type History struct {
	Name        string
	Competition football.CompetitionID
	Conflated   bool
	Start, End  Positions
	Image       []Applied
	Applied     []Applied
	Again       int // delivered again and dropped
	Resumed     int
}

// History returns what the client saw so far.
func (c *Client) History() History {
	c.mu.Lock()
	defer c.mu.Unlock()
	return History{c.Name, c.Competition, c.Conflated, c.start, c.now, slices.Clone(c.image), slices.Clone(c.applied),
		c.again, c.resumed}
}
