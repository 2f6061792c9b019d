package subscribe

import (
	"context"
	"errors"

	"github.com/touchline/touchline/api/live/board"
	"github.com/touchline/touchline/api/live/cursor"
	"github.com/touchline/touchline/api/live/frame"
	"github.com/touchline/touchline/api/live/record"
)

// ResumeAfter starts a subscription after a cursor: the log up to now, then the tail. It blocks while the log is read.
// The error is a *frame.SnapshotRequired where the cursor leads nowhere, a *frame.Refusal while the board is not
// loaded, context.Canceled when the connection has ended, or that the log or the registry can't be asked.
func (s *Starter) ResumeAfter(ctx context.Context, sub *board.Subscription, text string) error {
	now := s.Board.Positions()
	if now.IsZero() {
		return clientError(board.ErrNotLoaded)
	}
	at, err := s.Cursors.Parse(text, now)
	if err != nil {
		s.resumed.WithLabelValues(fromRefused).Inc()
		if errors.Is(err, cursor.ErrForeignLog) {
			return &frame.SnapshotRequired{Code: "foreign-epoch", Detail: err.Error()}
		}
		return &frame.SnapshotRequired{Code: "invalid-cursor", Detail: err.Error()}
	}
	resumed := frame.NewNotice(frame.Frame{Type: frame.TypeResumed, ID: sub.Stream.ID})
	resumed.Stream, resumed.At, resumed.WithCursor = &sub.Stream, at.Clone(), true
	sub.Outbox.PushMessage(resumed)
	source := fromRing
	for {
		target, joined, err := s.Board.JoinTail(sub, at)
		if err != nil {
			return clientError(err)
		}
		if joined {
			s.resumed.WithLabelValues(source).Inc()
			return nil
		}
		source = fromLog
		if err := s.replayLog(ctx, sub, at, target); err != nil {
			return clientError(err)
		}
		at = record.LaterOf(at, target)
	}
}

// replayLog sends a subscription what the log has from at up to target, as fast as its connection takes it, and moves
// at.
func (s *Starter) replayLog(ctx context.Context, sub *board.Subscription, at, target record.Positions) error {
	return s.Reader.ReadSpan(ctx, at.Clone(), target, func(r *record.Record) error {
		at.PassRecord(r)
		if !sub.Filter.Wants(r) {
			return nil
		}
		if !sub.Outbox.WaitForRoom(ctx.Done()) {
			return context.Canceled
		}
		sub.Outbox.PushMessage(&frame.Message{Stream: &sub.Stream, Delta: &frame.Delta{Record: r}, At: at.Clone(),
			OwnCursor: true})
		return nil
	})
}
