package models_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/audit"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/line/linetest"
	"github.com/touchline/touchline/streams/models"
)

// modelled is a broker whose models change while raw events come in.
type modelled struct {
	*linetest.Broker
	t   *testing.T
	ref *football.Reference
}

// read reads football.models into a registry of its own, as a process does that begins now.
func (m *modelled) read(artefacts line.Artefacts) (*predict.Registry, *models.Log) {
	m.t.Helper()
	registry := predict.BuiltInRegistry()
	log, err := line.ReadModels(linetest.Deadline(m.t), registry, artefacts, m.Opts(), wire.Namespace{}, m.Serde,
		slog.New(slog.DiscardHandler))
	if err != nil {
		m.t.Fatal(err)
	}
	return registry, log
}

// say changes a model as an operator does.
func (m *modelled) say(fact *football.ModelFact) models.Announcement {
	m.t.Helper()
	registry, log := m.read(nil)
	said, err := models.Change{Client: m.Opts(), Reference: m.ref}.Apply(linetest.Deadline(m.t), log,
		func() (*football.ModelFact, error) {
			_, err := registry.Newest().Apply(fact)
			return fact, err
		})
	if err != nil {
		m.t.Fatal(err)
	}
	return said
}

// publish appends raw events to their pools' partitions.
func (m *modelled) publish(raws []*football.RawEvent) {
	m.t.Helper()
	client, err := kgo.NewClient(append(m.Opts(), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		m.t.Fatal(err)
	}
	defer client.Close()
	var records []*kgo.Record
	for _, raw := range raws {
		frame, err := wire.Encode(m.Serde, wire.RawEvent, raw)
		if err != nil {
			m.t.Fatal(err)
		}
		records = append(records, &kgo.Record{Topic: wire.TopicRawEvents,
			Partition: m.ref.Partition(raw.Pool, wire.DefaultPartitions), Key: []byte(raw.Pool), Value: frame})
	}
	if err := client.ProduceSync(linetest.Deadline(m.t), records...).FirstErr(); err != nil {
		m.t.Fatal(err)
	}
}

// bodies returns the Avro bodies of a topic's partition, in order.
func (m *modelled) bodies(topic string, partition int32) [][]byte {
	m.t.Helper()
	ctx := linetest.Deadline(m.t)
	ends, err := m.Admin.ListEndOffsets(ctx, topic)
	if err != nil {
		m.t.Fatal(err)
	}
	end, _ := ends.Lookup(topic, partition)
	client, err := kgo.NewClient(append(m.Opts(), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {partition: kgo.NewOffset().AtStart()}}))...)
	if err != nil {
		m.t.Fatal(err)
	}
	defer client.Close()
	var bodies [][]byte
	for next := int64(0); next < end.Offset; {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			m.t.Fatalf("%s/%d: read to %d of %d", topic, partition, next, end.Offset)
		}
		for r := range fetches.RecordsAll() {
			if next = r.Offset + 1; !r.Attrs.IsControl() {
				bodies = append(bodies, bytes.Clone(r.Value[wire.FrameHeader:]))
			}
		}
	}
	return bodies
}

// lively is a version of goals that goes without pi-ratings.
func lively(t *testing.T) *football.ModelFact {
	t.Helper()
	a := predict.DefaultGoals()
	a.Weights.PiBlend = 0
	fact, err := predict.Registration("goals", 3, a)
	if err != nil {
		t.Fatal(err)
	}
	return fact
}

// TestAPromotionAndARollbackInTheMiddleOfALog: a model is shadowed, promoted, taken back and split while raw events
// come in. The line says what a plain fold of the log says, record by record, in both layouts; two replays of it are
// the same; and each prediction can be explained.
func TestAPromotionAndARollbackInTheMiddleOfALog(t *testing.T) {
	for _, layout := range []line.Layout{line.Separate, line.Chained} {
		t.Run(string(layout), func(t *testing.T) {
			t.Parallel()
			m := &modelled{linetest.NewBroker(t, nil), t, football.DefaultReference()}
			const part = 800
			raws := linetest.Simulated(t, 5*part)

			for i, facts := range [][]*football.ModelFact{
				{lively(t), {ID: "goals", Version: 3, Change: football.ModelShadowed}},
				{{ID: "goals", Version: 3, Change: football.ModelPromoted}},
				{{ID: "goals", Version: 2, Change: football.ModelPromoted}},
				{{ID: "goals", Version: 3, Change: football.ModelSplit, Share: 0.5}},
				nil,
			} {
				m.publish(raws[i*part : (i+1)*part])
				for _, fact := range facts {
					m.say(fact)
				}
			}

			want, served := m.fold(raws[0].Pool)
			if got := strings.Join(served, " "); got != "goals/2 goals/3 goals/2 goals/2|3" {
				t.Fatalf("served by position of football.models: %s", got)
			}
			m.work(layout, len(want))
			got := m.bodies(wire.TopicPredictions, m.ref.Partition(raws[0].Pool, wire.DefaultPartitions))
			if len(got) != len(want) {
				t.Fatalf("%d predictions, a plain fold gives %d", len(got), len(want))
			}
			for i := range want {
				if !bytes.Equal(got[i], want[i]) {
					t.Fatalf("prediction %d differs from the plain fold's", i)
				}
			}
			m.replay(2)
			m.replay(3)
			m.explain()
		})
	}
}

