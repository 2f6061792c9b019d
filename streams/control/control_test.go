package control_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/control"
	"github.com/touchline/touchline/streams/internal/brokertest"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/line/linetest"
)

func read(t *testing.T, engines *brokertest.Engines) *control.Control {
	t.Helper()
	ctl, err := control.Read(linetest.Deadline(t), engines.Opts(), wire.Namespace{}, engines.Serde,
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return ctl
}

func TestAClusterWithoutTheTopicHasTheDefaults(t *testing.T) {
	ctl := read(t, brokertest.Embedded(t))
	if got, want := ctl.Of(wire.StagePredict), (football.StageControl{Stage: wire.StagePredict,
		Version: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if len(ctl.Versions()) != 0 {
		t.Errorf("got %v, want no version", ctl.Versions())
	}
}

// TestWhatOneAppendsAllFollow appends as an operator does, with a record that nobody can read in between.
func TestWhatOneAppendsAllFollow(t *testing.T) {
	w := linetest.NewBroker(t, nil)
	follower, operator := read(t, w.Engines), read(t, w.Engines)
	ctx, cancel := context.WithCancel(linetest.Deadline(t))
	done := make(chan error, 1)
	go func() { done <- follower.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	garbage := &kgo.Record{Topic: wire.TopicControl, Key: []byte(wire.StagePredict), Value: []byte("not a frame")}
	if err := w.Client(t).ProduceSync(ctx, garbage).FirstErr(); err != nil {
		t.Fatal(err)
	}
	changed := follower.Changed()
	switched := football.StageControl{Stage: wire.StagePredict, Version: 2, Paused: true}
	if err := operator.Append(ctx, switched, football.StageControl{Stage: wire.StageOutlook, Version: 3}); err != nil {
		t.Fatal(err)
	}
	for follower.Of(wire.StageOutlook).Version != 3 {
		select {
		case <-changed:
			changed = follower.Changed()
		case <-time.After(time.Minute):
			t.Fatal("nothing changed within a minute")
		}
	}
	for name, ctl := range map[string]*control.Control{"who follows": follower, "who comes later": read(t, w.Engines)} {
		if got := ctl.Of(wire.StagePredict); got != switched {
			t.Errorf("%s: got %+v, want %+v", name, got, switched)
		}
		if v := ctl.Versions(); v.Of(wire.StagePredict) != 2 || v.Of(wire.StageOutlook) != 3 ||
			v.Of(wire.StageFeatures) != 1 {
			t.Errorf("%s: versions %v", name, v)
		}
		stages := line.Stages(football.DefaultReference(), nil, wire.Namespace{})
		if !ctl.Paused(streams.Chain{stages[1], stages[2]}) || ctl.Paused(streams.Chain{stages[1]}) ||
			ctl.Paused(streams.Chain{stages[4]}) {
			t.Errorf("%s: predict alone is paused, and with it a chain that it is in", name)
		}
	}
}
