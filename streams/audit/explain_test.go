package audit_test

import (
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/audit"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/line/linetest"
)

// simulated is the partition of the pool that linetest.Simulated plays.
const simulated = 5

// written is a broker on which workers have taken raw events to predictions.
type written struct {
	*linetest.Broker
	t *testing.T
}

// write runs the line up to predict in a layout over simulated events, until all predictions are there.
func write(t *testing.T, layout line.Layout, events int) *written {
	t.Helper()
	raws := linetest.Simulated(t, events)
	want := 0
	memory := streams.NewMemory(line.Stages(football.DefaultReference(), predict.BuiltInRegistry(),
		wire.Namespace{})[:3])
	for _, raw := range raws {
		for _, result := range memory.Step(raw) {
			if _, ok := result.Output.(*football.Prediction); ok {
				want++
			}
		}
	}
	w := &written{linetest.NewBroker(t, raws), t}
	w.WorkLine(t, layout, predict.BuiltInRegistry(), want)
	return w
}

func (w *written) explainer(shallow bool) *audit.Explainer {
	w.t.Helper()
	models := predict.BuiltInRegistry()
	cfg := audit.ExplainConfig{
		Client: w.Opts(), Line: line.Stages(football.DefaultReference(), models, wire.Namespace{})[:3],
		Shallow: shallow,
		Models:  func(position int64) []football.ModelRef { return models.At(position).Refs() },
	}
	x, err := audit.NewExplainer(cfg, w.Serde)
	if err != nil {
		w.t.Fatal(err)
	}
	return x
}

// last returns the last record of a topic in the pool's partition.
func (w *written) last(topic string) *kgo.Record {
	w.t.Helper()
	ctx := linetest.Deadline(w.t)
	ends, err := w.Admin.ListEndOffsets(ctx, topic)
	if err != nil {
		w.t.Fatal(err)
	}
	end, _ := ends.Lookup(topic, simulated)
	client, err := kgo.NewClient(append(w.Opts(),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {simulated: kgo.NewOffset().At(max(0,
			end.Offset-200))}}))...)
	if err != nil {
		w.t.Fatal(err)
	}
	defer client.Close()
	var last *kgo.Record
	for last == nil || last.Offset < end.Offset-3 { // markers follow it
		for r := range client.PollFetches(ctx).RecordsAll() {
			last = r
		}
	}
	return last
}

// at explains the prediction at an offset and fails unless the verdict and the reason are these.
func (w *written) at(offset int64, shallow bool, verdict audit.Verdict, reason string) *audit.Explanation {
	w.t.Helper()
	e, err := w.explainer(shallow).ByPosition(linetest.Deadline(w.t), simulated, offset)
	if err != nil {
		w.t.Fatal(err)
	}
	if e.Verdict != verdict || !strings.Contains(e.Reason, reason) {
		w.t.Errorf("got %s: %q, want %s: %q", e.Verdict, e.Reason, verdict, reason)
	}
	return e
}

func TestEveryPredictionOfAReplayIsDerivedAgain(t *testing.T) {
	t.Parallel()
	for _, layout := range []line.Layout{line.Separate, line.Chained} {
		t.Run(string(layout), func(t *testing.T) {
			t.Parallel()
			w := write(t, layout, 3000)
			for _, shallow := range []bool{false, true} {
				explained, err := w.explainer(shallow).Sample(linetest.Deadline(t), 300, 5)
				if err != nil || len(explained) != 300 {
					t.Fatalf("got %d explanations, %v; want 300", len(explained), err)
				}
				for _, e := range explained {
					if e.Verdict != audit.Identical {
						t.Fatalf("shallow %v, %s: %s, %s", shallow, e.ID, e.Verdict, e.Reason)
					}
				}
			}
			whole := w.at(w.last(wire.TopicPredictions).Offset, false, audit.Identical, "")
			var facts []string
			for _, h := range whole.Hops {
				facts = append(facts, h.Fact)
				if h.Offset < 0 || h.Says == "" || h.Written.IsZero() {
					t.Errorf("the hop %+v has no place, no time or says nothing", h)
				}
			}
			if got, want := strings.Join(facts, " <- "),
				"prediction <- feature record <- match event <- raw event"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			match, _, _ := strings.Cut(whole.ID, "~")
			named, err := w.explainer(false).ByID(linetest.Deadline(t), football.MatchID(match), whole.ID, simulated)
			if err != nil || len(named) != 1 || named[0].Hops[0].Offset != whole.Hops[0].Offset {
				t.Errorf("by id: got %+v, %v; want the record at %d", named, err, whole.Hops[0].Offset)
			}
		})
	}
}

func TestSamplesOfOneSeedAreTheSame(t *testing.T) {
	t.Parallel()
	w := write(t, line.Separate, 1500)
	ids := func(seed uint64) string {
		explained, err := w.explainer(true).Sample(linetest.Deadline(t), 20, seed)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, e := range explained {
			b.WriteString(e.ID + " ")
		}
		return b.String()
	}
	if one, again := ids(3), ids(3); one != again || strings.Count(one, " ") != 20 {
		t.Errorf("seed 3 draws\n%s\nand then\n%s", one, again)
	}
	if ids(3) == ids(4) {
		t.Error("seeds 3 and 4 draw the same")
	}
}

