package frame_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/touchline/touchline/api/live/cursor"
	"github.com/touchline/touchline/api/live/frame"
	"github.com/touchline/touchline/api/live/record"
	"github.com/touchline/touchline/projections/projectiontest"
	"github.com/touchline/touchline/schemas/football"
)

func newRenderer(t *testing.T) (*frame.Renderer, *projectiontest.Topics) {
	t.Helper()
	log := projectiontest.Log(t)
	signer, err := cursor.NewSigner([]byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	return &frame.Renderer{Serde: log.Serde, Reference: log.Reference, Cursors: signer,
		Health: func() string { return "live" }}, log
}

func decode(t *testing.T, log *projectiontest.Topics, topic record.Topic, fact any) *record.Record {
	t.Helper()
	r, err := record.Decode(t.Context(), log.Serde, topic, 0, 0, log.Record(fact).Value)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func render(t *testing.T, r *frame.Renderer, m *frame.Message) string {
	t.Helper()
	body, _, err := r.RenderFrame(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestEachKindOfMessage(t *testing.T) {
	t.Parallel()
	r, log := newRenderer(t)
	match, at := projectiontest.Match{}, record.Positions{Next: [record.TopicCount][]int64{{1}, {2}}}
	text := r.Cursors.Format(at)
	forecast := &frame.Delta{Record: decode(t, log, record.Predictions, match.Prediction("goals", 7))}
	event := &frame.Delta{Record: decode(t, log, record.Events, match.Event(3, football.KickOff{}))}
	whole := &frame.Stream{ID: "a", Full: true}
	heartbeat := frame.NewNotice(frame.Frame{Type: frame.TypeHeartbeat})
	heartbeat.At, heartbeat.WithCursor = at, true
	for name, test := range map[string]struct {
		message *frame.Message
		want    []string
	}{
		"a forecast": {
			&frame.Message{Stream: whole, Delta: forecast, At: at},
			[]string{
				`{"type":"prediction","id":"a","cursor":"` + text + `","health":"live","data":{`,
				`"sequence":7`, `"grid":{`,
			},
		},
		"an event": {
			&frame.Message{Stream: whole, Delta: event, At: at},
			[]string{`{"type":"event","id":"a","cursor":"` + text + `"`, `"kind":"kick-off"`},
		},
		"an empty image": {
			&frame.Message{Stream: whole, Image: []*record.Record{}, At: at},
			[]string{`"type":"image","id":"a","cursor":"` + text + `","health":"live","data":{"matches":[]}}`},
		},
		"a heartbeat": {
			heartbeat,
			[]string{`{"type":"heartbeat","cursor":"` + text + `","health":"live"}`},
		},
		"a notice": {
			frame.NewNotice(frame.Frame{Type: frame.TypePong}),
			[]string{`{"type":"pong","health":"live"}`},
		},
		"a refusal": {
			frame.NewError("a", fmt.Errorf("subscribe: %w", frame.Refuse("bad", "not %q", "x"))),
			[]string{`{"type":"error","id":"a","health":"live","code":"bad","detail":"not \"x\""}`},
		},
		"a cursor that leads nowhere": {
			frame.NewError("a", &frame.SnapshotRequired{Code: "foreign-epoch", Detail: "rebuilt"}),
			[]string{`"code":"foreign-epoch"`, `"detail":"rebuilt; subscribe again without a cursor"`},
		},
		"a defect": {
			frame.NewError("", errors.New("password=x")),
			[]string{`"code":"internal","detail":"something broke here`},
		},
	} {
		got := render(t, r, test.message)
		for _, want := range test.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: got %s, want %s", name, got, want)
			}
		}
		if strings.Contains(got, "password") {
			t.Errorf("%s tells what broke: %s", name, got)
		}
	}
}

// What all who follow the tail get is rendered once; a frame with a cursor of its own never stands in for it.
func TestADeltaIsRenderedOnceForEachStream(t *testing.T) {
	t.Parallel()
	r, log := newRenderer(t)
	delta := &frame.Delta{Record: decode(t, log, record.Predictions, projectiontest.Match{}.Prediction("goals", 1))}
	prepare := func(s frame.Stream, own bool) any {
		t.Helper()
		p, err := r.PrepareMessage(t.Context(), &frame.Message{Stream: &s, Delta: delta, OwnCursor: own})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	first := prepare(frame.Stream{ID: "a", Full: true}, false)
	for name, test := range map[string]struct {
		stream frame.Stream
		own    bool
		shared bool
	}{
		"another subscription of that name and detail": {frame.Stream{ID: "a", Full: true}, false, true},
		"another name":   {frame.Stream{ID: "b", Full: true}, false, false},
		"another detail": {frame.Stream{ID: "a"}, false, false},
		"a replay":       {frame.Stream{ID: "a", Full: true}, true, false},
	} {
		if got := prepare(test.stream, test.own) == first; got != test.shared {
			t.Errorf("%s: shared %v, want %v", name, got, test.shared)
		}
	}
}

func TestAnImageIsGroupedByMatchAndSortedByKickoff(t *testing.T) {
	t.Parallel()
	r, log := newRenderer(t)
	early := projectiontest.Match{Home: "everton", Away: "liverpool"}
	late := projectiontest.Match{Kickoff: early.Prediction("goals", 1).Kickoff.Add(time.Hour)}
	ahead := early.PredictionAt("market", 9, projectiontest.Live(football.InPlay, 2, 0))
	body := render(t, r, &frame.Message{Stream: &frame.Stream{ID: "a"}, Image: []*record.Record{
		decode(t, log, record.Predictions, late.Prediction("goals", 1)),
		decode(t, log, record.Predictions, early.Prediction("goals", 1)),
		decode(t, log, record.Predictions, ahead),
	}})
	var got struct {
		Data struct {
			Matches []struct {
				ID          string
				Live        struct{ Phase string }
				Predictions []struct{ Model struct{ ID string } }
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, m := range got.Data.Matches {
		ids = append(ids, m.ID)
	}
	if want := []string{string(early.ID()), string(late.ID())}; !slices.Equal(ids, want) {
		t.Fatalf("got %q, want %q", ids, want)
	}
	if m := got.Data.Matches[0]; len(m.Predictions) != 2 || m.Live.Phase != string(football.InPlay) {
		t.Errorf("got %+v: the state of play is that of the newest forecast", m)
	}
}
