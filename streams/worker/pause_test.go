package worker

import (
	"context"
	"log/slog"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/audit"
	"github.com/touchline/touchline/streams/catalogue"
	"github.com/touchline/touchline/streams/control"
)

func (w *world) newControl() *control.Control {
	w.t.Helper()
	control, err := control.Read(testContext(w.t), []kgo.Opt{kgo.SeedBrokers(w.Brokers...)}, wire.Namespace{}, w.Serde,
		slog.New(slog.DiscardHandler))
	if err != nil {
		w.t.Fatal(err)
	}
	return control
}

// TestAPausedStageTakesNothingUntilItIsResumed pauses and resumes by the topic, as an operator does from elsewhere.
func TestAPausedStageTakesNothingUntilItIsResumed(t *testing.T) {
	w := newWorld(t)
	w.control = w.newControl()
	ctx, cancel := context.WithCancel(testContext(t))
	followed := make(chan error, 1)
	go func() { followed <- w.control.Run(ctx) }()
	stop := w.start("a")
	w.send("feed", 6, 60)
	w.read(wire.TopicMatchEvents, 60)

	operator := w.newControl()
	say := func(paused bool) {
		t.Helper()
		if err := operator.Append(testContext(t), football.StageControl{Stage: wire.StageNormalize, Version: 1,
			Paused: paused}); err != nil {
			t.Fatal(err)
		}
	}
	// is passed over, live and by who comes later
	for _, garbage := range []string{"not a frame", "\x00\x00\x00\xff\xff\x01\x02"} {
		w.produce(&kgo.Record{Topic: wire.TopicControl, Key: []byte(wire.StageNormalize), Value: []byte(garbage)})
	}
	say(true)
	until(t, "the pause is obeyed", func() bool { return len(w.logs.find("paused by an operator")) == 1 })
	w.send("feed", 6, 60)
	until(t, "lag is seen", func() bool {
		return testutil.ToFloat64(w.metrics.lagRecords.WithLabelValues(wire.StageNormalize, "0")) >= 20
	})
	w.read(wire.TopicMatchEvents, 60) // and not one more
	say(false)
	w.checkNumbers(w.read(wire.TopicMatchEvents, 120))
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-followed; err != nil {
		t.Fatal(err)
	}
	if again := w.newControl(); again.Paused(numberingChain()) || again.Of(wire.StageNormalize).Version != 1 {
		t.Errorf("a new process hears %+v", again.Of(wire.StageNormalize))
	}
}

// TestANewVersionIsBuiltBesideTheOld runs version 2 of a stage over the same input, in topics and a group of its own.
func TestANewVersionIsBuiltBesideTheOld(t *testing.T) {
	w := newWorld(t)
	w.send("feed", 5, 80)
	for range 60 { // more than a batch: quarantine, which versions share, must not look like outputs of version 2
		w.send("refused", 1, 1)
	}
	stop := w.start("a")
	w.read(wire.TopicMatchEvents, 80)
	w.read(wire.TopicQuarantine, 60)
	versions := wire.Versions{wire.StageNormalize: 2}
	second := streams.Chain{numberingChain()[0].At(wire.Namespace{Versions: versions})}
	if err := catalogue.New(partitions, -1, second).Ensure(testContext(t), w.adm); err != nil {
		t.Fatal(err)
	}
	if err := catalogue.Register(testContext(t), w.Serde, second); err != nil {
		t.Fatal(err)
	}
	stop2 := w.run("a", second)
	w.send("feed", 5, 40)
	w.checkNumbers(w.read("football.match-events.v2", 120))
	w.checkNumbers(w.read(wire.TopicMatchEvents, 120))
	for _, s := range []func() error{stop, stop2} {
		if err := s(); err != nil {
			t.Fatal(err)
		}
	}
	digest := func(topic string) string {
		d, err := audit.DigestTopic(testContext(t), []kgo.Opt{kgo.SeedBrokers(w.Brokers...)}, wire.Topic{Name: topic})
		if err != nil {
			t.Fatal(err)
		}
		return d.SHA256
	}
	if digest("football.match-events.v2") != digest(wire.TopicMatchEvents) {
		t.Error("two versions of one fold over one input differ")
	}
	if got, want := second[0].Changelog(), "football.normalize.v2-state"; got != want {
		t.Errorf("changelog %s, want %s", got, want)
	}
}
