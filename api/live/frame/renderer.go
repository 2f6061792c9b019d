package frame

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/gorilla/websocket"

	"github.com/touchline/touchline/api/live/cursor"
	"github.com/touchline/touchline/api/live/record"
	"github.com/touchline/touchline/api/resource"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Renderer turns messages into frames. It is safe for concurrent use.
type Renderer struct {
	Serde     *wire.Serde
	Reference *football.Reference // names of teams
	Cursors   cursor.Signer
	Health    func() string // of the feed, as every frame carries it; must not block
}

// RenderFrame returns the frame of a message and its JSON.
func (r *Renderer) RenderFrame(ctx context.Context, m *Message) ([]byte, Frame, error) {
	f, err := r.buildFrame(ctx, m)
	if err != nil {
		return nil, f, err
	}
	body, err := json.Marshal(f)
	if err != nil {
		return nil, f, fmt.Errorf("encode %s frame: %w", f.Type, err)
	}
	return body, f, nil
}

func (r *Renderer) buildFrame(ctx context.Context, m *Message) (Frame, error) {
	if m.Notice != nil {
		f := *m.Notice
		f.Health = r.Health()
		if m.WithCursor {
			f.Cursor = r.Cursors.Format(m.At)
		}
		return f, nil
	}
	f := Frame{ID: m.Stream.ID}
	switch {
	case m.Image != nil:
		image, err := r.renderImage(ctx, m)
		if err != nil {
			return f, err
		}
		f.Type, f.Data = TypeImage, image
	case m.Delta.Record.Topic == record.Events:
		f.Type, f.Data = TypeEvent, resource.OfEvent(m.Delta.Record.Event)
	default:
		p, err := r.decodeForecast(ctx, m.Delta.Record)
		if err != nil {
			return f, err
		}
		f.Type, f.Data = TypePrediction, resource.OfPrediction(p, !m.Stream.Full)
	}
	f.Cursor, f.Health = r.Cursors.Format(m.At), r.Health()
	return f, nil
}

// PrepareMessage returns the message ready for any websocket, compressed or not. Deltas of the tail are the same for
// all subscriptions of one id and detail, so they are rendered and compressed once.
func (r *Renderer) PrepareMessage(ctx context.Context, m *Message) (*websocket.PreparedMessage, error) {
	if m.Delta == nil || m.OwnCursor {
		return r.prepareAlone(ctx, m)
	}
	m.Delta.mu.Lock()
	defer m.Delta.mu.Unlock()
	if p, ok := m.Delta.prepared[*m.Stream]; ok {
		return p, nil
	}
	p, err := r.prepareAlone(ctx, m)
	if err == nil && len(m.Delta.prepared) < maxPrepared {
		if m.Delta.prepared == nil {
			m.Delta.prepared = map[Stream]*websocket.PreparedMessage{}
		}
		m.Delta.prepared[*m.Stream] = p
	}
	return p, err
}

func (r *Renderer) prepareAlone(ctx context.Context, m *Message) (*websocket.PreparedMessage, error) {
	body, _, err := r.RenderFrame(ctx, m)
	if err != nil {
		return nil, err
	}
	return websocket.NewPreparedMessage(websocket.TextMessage, body)
}

func (r *Renderer) decodeForecast(ctx context.Context, rec *record.Record) (*football.Prediction, error) {
	forecast, err := wire.Decode(ctx, r.Serde, wire.Prediction, rec.Value)
	if err != nil {
		return nil, fmt.Errorf("decode forecast at %d/%d: %w", rec.Partition, rec.Offset, err)
	}
	return forecast, nil
}

// renderImage groups the forecasts, which are sorted by match, into matches, and sorts these by kick-off.
func (r *Renderer) renderImage(ctx context.Context, m *Message) (*Image, error) {
	image := &Image{Matches: []*Match{}}
	newest := int64(-1) // the sequence that the last match's state of play is of
	for _, rec := range m.Image {
		p, err := r.decodeForecast(ctx, rec)
		if err != nil {
			return nil, err
		}
		if n := len(image.Matches); n == 0 || image.Matches[n-1].ID != string(rec.Match) {
			image.Matches = append(image.Matches, &Match{
				ID: string(rec.Match), Competition: string(rec.Competition), Season: string(rec.Season),
				Home: r.nameTeam(rec.Home), Away: r.nameTeam(rec.Away),
			})
			newest = -1
		}
		match := image.Matches[len(image.Matches)-1]
		rendered := resource.OfPrediction(p, !m.Stream.Full)
		match.Predictions = append(match.Predictions, rendered)
		if p.Feature.Sequence > newest { // models may differ in how far they are
			newest, match.Live, match.Kickoff = p.Feature.Sequence, rendered.Live, rendered.Kickoff
		}
	}
	slices.SortStableFunc(image.Matches, compareKickoffs)
	return image, nil
}

// compareKickoffs orders matches by kick-off, those without one last.
func compareKickoffs(a, b *Match) int {
	switch {
	case a.Kickoff == nil && b.Kickoff == nil:
		return 0
	case a.Kickoff == nil:
		return 1
	case b.Kickoff == nil:
		return -1
	}
	return a.Kickoff.Compare(*b.Kickoff)
}

func (r *Renderer) nameTeam(id football.TeamID) resource.Team {
	if t, ok := r.Reference.TeamByID(id); ok {
		return resource.Team{ID: string(id), Name: t.Name}
	}
	return resource.Team{ID: string(id), Name: string(id)}
}
