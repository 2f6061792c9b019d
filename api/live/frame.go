package live

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/touchline/touchline/api/resource"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// frame is what the server says, in JSON.
type frame struct {
	Type   string `json:"type"`             // image, prediction, event, resumed, unsubscribed, snapshot_required, heartbeat, pong, error, closing
	ID     string `json:"id,omitempty"`     // of the subscription
	Cursor string `json:"cursor,omitempty"` // true once this frame is applied
	Health string `json:"health,omitempty"` // live, catching-up or stale: how far the feed is behind the log
	Code   string `json:"code,omitempty"`   // of an error or a snapshot_required
	Detail string `json:"detail,omitempty"` // a sentence for people
	Data   any    `json:"data,omitempty"`
}

// notice is a frame without data of the log.
type notice struct {
	frame
	withCursor bool
}

// Match is a match in an image.
type Match struct {
	ID          string                `json:"id"`
	Competition string                `json:"competition"`
	Season      string                `json:"season"`
	Home        resource.Team         `json:"home"`
	Away        resource.Team         `json:"away"`
	Kickoff     *time.Time            `json:"kickoff"`
	Live        resource.Live         `json:"live"`
	Predictions []resource.Prediction `json:"predictions"`
}

// image is what was current for a subscription when it began. It is rendered later, from frames that never change.
type image struct {
	forecasts []*record // by match, then model
}

// frames keeps a record's rendered forms. Most subscribers get the same bytes.
type frames struct {
	mu       sync.Mutex
	prepared map[frameKey]*websocket.PreparedMessage
}

type frameKey struct {
	id   string
	full bool
}

// render returns the JSON of a message.
func (h *Hub) render(ctx context.Context, m *message) ([]byte, frame, error) {
	var f frame
	switch {
	case m.notice != nil:
		f = m.notice.frame
		f.Health = h.health()
		if m.notice.withCursor {
			f.Cursor = h.cursor(m.at)
		}
	case m.image != nil:
		data, err := h.renderImage(ctx, m)
		if err != nil {
			return nil, f, err
		}
		f = frame{Type: "image", ID: m.sub.id, Cursor: h.cursor(m.at), Health: h.health(), Data: data}
	case m.rec.topic == events:
		f = frame{Type: "event", ID: m.sub.id, Cursor: h.cursor(m.at), Health: h.health(), Data: resource.OfEvent(m.rec.event)}
	default:
		p, err := h.forecast(ctx, m.rec)
		if err != nil {
			return nil, f, err
		}
		f = frame{Type: "prediction", ID: m.sub.id, Cursor: h.cursor(m.at), Health: h.health(), Data: resource.OfPrediction(p, !m.sub.full)}
	}
	body, err := json.Marshal(f)
	if err != nil {
		return nil, f, fmt.Errorf("encode %s frame: %w", f.Type, err)
	}
	return body, f, nil
}

// prepare returns the message ready for any websocket. Deltas of the tail are the same for all subscriptions of one id
// and detail, so they are rendered once; a replay's cursor is its own.
func (h *Hub) prepare(ctx context.Context, m *message) (*websocket.PreparedMessage, error) {
	if m.rec == nil || m.own {
		body, _, err := h.render(ctx, m)
		if err != nil {
			return nil, err
		}
		return websocket.NewPreparedMessage(websocket.TextMessage, body)
	}
	key := frameKey{m.sub.id, m.sub.full}
	m.rec.frames.mu.Lock()
	defer m.rec.frames.mu.Unlock()
	if p, ok := m.rec.frames.prepared[key]; ok {
		return p, nil
	}
	body, _, err := h.render(ctx, m)
	if err != nil {
		return nil, err
	}
	p, err := websocket.NewPreparedMessage(websocket.TextMessage, body)
	if err == nil && len(m.rec.frames.prepared) < 64 { // ids are the clients' choice
		if m.rec.frames.prepared == nil {
			m.rec.frames.prepared = map[frameKey]*websocket.PreparedMessage{}
		}
		m.rec.frames.prepared[key] = p
	}
	return p, err
}

func (h *Hub) forecast(ctx context.Context, r *record) (*football.Prediction, error) {
	forecast, err := wire.Decode(ctx, h.serde, wire.Prediction, r.value)
	if err != nil {
		return nil, fmt.Errorf("decode forecast at %d/%d: %w", r.partition, r.offset, err)
	}
	return forecast, nil
}

func (h *Hub) renderImage(ctx context.Context, m *message) (any, error) {
	matches := []*Match{}
	newest := int64(-1)
	for _, r := range m.image.forecasts {
		p, err := h.forecast(ctx, r)
		if err != nil {
			return nil, err
		}
		rendered := resource.OfPrediction(p, !m.sub.full)
		if len(matches) == 0 || matches[len(matches)-1].ID != string(r.match) {
			matches = append(matches, &Match{ID: string(r.match), Competition: string(r.competition), Season: string(r.season),
				Home: h.team(r.home), Away: h.team(r.away)})
			newest = -1
		}
		match := matches[len(matches)-1]
		match.Predictions = append(match.Predictions, rendered)
		if p.Feature.Sequence > newest { // models may differ in how far they are; the state of play is that of the newest
			newest, match.Live, match.Kickoff = p.Feature.Sequence, rendered.Live, rendered.Kickoff
		}
	}
	slices.SortStableFunc(matches, func(a, b *Match) int {
		switch {
		case a.Kickoff == nil || b.Kickoff == nil:
			if a.Kickoff == b.Kickoff {
				return 0
			}
			if a.Kickoff == nil {
				return 1
			}
			return -1
		}
		return a.Kickoff.Compare(*b.Kickoff)
	})
	return map[string]any{"matches": matches}, nil
}

func (h *Hub) team(id football.TeamID) resource.Team {
	if t, ok := h.reference.TeamByID(id); ok {
		return resource.Team{ID: string(id), Name: t.Name}
	}
	return resource.Team{ID: string(id), Name: string(id)}
}
