package live_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/touchline/touchline/api/live"
	"github.com/touchline/touchline/projections/postgres"
	"github.com/touchline/touchline/projections/projectiontest"
	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

func TestAnImageThenDeltas(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	match := projectiontest.Match{}
	log.Append(match.Prediction("goals", 1), match.Prediction("market", 1), match.Prediction("goals", 2))
	server := startServer(t, log, nil, live.Config{})
	server.caughtUp(3)
	c := dialServer(t, server, "")
	c.sendText(`{"action":"subscribe","id":"a","competition":"E0"}`)
	image := c.nextFrame("image")
	if got := len(image.Data.Matches); got != 1 {
		t.Fatalf("got %d matches in the image, want 1", got)
	}
	m := image.Data.Matches[0]
	if m.ID != string(match.ID()) || m.Home.Name != "Arsenal" || len(m.Predictions) != 2 ||
		m.Predictions[0].Feature.Sequence != 2 {
		t.Errorf("got %+v", m)
	}
	log.Append(
		projectiontest.Match{
			Pool:        "spain",
			Competition: "SP1",
			Home:        "barcelona",
		}.Prediction(
			"goals",
			1,
		), // of no interest
		match.Event(3, football.Goal{Side: football.Home}),
		match.Prediction("goals", 3),
	)
	seen := map[string]receivedFrame{}
	for range 2 {
		f := c.nextFrame("")
		seen[f.Type] = f
	}
	if seen["event"].Data.Kind != "goal" || seen["prediction"].Data.Feature.Sequence != 3 ||
		seen["prediction"].ID != "a" {
		t.Errorf("got %+v", seen)
	}
	if seen["prediction"].Data.Grid == nil {
		t.Error("the grid is missing in full detail")
	}
}

func TestFiltersAndUnsubscribe(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := startServer(t, log, nil, live.Config{})
	one, other := projectiontest.Match{}, projectiontest.Match{Home: "everton", Away: "liverpool"}
	log.Append(one.Prediction("goals", 1), other.Prediction("goals", 1))
	server.caughtUp(2)
	c := dialServer(t, server, "")
	c.sendText(fmt.Sprintf(`{"action":"subscribe","id":"match","match":%q,"detail":"compact"}`, one.ID()))
	if got := c.nextFrame("image"); len(got.Data.Matches) != 1 {
		t.Fatalf("got %+v", got)
	}
	c.sendText(`{"action":"subscribe","id":"team","team":"liverpool","model":"market"}`)
	c.nextFrame("image")
	log.Append(other.Prediction("goals", 2), one.Prediction("goals", 2), other.Prediction("market", 2))
	if f := c.nextFrame("prediction"); f.ID != "match" || f.Data.Match != string(one.ID()) || f.Data.Grid != nil {
		t.Errorf("got %+v", f)
	}
	if f := c.nextFrame("prediction"); f.ID != "team" || f.Data.Match != string(other.ID()) {
		t.Errorf("got %+v", f)
	}
	c.sendText(`{"action":"unsubscribe","id":"match"}`)
	c.nextFrame("unsubscribed")
	log.Append(one.Prediction("goals", 3), other.Prediction("market", 3))
	if f := c.nextFrame("prediction"); f.ID != "team" {
		t.Errorf("got %+v after unsubscribing", f)
	}
}

// TestAShadowReachesOnlyWhoNamesIt: neither an image nor the deltas of a feed without a model have it.
func TestAShadowReachesOnlyWhoNamesIt(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := startServer(t, log, nil, live.Config{})
	match := projectiontest.Match{}
	log.Append(match.Prediction("goals", 1), match.Prediction("goals@3", 1))
	server.caughtUp(2)
	c := dialServer(t, server, "")
	c.sendText(`{"action":"subscribe","id":"all"}`)
	if got := c.nextFrame("image").Data.Matches; len(got) != 1 || len(got[0].Predictions) != 1 {
		t.Errorf("the whole feed: got %+v", got)
	}
	c.sendText(`{"action":"subscribe","id":"shadow","model":"goals@3"}`)
	if got := c.nextFrame("image").Data.Matches; len(got) != 1 || len(got[0].Predictions) != 1 {
		t.Errorf("the shadow: got %+v", got)
	}
	log.Append(match.Prediction("goals@3", 2), match.Prediction("goals", 3))
	for _, want := range []struct {
		id       string
		sequence int64
	}{{"shadow", 2}, {"all", 3}} {
		if f := c.nextFrame("prediction"); f.ID != want.id || f.Data.Feature.Sequence != want.sequence {
			t.Errorf("got %+v, want sequence %d for %s", f, want.sequence, want.id)
		}
	}
}