func TestTamperingShows(t *testing.T) {
	t.Parallel()
	w := write(t, line.Separate, 1500)
	r := w.last(wire.TopicPredictions)
	truth := linetest.Decode(w.t, w.Broker, wire.Prediction, r)
	for name, c := range map[string]struct {
		change  func(*football.Prediction)
		verdict audit.Verdict
		reason  string
	}{
		"a probability by hand": {func(p *football.Prediction) { p.Outcome.Home += 0.001 }, audit.Differs,
			"outcome.home"},
		"an artefact by another": {func(p *football.Prediction) { p.Model.Digest = "0123456789abcdef" },
			audit.NotRederivable, "0123456789abcdef"},
		"another version of a model": {func(p *football.Prediction) { p.Model.Version = 99 }, audit.NotRederivable,
			"version 99"},
		"a model that nobody knows": {func(p *football.Prediction) { p.Model.ID = "oracle" }, audit.NotRederivable,
			`no model "oracle"`},
		"another version of predict": {func(p *football.Prediction) { p.StageVersion = 7 }, audit.NotRederivable,
			"version 7 of predict"},
	} {
		t.Run(name, func(t *testing.T) {
			forged := *truth
			c.change(&forged)
			w.at(linetest.Forge(w.t, w.Broker, r, wire.Prediction, &forged), false, c.verdict, c.reason)
		})
	}
	both, err := w.explainer(false).ByID(linetest.Deadline(t), truth.Match, truth.ID(), simulated)
	if err != nil || both[0].Verdict != audit.Identical || len(both) < 2 || both[1].Verdict == audit.Identical {
		t.Errorf("by id: got %+v, %v; want the line's own record and those that were forged", both, err)
	}
	w.at(linetest.Forge(w.t, w.Broker, r, wire.Prediction, truth, kgo.RecordHeader{Key: "by", Value: []byte("hand")}),
		false, audit.NotRederivable, `no header "cause"`)

	// A feature record by hand, and what predict rightly makes of it.
	from := w.last(wire.TopicMatchFeatures)
	features := *linetest.Decode(w.t, w.Broker, wire.MatchFeatures, from)
	features.HomeTeam.Attack, features.Live.Phase = 3, football.PreMatch
	at := linetest.Forge(w.t, w.Broker, from, wire.MatchFeatures, &features)
	p := streams.NewMemory(line.Stages(football.DefaultReference(), predict.BuiltInRegistry(),
		wire.Namespace{})[2:3]).Step(&features)[0].Output.(*football.Prediction)
	cause := streams.Cause{Topic: from.Topic, Partition: from.Partition, Offset: at}
	e := w.at(linetest.Forge(w.t, w.Broker, r, wire.Prediction, p,
		kgo.RecordHeader{Key: wire.HeaderCause, Value: []byte(cause.String())}), false, audit.Differs,
		"home_team.attack")
	if e.Hops[0].Verdict != audit.Identical || e.Hops[1].Verdict != audit.Differs ||
		e.Hops[2].Verdict != audit.Identical {
		t.Errorf("got %s, %s, %s; want the feature record alone to differ", e.Hops[0].Verdict, e.Hops[1].Verdict,
			e.Hops[2].Verdict)
	}
}

func TestWhatIsGoneIsNamed(t *testing.T) {
	t.Parallel()
	w := write(t, line.Separate, 1500)
	last := w.last(wire.TopicPredictions).Offset
	cut := func(topic string, before int64) {
		t.Helper()
		offsets := kadm.Offsets{}
		offsets.AddOffset(topic, simulated, before, -1)
		deleted, err := w.Admin.DeleteRecords(linetest.Deadline(t), offsets)
		if err == nil {
			err = deleted.Error()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	cut(wire.TopicRawEvents, 10)
	e := w.at(last, false, audit.NotRederivable, wire.TopicRawEvents+"/5 begins at offset 10")
	if e.Hops[0].Verdict != audit.Identical {
		t.Errorf("the prediction is %s, though its feature record is there", e.Hops[0].Verdict)
	}
	w.at(last, true, audit.Identical, "")
	cut(wire.TopicRawEvents, 1500)
	w.at(last, false, audit.NotRederivable, "is gone: the partition begins at offset 1500")
	features := w.last(wire.TopicMatchFeatures).Offset
	cut(wire.TopicMatchFeatures, features+1)
	w.at(last, true, audit.NotRederivable, wire.TopicMatchFeatures+"/5/")
	if _, err := w.Admin.DeleteTopic(linetest.Deadline(t), wire.TopicMatchFeatures); err != nil {
		t.Fatal(err)
	}
	w.at(last, true, audit.NotRederivable, "the topic "+wire.TopicMatchFeatures+" is gone")
	cut(wire.TopicPredictions, last+1)
	w.at(last, false, audit.NotRederivable, "is gone")
}
