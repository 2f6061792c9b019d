package board

import (
	"cmp"
	"errors"
	"slices"

	"github.com/touchline/touchline/api/live/frame"
	"github.com/touchline/touchline/api/live/outbox"
	"github.com/touchline/touchline/api/live/record"
)

// ErrNotLoaded is for a board that does not follow a log yet.
var ErrNotLoaded = errors.New("the feed is not ready yet; try again in a moment")

// ErrOtherLog is for positions of a log that the board does not follow any more.
var ErrOtherLog = errors.New("the log was rebuilt")

// Subscription is one filter on one connection. Its exported fields don't change after it was made.
type Subscription struct {
	Stream frame.Stream
	Filter record.Filter
	Outbox *outbox.Outbox

	// covered are the positions of the cursor that it came with while the board is still behind them; guarded by the
	// board.
	covered record.Positions
}

// SubscribeWithImage puts an image into the outbox and lets the subscription follow the tail. elsewhere are forecasts
// that were read from the tables or the log; they count for matches that are not current. The error is ErrNotLoaded.
func (b *Board) SubscribeWithImage(s *Subscription, elsewhere []*record.Record) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.loaded.Load() {
		return ErrNotLoaded
	}
	found := []*record.Record{}
	for id, m := range b.matches {
		if !m.current || !s.Filter.WantsMatch(id, m.competition, m.home, m.away) {
			continue
		}
		for _, r := range m.models {
			if s.Filter.Wants(r) {
				found = append(found, r)
			}
		}
	}
	for _, r := range elsewhere {
		if m := b.matches[r.Match]; m == nil || !m.current {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *record.Record) int {
		return cmp.Or(cmp.Compare(a.Match, b.Match), cmp.Compare(a.Model, b.Model))
	})
	s.Outbox.PushMessage(&frame.Message{Stream: &s.Stream, Image: found, At: b.at.Clone()})
	b.index.addSubscription(s)
	return nil
}

// shortCatchUp is how many missed records are sent from the rings whatever room the outbox has.
const shortCatchUp = 16

// JoinTail lets a subscription that is at these positions follow the tail, with what came since from the rings. If the
// rings don't reach back that far, or there is more than the outbox has room for, it has not joined, and target is how
// far to read the log first. The positions at are the caller's and move with what is sent. The error is ErrOtherLog.
func (b *Board) JoinTail(s *Subscription, at record.Positions) (target record.Positions, joined bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if at.Log.IDs != b.at.Log.IDs {
		return record.Positions{}, false, ErrOtherLog
	}
	missed, complete := b.missedSince(s, at)
	room := max(1, s.Outbox.Bound()/2-s.Outbox.Length())
	if !complete || len(missed) > room && len(missed) > shortCatchUp {
		return b.at.Clone(), false, nil
	}
	for _, r := range missed { // in the order of each partition; the cursor advances with each
		at.PassRecord(r)
		s.Outbox.PushMessage(
			&frame.Message{Stream: &s.Stream, Delta: &frame.Delta{Record: r}, At: at.Clone(), OwnCursor: true},
		)
	}
	if !b.at.Covers(at) {
		s.covered = at // this board is behind: what it is still to apply was delivered already
	}
	b.index.addSubscription(s)
	return record.Positions{}, true, nil
}

// missedSince returns the records since the positions that the subscription wants, and whether the rings reach back
// that far. The caller has locked the board.
func (b *Board) missedSince(s *Subscription, at record.Positions) (missed []*record.Record, complete bool) {
	for t, offsets := range at.Next {
		for p, next := range offsets {
			if next >= b.at.Next[t][p] {
				continue
			}
			if next < b.rings[t][p].from {
				return nil, false
			}
			b.rings[t][p].eachFrom(next, func(r *record.Record) {
				if s.Filter.Wants(r) {
					missed = append(missed, r)
				}
			})
		}
	}
	return missed, true
}

// Unsubscribe ends a subscription that has joined. It gets nothing more; what waits in its outbox stays there.
func (b *Board) Unsubscribe(s *Subscription) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.index.removeSubscription(s)
}

// TailPositions returns how far the log was applied, and whether these positions are true as a cursor of all the
// subscriptions, once their outboxes are empty: none of them is ahead of the board.
func (b *Board) TailPositions(subscriptions []*Subscription) (at record.Positions, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range subscriptions {
		if !s.covered.IsZero() {
			return b.at.Clone(), false
		}
	}
	return b.at.Clone(), true
}