func TestTheHubBeginsWithWhatIsCurrentInTheTables(t *testing.T) {
	t.Parallel()
	pool, log := projectiontest.Postgres(t), projectiontest.Log(t)
	current := projectiontest.Match{}
	old := projectiontest.Match{
		Home:    "everton",
		Kickoff: current.Prediction("goals", 1).Kickoff.Add(-30 * 24 * time.Hour),
	}
	log.Append(old.PredictionAt("goals", 1, projectiontest.Live(football.Settled, 2, 0)),
		current.Prediction("goals", 1), current.Prediction("goals", 2))
	projector, err := postgres.New(postgres.Config{}, log.Options(), log.Serde, pool, nil, log.Reference,
		slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- projector.Run(ctx) }()
	store := readmodel.New(pool)
	eventually(t, "three forecasts are projected", func() bool {
		history, err := store.History(t.Context(), current.ID(), "goals", 0, 10)
		snap, err2 := store.Snapshot(t.Context(), time.Hour, wire.TopicPredictions)
		return err == nil && err2 == nil && len(history) == 2 && snap.Topics[wire.TopicPredictions].Next[0] == 3
	})
	cancel()
	<-done
	log.Append(current.Prediction("goals", 3)) // after the checkpoint: the tail brings it
	server := startServer(t, log, store, live.Config{})
	server.caughtUp(1)
	c := dialServer(t, server, "")
	c.sendText(`{"action":"subscribe","id":"all"}`)
	if f := c.nextFrame("image"); len(f.Data.Matches) != 1 || f.Data.Matches[0].Predictions[0].Feature.Sequence != 3 {
		t.Errorf("got %+v", f.Data.Matches)
	}
	c.sendText(fmt.Sprintf(`{"action":"subscribe","id":"old","match":%q}`, old.ID()))
	if f := c.nextFrame("image"); len(f.Data.Matches) != 1 || f.Data.Matches[0].Live.Phase != "settled" {
		t.Errorf("an old match: got %+v", f.Data.Matches)
	}
	c.sendText(`{"action":"subscribe","id":"none","match":"england.2015-16.x.y.1"}`)
	if f := c.nextFrame("error"); f.Code != "unknown-match" {
		t.Errorf("got %+v", f)
	}
}

func TestAMatchThatIsNotCurrentIsReadFromTheLog(t *testing.T) {
	t.Parallel()
	log := projectiontest.Log(t)
	server := startServer(t, log, nil, live.Config{Keep: time.Hour})
	old := projectiontest.Match{}
	later := projectiontest.Match{Home: "everton", Kickoff: old.Prediction("goals", 1).Kickoff.Add(24 * time.Hour)}
	log.Append(old.PredictionAt("goals", 1, projectiontest.Live(football.Settled, 2, 0)), later.Prediction("goals", 1))
	server.caughtUp(2)
	c := dialServer(t, server, "")
	c.sendText(`{"action":"subscribe","id":"all"}`)
	if f := c.nextFrame("image"); len(f.Data.Matches) != 1 || f.Data.Matches[0].ID != string(later.ID()) {
		t.Errorf("got %+v", f.Data.Matches)
	}
	c.sendText(fmt.Sprintf(`{"action":"subscribe","id":"old","match":%q}`, old.ID()))
	if f := c.nextFrame("image"); len(f.Data.Matches) != 1 || f.Data.Matches[0].Live.Phase != "settled" {
		t.Errorf("got %+v", f.Data.Matches)
	}
}
