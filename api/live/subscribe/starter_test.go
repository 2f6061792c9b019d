package subscribe_test

import (
	"errors"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/touchline/touchline/api/live/board"
	"github.com/touchline/touchline/api/live/cursor"
	"github.com/touchline/touchline/api/live/frame"
	"github.com/touchline/touchline/api/live/outbox"
	"github.com/touchline/touchline/api/live/record"
	"github.com/touchline/touchline/api/live/subscribe"
	"github.com/touchline/touchline/api/live/tail"
	"github.com/touchline/touchline/projections/projectiontest"
)

// newStarter returns a starter on a board without matches; unless it is loaded, it does not know the log yet.
func newStarter(t *testing.T, loaded bool) (*subscribe.Starter, record.Positions) {
	t.Helper()
	log := projectiontest.Log(t)
	b := board.New(board.Config{Keep: time.Hour, Ring: 1})
	at := record.Positions{Log: record.Log{IDs: [record.TopicCount][16]byte{{1}, {2}}},
		Next: [record.TopicCount][]int64{{5}, {5}}}
	if loaded {
		b.Load(board.Start{At: at, Ends: at.Clone().Next})
	}
	signer, err := cursor.NewSigner([]byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := subscribe.New(
		subscribe.Deps{Board: b, Reader: tail.NewReader(log.Options(), log.Serde, 1), Serde: log.Serde,
			Reference: log.Reference, Cursors: signer, Metrics: prometheus.NewRegistry()},
	)
	if err != nil {
		t.Fatal(err)
	}
	return s, at
}

func newSubscription() *board.Subscription {
	return &board.Subscription{Stream: frame.Stream{ID: "a"}, Outbox: outbox.New(10, false)}
}

func TestAFilterThatCanNeverMatchIsRefused(t *testing.T) {
	t.Parallel()
	s, _ := newStarter(t, true)
	for name, test := range map[string]struct {
		filter record.Filter
		code   string
	}{
		"everything":             {record.Filter{}, ""},
		"a known team":           {record.Filter{Team: "arsenal"}, ""},
		"a known competition":    {record.Filter{Competition: "E0"}, ""},
		"any model":              {record.Filter{Model: "nobody knows"}, ""},
		"an unknown team":        {record.Filter{Team: "nobody"}, "unknown-team"},
		"an unknown competition": {record.Filter{Competition: "ZZ"}, "unknown-competition"},
		"a malformed match":      {record.Filter{Match: "x"}, "unknown-match"},
	} {
		got := ""
		var refused *frame.Refusal
		if errors.As(s.CheckFilter(t.Context(), test.filter), &refused) {
			got = refused.Code
		}
		if got != test.code {
			t.Errorf("%s: got %q, want %q", name, got, test.code)
		}
	}
}

func TestACursorThatLeadsNowhereNeedsASnapshot(t *testing.T) {
	t.Parallel()
	s, at := newStarter(t, true)
	other := at.Clone()
	other.Log.IDs[record.Events][0]++
	for text, want := range map[string]string{"nonsense": "invalid-cursor", s.Cursors.Format(other): "foreign-epoch"} {
		sub := newSubscription()
		var required *frame.SnapshotRequired
		if err := s.ResumeAfter(t.Context(), sub, text); !errors.As(err, &required) || required.Code != want {
			t.Errorf("got %v, want %s", err, want)
		}
		if n := sub.Outbox.Length(); n != 0 {
			t.Errorf("%s: %d frames were sent to a subscription that there is not", want, n)
		}
	}
	sub := newSubscription()
	if err := s.ResumeAfter(t.Context(), sub, s.Cursors.Format(at)); err != nil {
		t.Fatal(err)
	}
	if m, _ := sub.Outbox.TakeMessage(); m == nil || m.Notice.Type != frame.TypeResumed || !m.WithCursor {
		t.Errorf("got %+v, want resumed with its cursor", m)
	}
}

func TestBeforeTheStartTheClientTriesAgain(t *testing.T) {
	t.Parallel()
	s, at := newStarter(t, false)
	for name, err := range map[string]error{
		"image":  s.StartWithImage(t.Context(), newSubscription()),
		"resume": s.ResumeAfter(t.Context(), newSubscription(), s.Cursors.Format(at)),
	} {
		var refused *frame.Refusal
		if !errors.As(err, &refused) || refused.Code != "warming-up" {
			t.Errorf("%s: got %v, want warming-up", name, err)
		}
	}
}
