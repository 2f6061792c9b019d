package projectiontest

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/touchline/touchline/infra/local/realtest"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Topics is a log with the topics of the line and a schema registry, in this process or, under `make test-real`, real
// ones.
type Topics struct {
	t         testing.TB
	brokers   []string
	Client    *kgo.Client
	Serde     *wire.Serde
	Reference *football.Reference
	Registry  *sr.Client
}

// Log starts a broker with all topics of the line, and a registry that knows their schemas.
func Log(t testing.TB) *Topics {
	t.Helper()
	brokers, registry := engines(t)
	registryClient, err := sr.NewClient(sr.URLs(registry))
	if err != nil {
		t.Fatal(err)
	}
	l := &Topics{t: t, brokers: brokers, Registry: registryClient, Serde: wire.NewSerde(registryClient),
		Reference: football.DefaultReference()}
	l.Client, err = kgo.NewClient(append(l.Options(), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(0))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Client.Close)
	for _, topic := range wire.Topics() {
		l.CreateTopic(topic.Name)
		if err := l.Serde.Register(t.Context(), topic.Name+"-value", topic.Schema); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// engines returns the addresses of an empty log and its registry.
func engines(t testing.TB) (brokers []string, registry string) {
	t.Helper()
	if realtest.On() {
		return realtest.Brokers(t), realtest.Registry(t)
	}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.GroupMinSessionTimeout(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	fake := httptest.NewServer(srfake.New().Handler())
	t.Cleanup(fake.Close)
	return cluster.ListenAddrs(), fake.URL
}

// CreateTopic makes a topic of the line.
func (l *Topics) CreateTopic(name string) {
	l.t.Helper()
	partitions := int32(wire.DefaultPartitions)
	if name == wire.TopicModels {
		partitions = 1
	}
	if _, err := kadm.NewClient(l.Client).CreateTopic(context.Background(), partitions, 1, nil, name); err != nil {
		l.t.Fatal(err)
	}
}

// DeleteTopic deletes a topic, so that one made anew has another id.
func (l *Topics) DeleteTopic(name string) {
	l.t.Helper()
	if _, err := kadm.NewClient(l.Client).DeleteTopic(context.Background(), name); err != nil {
		l.t.Fatal(err)
	}
}

// Options are what a client needs to connect.
func (l *Topics) Options() []kgo.Opt {
	return []kgo.Opt{kgo.SeedBrokers(l.brokers...)}
}

// Append writes facts to their topics, in order, and returns the offset of the last.
func (l *Topics) Append(facts ...any) int64 {
	l.t.Helper()
	var records []*kgo.Record
	for _, fact := range facts {
		records = append(records, l.Record(fact))
	}
	if err := l.Client.ProduceSync(context.Background(), records...).FirstErr(); err != nil {
		l.t.Fatal(err)
	}
	return records[len(records)-1].Offset
}

// Record frames a fact for its topic, key and partition.
func (l *Topics) Record(fact any) *kgo.Record {
	l.t.Helper()
	var topic, key string
	var schema wire.Codec
	var pool football.PoolID
	switch f := fact.(type) {
	case *kgo.Record:
		return f
	case *football.MatchEvent:
		topic, schema, key, pool = wire.TopicMatchEvents, wire.MatchEvent, string(f.Match), f.Pool
	case *football.MatchFeatures:
		topic, schema, key, pool = wire.TopicMatchFeatures, wire.MatchFeatures, string(f.Match), f.Pool
	case *football.Prediction:
		topic, schema, key, pool = wire.TopicPredictions, wire.Prediction, string(f.Match), f.Pool
	case *football.Evaluation:
		topic, schema, key, pool = wire.TopicEvaluations, wire.Evaluation, fmt.Sprintf("%s~%s~%s", f.Match, f.Model.ID,
			f.Checkpoint), f.Pool
	case *football.Outlook:
		topic, schema, key, pool = wire.TopicOutlooks, wire.Outlook, string(f.Competition)+"~"+string(f.Season), f.Pool
	case *football.ModelFact:
		topic, schema, key = wire.TopicModels, wire.ModelFact, f.ID
	case *football.Quarantined:
		topic, schema, key = wire.TopicQuarantine, wire.Quarantined, string(f.Key)
	default:
		l.t.Fatalf("no topic for a %T", fact)
	}
	value, err := l.Serde.EncodeValue(schema, fact)
	if err != nil {
		l.t.Fatal(err)
	}
	partition := int32(0)
	if pool != "" {
		partition = l.Reference.Partition(pool, wire.DefaultPartitions)
	}
	return &kgo.Record{Topic: topic, Key: []byte(key), Value: value, Partition: partition}
}
