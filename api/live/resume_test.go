package live_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/api/live"
	"github.com/touchline/touchline/projections/projectiontest"
	"github.com/touchline/touchline/schemas/football"
)

func TestResumeSeesEachRecordOnce(t *testing.T) {
	t.Parallel()
	for name, ring := range map[string]int{"from the ring": 0, "from the log": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := projectiontest.Log(t)
			server := startServer(t, log, nil, live.Config{Ring: ring})
			match := projectiontest.Match{}
			log.Append(match.Prediction("goals", 1))
			server.caughtUp(1)
			c := dialServer(t, server, "")
			c.sendText(`{"action":"subscribe","id":"1","competition":"E0"}`)
			cursor := c.nextFrame("image").Cursor
			c.Close()
			for i := range int64(200) {
				log.Append(match.Prediction("goals", i+2), match.Event(i+1, football.KickOff{}))
			}
			server.caughtUp(401)
			// In two parts: some frames, then a new connection from the last of them.
			forecasts, happened := int64(1), int64(0)
			for part, n := range []int{150, 250} {
				c := dialServer(t, server, "")
				c.sendText(
					fmt.Sprintf(
						`{"action":"subscribe","id":"1","competition":"E0","detail":"compact","cursor":%q}`,
						cursor,
					),
				)
				c.nextFrame("resumed")
				for range n {
					f := c.nextFrame("")
					cursor = f.Cursor
					switch {
					case f.Type == "prediction" && f.Data.Feature.Sequence == forecasts+1:
						forecasts++
					case f.Type == "event" && f.Data.Sequence == happened+1:
						happened++
					default:
						t.Fatalf("part %d: got %s %d/%d after forecast %d, event %d", part, f.Type,
							f.Data.Feature.Sequence, f.Data.Sequence, forecasts, happened)
					}
				}
				if part == 1 {
					log.Append(match.Prediction("goals", 999))
					if f := c.nextFrame("prediction"); f.Data.Feature.Sequence != 999 {
						t.Errorf("the tail does not follow the replay: got %+v", f)
					}
				}
				c.Close()
			}
		})
	}
}

// A subscription that begins while the log grows must miss nothing: what it has after the image and the deltas is all.
func TestNoGapBetweenImageAndDeltas(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := startServer(t, log, nil, live.Config{Queue: 100_000})
	const total = 3000
	written := make(chan struct{})
	go func() {
		defer close(written)
		for i := range int64(total) {
			log.Client.Produce(context.Background(), log.Record(projectiontest.Match{}.Prediction("goals", i+1)), nil)
		}
		log.Client.Flush(context.Background())
	}()
	done := make(chan error, 20)
	for range 20 {
		go func() {
			c, err := dialWebsocket(server, "")
			if err != nil {
				done <- err
				return
			}
			defer c.Close()
			c.WriteMessage(websocket.TextMessage, []byte(`{"action":"subscribe","id":"1","detail":"compact"}`))
			last := int64(0)
			for last < total {
				var f receivedFrame
				if err := c.ReadJSON(&f); err != nil {
					done <- err
					return
				}
				switch f.Type {
				case "image":
					for _, m := range f.Data.Matches {
						last = m.Predictions[0].Feature.Sequence
					}
				case "prediction":
					if f.Data.Feature.Sequence != last+1 {
						done <- fmt.Errorf("got forecast %d after %d", f.Data.Feature.Sequence, last)
						return
					}
					last++
				}
			}
			done <- nil
		}()
	}
	for range 20 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	<-written
}

func TestAForeignCursorNeedsASnapshot(t *testing.T) {
	t.Parallel()
	key := []byte("the same key on both")
	log, other := projectiontest.Log(t), projectiontest.Log(t)
	server, elsewhere := startServer(t, log, nil, live.Config{CursorKey: key}), startServer(t, other, nil,
		live.Config{CursorKey: key})
	server.caughtUp(0)
	elsewhere.caughtUp(0)
	c := dialServer(t, elsewhere, "")
	c.sendText(`{"action":"subscribe","id":"1"}`)
	cursor := c.nextFrame("image").Cursor
	d := dialServer(t, server, "")
	d.sendText(fmt.Sprintf(`{"action":"subscribe","id":"1","cursor":%q}`, cursor))
	if f := d.nextFrame("snapshot_required"); f.Code != "foreign-epoch" {
		t.Errorf("got %+v", f)
	}
	d.sendText(`{"action":"subscribe","id":"1"}`)
	d.nextFrame("image")
}

// What the stages write comes in transactions: their markers take offsets, and aborted records never show.
func TestTransactions(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := startServer(t, log, nil, live.Config{Ring: 1, Heartbeat: 10 * time.Millisecond})
	server.caughtUp(0)
	c := dialServer(t, server, "")
	c.sendText(`{"action":"subscribe","id":"1"}`)
	cursor := c.nextFrame("image").Cursor
	producer, err := kgo.NewClient(
		append(log.Options(), kgo.TransactionalID("test"), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close()
	for i := range int64(6) {
		if err := producer.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		match := projectiontest.Match{}
		forecast, event := log.Record(match.Prediction("goals", i+1)), log.Record(match.Event(i+1, football.KickOff{}))
		if err := producer.ProduceSync(t.Context(), forecast, event).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := producer.EndTransaction(t.Context(), i%2 == 0); err != nil { // the last one is aborted
			t.Fatal(err)
		}
	}
	follow := func(c *client) {
		t.Helper()
		want := map[string][]int64{"prediction": {1, 3, 5}, "event": {1, 3, 5}}
		for len(want["prediction"])+len(want["event"]) > 0 {
			f := c.nextFrame("")
			if f.Type == "heartbeat" || f.Type == "resumed" {
				continue
			}
			if got := f.Data.Sequence + f.Data.Feature.Sequence; len(want[f.Type]) == 0 || want[f.Type][0] != got {
				t.Fatalf("got %s %d, want %v", f.Type, got, want)
			}
			want[f.Type] = want[f.Type][1:]
		}
	}
	follow(c)
	for c.nextFrame("heartbeat").Health != "live" { // the markers are behind us too
	}
	d := dialServer(t, server, "")
	d.sendText(fmt.Sprintf(`{"action":"subscribe","id":"1","cursor":%q}`, cursor))
	follow(d)
}