// fold folds the log with one goroutine and no transaction. It returns the bodies of the predictions, and which
// versions of goals were served as of each position.
func (m *modelled) fold(pool football.PoolID) (bodies [][]byte, served []string) {
	m.t.Helper()
	registry, _ := m.read(nil)
	memory := streams.NewMemory(line.Stages(m.ref, registry, wire.Namespace{})[:3])
	position, versions := int64(-1), map[int32]bool{}
	for _, body := range m.bodies(wire.TopicRawEvents, m.ref.Partition(pool, wire.DefaultPartitions)) {
		raw, err := wire.RawEvent.Unmarshal(body)
		if err != nil {
			m.t.Fatal(err)
		}
		for _, result := range memory.Step(raw) {
			if f, ok := result.Output.(*football.MatchFeatures); ok && f.ModelsPosition != position &&
				len(versions) > 0 {
				served = appended(served, versions)
				position, versions = f.ModelsPosition, map[int32]bool{}
			} else if ok {
				position = f.ModelsPosition
			}
			p, ok := result.Output.(*football.Prediction)
			if !ok {
				continue
			}
			if p.Model.ID == "goals" {
				versions[p.Model.Version] = true
			}
			body, err := wire.Prediction.Append(nil, p)
			if err != nil {
				m.t.Fatal(err)
			}
			bodies = append(bodies, body)
		}
	}
	return bodies, appended(served, versions)
}

// appended appends a phase, unless it is like the one before: registering and shadowing change nothing of what is
// served.
func appended(served []string, versions map[int32]bool) []string {
	phase := "goals/"
	for _, v := range []int32{2, 3} {
		if versions[v] {
			phase += fmt.Sprintf("%d|", v)
		}
	}
	phase = strings.TrimSuffix(phase, "|")
	if len(served) > 0 && served[len(served)-1] == phase {
		return served
	}
	return append(served, phase)
}

// work runs the line over the log until n predictions stand committed.
func (m *modelled) work(layout line.Layout, n int) {
	m.t.Helper()
	registry, log := m.read(nil)
	chains, err := line.Chains(layout, m.ref, registry, wire.Namespace{}, "normalize", "features", "predict")
	if err != nil {
		m.t.Fatal(err)
	}
	for _, chain := range chains {
		for i, stage := range chain {
			chain[i] = stage.Reading(log)
		}
	}
	m.Work(m.t, chains, wire.TopicPredictions, n, log.Run)
}

// replay runs the line again into topics of a version and holds its predictions against the line's.
func (m *modelled) replay(version int) {
	m.t.Helper()
	registry, log := m.read(nil)
	versions := wire.Versions{"normalize": version, "features": version, "predict": version}
	stages := line.Stages(m.ref, registry, wire.Namespace{Versions: versions})[:3]
	stages[2] = stages[2].Reading(log)
	if _, err := audit.RunReplay(linetest.Deadline(m.t),
		audit.ReplayConfig{Client: m.Opts(), Chain: stages, Replication: -1}, m.Serde); err != nil {
		m.t.Fatal(err)
	}
	again := fmt.Sprintf("football.predictions.v%d", version)
	diff, err := audit.DiffTopics(linetest.Deadline(m.t),
		audit.DiffConfig{Client: m.Opts(), A: wire.TopicPredictions, B: again}, m.Serde)
	if err != nil {
		m.t.Fatal(err)
	}
	if !diff.Same() || diff.Equal == 0 {
		m.t.Errorf("replay into %s: %+v", again, diff)
	}
}

// explain derives predictions of the log again, those of every version that spoke.
func (m *modelled) explain() {
	m.t.Helper()
	registry, log := m.read(nil)
	stages := line.Stages(m.ref, registry, wire.Namespace{})[:3]
	stages[2] = stages[2].Reading(log)
	x, err := audit.NewExplainer(audit.ExplainConfig{
		Client: m.Opts(), Line: stages,
		Models: func(position int64) []football.ModelRef { return registry.At(position).Refs() },
	}, m.Serde)
	if err != nil {
		m.t.Fatal(err)
	}
	explained, err := x.Sample(linetest.Deadline(m.t), 300, 1)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, e := range explained {
		if e.Verdict != audit.Identical {
			m.t.Fatalf("%s: %s, %s", e.ID, e.Verdict, e.Reason)
		}
	}
}

