package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/football"
)

// refusal is what a client did wrong: a code for programs and a sentence for people.
type refusal struct {
	code   string
	detail string
}

func (r *refusal) Error() string { return r.detail }

func refuse(code, format string, args ...any) *refusal {
	return &refusal{code, fmt.Sprintf(format, args...)}
}

// check refuses a filter that can never match anything.
func (h *Hub) check(ctx context.Context, f Filter) error {
	if f.Match != "" {
		if err := f.Match.Validate(); err != nil {
			return refuse("unknown-match", "%s", err)
		}
	}
	if _, ok := h.reference.TeamByID(f.Team); f.Team != "" && !ok && !h.has(func(_ football.MatchID, m *match) bool { return m.home == f.Team || m.away == f.Team }) {
		return refuse("unknown-team", "there is no team %q", f.Team)
	}
	if _, ok := h.reference.Competition(f.Competition); f.Competition != "" && !ok && !h.has(func(_ football.MatchID, m *match) bool { return m.competition == f.Competition }) {
		return refuse("unknown-competition", "there is no competition %q", f.Competition)
	}
	h.mu.Lock()
	_, here := h.matches[f.Match]
	h.mu.Unlock()
	if f.Match == "" || here || h.store == nil {
		return nil
	}
	_, err := h.store.Match(ctx, f.Match)
	if !errors.Is(err, readmodel.ErrNotFound) {
		return nil // a table that can't be asked does not make the match unknown
	}
	if forecasts, err := h.store.LatestOf(ctx, f.Match); err == nil && len(forecasts) == 0 {
		return refuse("unknown-match", "there is no match %q", f.Match)
	}
	return nil
}

// has reports whether the hub has heard of a match like that.
func (h *Hub) has(like func(football.MatchID, *match) bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, m := range h.matches {
		if like(id, m) {
			return true
		}
	}
	return false
}

// subscribe starts a subscription with an image.
func (h *Hub) subscribe(ctx context.Context, s *subscription) error {
	elsewhere, err := h.elsewhere(ctx, s.filter)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.loaded {
		return refuse("warming-up", "the feed is not ready yet; try again in a moment")
	}
	var found []*record
	for id, m := range h.matches {
		if !m.held || !passes(s.filter, id, m) {
			continue
		}
		for _, r := range m.models {
			if s.filter.wants(r) {
				found = append(found, r)
			}
		}
	}
	for _, r := range elsewhere {
		if m := h.matches[r.match]; m == nil || !m.held {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *record) int { return cmp.Or(cmp.Compare(a.match, b.match), cmp.Compare(a.model, b.model)) })
	s.out.push(&message{sub: s, image: &image{found}, at: h.next.clone()})
	h.index.add(s)
	return nil
}

func passes(f Filter, id football.MatchID, m *match) bool {
	return (f.Match == "" || f.Match == id) && (f.Competition == "" || f.Competition == m.competition) && (f.Team == "" || f.Team == m.home || f.Team == m.away)
}

// elsewhere fetches the forecasts of one match that the hub does not hold: from the tables, or from the log where the
// tables are behind what the hub has seen.
func (h *Hub) elsewhere(ctx context.Context, f Filter) ([]*record, error) {
	if f.Match == "" {
		return nil, nil
	}
	h.mu.Lock()
	m := h.matches[f.Match]
	if m != nil && m.held {
		h.mu.Unlock()
		return nil, nil
	}
	seen := map[string]*record{}
	if m != nil {
		for model, r := range m.models {
			seen[model] = r
		}
	}
	h.mu.Unlock()
	found := map[string]*record{}
	if h.store != nil {
		rows, err := h.store.LatestOf(ctx, f.Match)
		if err != nil && !readmodel.NoTables(err) {
			return nil, fmt.Errorf("read forecasts of %s: %w", f.Match, err)
		}
		for _, row := range rows {
			r, err := read(ctx, h.serde, predictions, &kgo.Record{Partition: row.Position.Partition, Offset: row.Position.Offset, Value: row.Frame})
			if err != nil {
				return nil, err
			}
			found[r.model] = r
		}
	}
	for model, place := range seen {
		if r := found[model]; r != nil && r.offset >= place.offset {
			continue
		}
		r, err := h.readOne(ctx, place)
		if err != nil {
			return nil, err
		}
		if r != nil {
			found[model] = r
		}
	}
	var out []*record
	for _, r := range found {
		if f.wants(r) {
			out = append(out, r)
		}
	}
	return out, nil
}

// resume starts a subscription after a cursor: the log up to now, then the tail.
func (h *Hub) resume(ctx context.Context, s *subscription, text string) error {
	h.mu.Lock()
	if !h.loaded {
		h.mu.Unlock()
		return refuse("warming-up", "the feed is not ready yet; try again in a moment")
	}
	from, err := h.cursors.parse(text, h.ids, [topicCount]int{len(h.next[predictions]), len(h.next[events])})
	h.mu.Unlock()
	if err != nil {
		h.metrics.resumed.WithLabelValues("refused").Inc()
		if errors.Is(err, errForeignEpoch) {
			return &snapshotRequired{"foreign-epoch", err.Error()}
		}
		return &snapshotRequired{"invalid-cursor", err.Error()}
	}
	source := "ring"
	s.out.push(&message{sub: s, notice: &notice{frame: frame{Type: "resumed", ID: s.id}, withCursor: true}, at: from.clone()})
	at := from.clone()
	for {
		target, joined := h.join(s, at)
		if joined {
			h.metrics.resumed.WithLabelValues(source).Inc()
			return nil
		}
		source = "log"
		if err := h.replay(ctx, s, at, target); err != nil {
			return err
		}
		at = latest(at, target)
	}
}

// join lets a subscription that is at these positions follow the tail, with what came since from the rings. If the
// rings don't reach back that far, or there is more than the outbox has room for, it returns how far to read the log.
func (h *Hub) join(s *subscription, at positions) (target positions, joined bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var missed []*record
	for t := range at {
		for p, next := range at[t] {
			if next >= h.next[t][p] {
				continue
			}
			r := h.rings[t][p]
			if next < r.from {
				return h.next.clone(), false
			}
			r.after(next, func(rec *record) {
				if s.filter.wants(rec) {
					missed = append(missed, rec)
				}
			})
		}
	}
	if len(missed) > max(1, s.out.bound/2-s.out.length()) && len(missed) > 16 {
		return h.next.clone(), false
	}
	for _, rec := range missed { // in the order of each partition; the cursor advances with each
		at[rec.topic][rec.partition] = rec.offset + 1
		s.out.push(&message{sub: s, rec: rec, at: at.clone(), own: true})
	}
	if !covers(h.next, at) {
		s.from = at // this hub is behind: what it is still to apply was delivered already
	}
	h.index.add(s)
	return positions{}, true
}

// snapshotRequired says that a cursor leads nowhere: the client must begin with an image.
type snapshotRequired struct {
	code   string
	detail string
}

func (s *snapshotRequired) Error() string { return s.detail }
