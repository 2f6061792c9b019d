package source

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// Merge returns feeds of one pool as one, in order of position and within one instant of moment, competition and match.
// The pool has one clock: a tick that several feeds have comes once.
func Merge(feeds ...Feed) Feed {
	if len(feeds) == 1 {
		return feeds[0]
	}
	m := &merger{heads: make([]head, len(feeds))}
	merged := Feed{Pool: feeds[0].Pool, Next: m.Next}
	for i, f := range feeds {
		m.heads[i] = head{feed: f, index: i}
		merged.LiveFrom, merged.Until = max(merged.LiveFrom, f.LiveFrom), max(merged.Until, f.Until)
	}
	if slices.ContainsFunc(feeds, func(f Feed) bool { return f.Until == 0 }) {
		merged.Until = 0
	}
	return merged
}

type merger struct {
	heads []head // of feeds that have not ended; each with its next event, once it was read
	tick  football.Instant
}

type head struct {
	feed     Feed
	index    int
	raw      *football.RawEvent
	position football.Instant
}

func (m *merger) Next(ctx context.Context) (*football.RawEvent, error) {
	for {
		if err := m.fillHeads(ctx); err != nil {
			return nil, err
		}
		if len(m.heads) == 0 {
			return nil, io.EOF
		}
		first := slices.MinFunc(m.heads, head.compareHeads).index
		for i := range m.heads {
			h := &m.heads[i]
			if h.index != first {
				continue
			}
			raw := h.raw
			h.raw = nil
			if raw.Moment == football.MomentTick {
				if raw.At <= m.tick {
					break // another feed had it
				}
				m.tick = raw.At
			}
			return raw, nil
		}
	}
}

// fillHeads reads the next event of each feed that has none, and forgets the feeds that have ended.
func (m *merger) fillHeads(ctx context.Context) error {
	open := m.heads[:0]
	for _, h := range m.heads {
		if h.raw == nil {
			raw, err := h.feed.Next(ctx)
			if errors.Is(err, io.EOF) {
				continue
			}
			if err != nil {
				return err
			}
			h.raw, h.position = raw, max(h.position, raw.At)
		}
		open = append(open, h)
	}
	m.heads = open
	return nil
}

func (h head) compareHeads(other head) int {
	return cmp.Or(
		cmp.Compare(h.position, other.position),
		cmp.Compare(Rank(h.raw.Moment), Rank(other.raw.Moment)),
		cmp.Compare(h.raw.Competition, other.raw.Competition),
		cmp.Compare(h.raw.SourceMatchID, other.raw.SourceMatchID),
		cmp.Compare(h.index, other.index),
	)
}