// TestWhoChangesModelsAtOnceIsStopped: of two who read the topic and then append, only the one who began last can.
func TestWhoChangesModelsAtOnceIsStopped(t *testing.T) {
	t.Parallel()
	m := &modelled{linetest.NewBroker(t, nil), t, football.DefaultReference()}
	m.say(lively(t))
	_, log := m.read(nil)
	change := models.Change{Client: m.Opts(), Reference: m.ref}
	_, err := change.Apply(linetest.Deadline(t), log, func() (*football.ModelFact, error) {
		m.say(&football.ModelFact{ID: "goals", Version: 3, Change: football.ModelPromoted})
		return &football.ModelFact{ID: "goals", Version: 3, Change: football.ModelShadowed}, nil
	})
	if err == nil || !strings.Contains(err.Error(), "somebody else began a change of the same kind meanwhile") {
		t.Fatalf("got %v, want that somebody else changes models", err)
	}
	registry, _ := m.read(nil)
	for _, s := range registry.Newest().Standings() {
		if s.Name == "goals" && s.Version == 3 && s.Status != football.ModelPromoted {
			t.Errorf("got %+v, want what the second said", s)
		}
	}
}

// TestAFactThatNamesNoArtefactIsPassedOver: who can write to the topic can't hold every reader for good.
func TestAFactThatNamesNoArtefactIsPassedOver(t *testing.T) {
	t.Parallel()
	m := &modelled{linetest.NewBroker(t, nil), t, football.DefaultReference()}
	fact := lively(t)
	fact.Artefact, fact.Digest = nil, strings.ToUpper(fact.Digest)
	_, log := m.read(nil)
	if _, err := (models.Change{Client: m.Opts(), Reference: m.ref}).Apply(linetest.Deadline(t), log,
		func() (*football.ModelFact, error) { return fact, nil }); err != nil {
		t.Fatal(err)
	}
	m.say(lively(t))
	if registry, _ := m.read(held{}); !registry.Newest().Has("goals", 3) {
		t.Error("what was said after it is not read")
	}
}

// TestACommandThatIsKilledHoldsTheLineForSeconds: what an operator's transaction wrote, and all after it, is read when
// the transaction has timed out.
func TestACommandThatIsKilledHoldsTheLineForSeconds(t *testing.T) {
	t.Parallel()
	m := &modelled{linetest.NewBroker(t, nil), t, football.DefaultReference()}
	m.say(lively(t))
	const atMost = 10_000 // milliseconds; the client's default is 40 s
	described, err := m.Admin.DescribeTransactions(linetest.Deadline(t), "touchline.models")
	if got := described["touchline.models"]; err != nil || got.Err != nil || got.TimeoutMillis > atMost {
		t.Errorf("got %+v, %v; want a timeout of %d ms at most", got, err, atMost)
	}
}

// held is a store that can be made to fail.
type held map[string][]byte

func (h held) Get(_ context.Context, digest string) ([]byte, error) {
	if artefact, ok := h[digest]; ok {
		return artefact, nil
	}
	return nil, fmt.Errorf("no artefact %.8s in the store", digest)
}

// TestAnArtefactInAStoreIsFetchedAndOneThatIsMissingHoldsTheLine: nobody passes a model over because a store is away.
func TestAnArtefactInAStoreIsFetchedAndOneThatIsMissingHoldsTheLine(t *testing.T) {
	t.Parallel()
	m := &modelled{linetest.NewBroker(t, nil), t, football.DefaultReference()}
	fact := lively(t)
	store := held{fact.Digest: fact.Artefact}
	fact.Artefact = nil
	_, log := m.read(nil)
	if _, err := (models.Change{Client: m.Opts(), Reference: m.ref}).Apply(linetest.Deadline(t), log,
		func() (*football.ModelFact, error) { return fact, nil }); err != nil {
		t.Fatal(err)
	}
	registry, log := m.read(store)
	if !registry.Newest().Has("goals", 3) {
		t.Error("the artefact was not fetched")
	}
	if err := log.Await(linetest.Deadline(t), log.Position()+1); err == nil ||
		!strings.Contains(err.Error(), "football.models are needed") && !strings.Contains(err.Error(), "is read to") {
		t.Errorf("a position that nobody wrote: got %v", err)
	}
	for name, artefacts := range map[string]line.Artefacts{"TOUCHLINE_ARTEFACTS": nil, "no artefact": held{}} {
		_, err := line.ReadModels(linetest.Deadline(t), predict.BuiltInRegistry(), artefacts, m.Opts(),
			wire.Namespace{}, m.Serde, slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want an error with %q", err, name)
		}
	}
	other := *fact
	other.Version, other.Artefact = 4, []byte("{}")
	registry = predict.BuiltInRegistry()
	if err := registry.Apply(0, &other); err == nil || !strings.Contains(err.Error(), "has the digest") {
		t.Errorf("another content under the digest: got %v", err)
	}
}
