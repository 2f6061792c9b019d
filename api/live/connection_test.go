package live_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/touchline/touchline/api/live"
	"github.com/touchline/touchline/api/live/frame"
	"github.com/touchline/touchline/projections/projectiontest"
	"github.com/touchline/touchline/schemas/football"
)

func TestWhatClientsDoWrong(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := startServer(t, log, nil, live.Config{Subscriptions: 2})
	server.caughtUp(0)
	for name, test := range map[string]struct{ message, kind, code string }{
		"broken JSON": {
			`{"action":`, "error", "bad-json",
		},
		"two objects": {
			`{"action":"ping"} {}`, "error", "bad-json",
		},
		"an unknown field": {
			`{"action":"ping","x":1}`, "error", "bad-message",
		},
		"an unknown action": {
			`{"action":"dance"}`, "error", "unknown-action",
		},
		"no id": {
			`{"action":"subscribe"}`, "error", "bad-message",
		},
		"a wrong detail": {
			`{"action":"subscribe","id":"1","detail":"some"}`, "error", "bad-message",
		},
		"a malformed match": {
			`{"action":"subscribe","id":"1","match":"x"}`, "error", "unknown-match",
		},
		"an unknown team": {
			`{"action":"subscribe","id":"1","team":"nobody"}`, "error", "unknown-team",
		},
		"an unknown league": {
			`{"action":"subscribe","id":"1","competition":"ZZ"}`, "error", "unknown-competition",
		},
		"a cursor of nobody": {
			`{"action":"subscribe","id":"1","cursor":"a"}`, "snapshot_required", "invalid-cursor",
		},
		"unsubscribing nothing": {
			`{"action":"unsubscribe","id":"1"}`, "error", "unknown-subscription",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := dialServer(t, server, "")
			c.sendText(test.message)
			if f := c.nextFrame(test.kind); f.Code != test.code || f.Detail == "" {
				t.Errorf("got %+v, want code %q", f, test.code)
			}
		})
	}
	t.Run("too many subscriptions", func(t *testing.T) {
		c := dialServer(t, server, "")
		for _, id := range []string{"1", "2", "3"} {
			c.sendText(fmt.Sprintf(`{"action":"subscribe","id":%q}`, id))
		}
		c.nextFrame("image")
		c.nextFrame("image")
		if f := c.nextFrame("error"); f.Code != "too-many-subscriptions" {
			t.Errorf("got %+v", f)
		}
	})
	t.Run("the same id twice", func(t *testing.T) {
		c := dialServer(t, server, "")
		c.sendText(`{"action":"subscribe","id":"1"}`)
		c.sendText(`{"action":"subscribe","id":"1"}`)
		c.nextFrame("image")
		if f := c.nextFrame("error"); f.Code != "duplicate-id" {
			t.Errorf("got %+v", f)
		}
	})
	t.Run("a message that is too big", func(t *testing.T) {
		c := dialServer(t, server, "")
		c.sendText(`{"action":"ping","id":"` + strings.Repeat("x", 9000) + `"}`)
		c.wantClosed(frame.CloseTooBig)
	})
	t.Run("nothing but nonsense", func(t *testing.T) {
		c := dialServer(t, server, "")
		for range 10 {
			c.sendText(`nonsense`)
		}
		c.wantClosed(frame.CloseBadClient)
	})
	t.Run("a wrong parameter", func(t *testing.T) {
		resp, err := http.Get(server.url + "/v1/ws?heartbeat_s=0")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("got status %d", resp.StatusCode)
		}
	})
}

func TestAHeartbeatKeepsAQuietCursorYoung(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := startServer(t, log, nil, live.Config{Heartbeat: 20 * time.Millisecond})
	server.caughtUp(0)
	c := dialServer(t, server, "")
	c.sendText(`{"action":"subscribe","id":"1","competition":"F1"}`)
	image := c.nextFrame("image")
	log.Append(projectiontest.Match{}.Prediction("goals", 1)) // not of F1
	for {
		f := c.nextFrame("heartbeat")
		if f.Health == "live" && f.Cursor != "" && f.Cursor != image.Cursor {
			return
		}
	}
}

func TestASlowReaderIsConflatedAndSlowsNobody(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := startServer(t, log, nil, live.Config{Queue: 8})
	server.caughtUp(0)
	slow, quick := dialServer(t, server, "?conflate_ms=200"), dialServer(t, server, "")
	slow.sendText(`{"action":"subscribe","id":"1"}`)
	quick.sendText(`{"action":"subscribe","id":"1"}`)
	slow.nextFrame("image")
	quick.nextFrame("image")
	const total = 500
	for i := range int64(total) {
		log.Append(projectiontest.Match{}.Prediction("goals", i+1))
		if f := quick.nextFrame("prediction"); f.Data.Feature.Sequence != i+1 {
			t.Fatalf("the quick reader got %d, want %d", f.Data.Feature.Sequence, i+1)
		}
	}
	last, n := int64(0), 0
	for last < total {
		f := slow.nextFrame("prediction")
		if f.Data.Feature.Sequence <= last {
			t.Fatalf("got %d after %d", f.Data.Feature.Sequence, last)
		}
		last = f.Data.Feature.Sequence
		n++
	}
	if n > total/2 {
		t.Errorf("the slow reader got %d of %d frames: not conflated", n, total)
	}
}

func TestAReaderThatDoesNotReadIsClosed(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := startServer(t, log, nil, live.Config{Queue: 4, WriteTimeout: 200 * time.Millisecond})
	server.caughtUp(0)
	c := dialServer(t, server, "")
	c.sendText(`{"action":"subscribe","id":"1"}`)
	c.nextFrame("image")
	stop := make(chan struct{})
	go func() { // many matches, so that nothing can be conflated
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				log.Client.ProduceSync(
					context.Background(),
					log.Record(projectiontest.Match{Home: football.TeamID(fmt.Sprint("t", i))}.Prediction("goals", 1)),
				)
			}
		}
	}()
	defer close(stop)
	eventually(t, "the connection is closed", func() bool { return server.connections() == 0 })
}

func TestStoppingEndsTheConnections(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := startServer(t, log, nil, live.Config{})
	server.caughtUp(0)
	c := dialServer(t, server, "")
	c.sendText(`{"action":"subscribe","id":"1"}`)
	c.nextFrame("image")
	server.stop()
	if f := c.nextFrame("closing"); f.Code != "1001" {
		t.Errorf("got %+v", f)
	}
	c.wantClosed(frame.CloseGoingAway)
}

func TestServerSentEventsResume(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := startServer(t, log, nil, live.Config{})
	match := projectiontest.Match{}
	log.Append(match.Prediction("goals", 1))
	server.caughtUp(1)
	events, stop := openEvents(t, server.url+"/v1/stream?competition=E0&detail=compact", "")
	image := <-events
	if image.Type != "image" || len(image.Data.Matches) != 1 {
		t.Fatalf("got %+v", image)
	}
	log.Append(match.Prediction("goals", 2))
	if f := <-events; f.Data.Feature.Sequence != 2 {
		t.Errorf("got %+v", f)
	}
	stop()
	log.Append(match.Prediction("goals", 3))
	server.caughtUp(3)
	events, stop = openEvents(t, server.url+"/v1/stream?competition=E0", image.Cursor)
	defer stop()
	if f := <-events; f.Type != "resumed" {
		t.Errorf("got %+v", f)
	}
	for want := int64(2); want <= 3; want++ {
		if f := <-events; f.Data.Feature.Sequence != want {
			t.Errorf("got %+v, want forecast %d", f, want)
		}
	}
}
