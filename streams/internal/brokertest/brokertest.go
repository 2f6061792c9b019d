// Package brokertest lends tests and benchmarks a log and a schema registry.
package brokertest

import (
	"os"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/touchline/touchline/infra/local/realtest"
	"github.com/touchline/touchline/schemas/wire"
)

// Engines are a log and its registry.
type Engines struct {
	Cluster  *kfake.Cluster // nil where the brokers are real
	Brokers  []string
	Registry string // URL
	Serde    *wire.Serde
}

// Embedded starts empty engines in this process.
func Embedded(t testing.TB, opts ...kfake.Opt) *Engines {
	t.Helper()
	cluster, err := kfake.NewCluster(append([]kfake.Opt{
		kfake.NumBrokers(1), kfake.BrokerConfigs(map[string]string{"group.consumer.heartbeat.interval.ms": "100"}),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return newEngines(t, cluster, cluster.ListenAddrs(), fakeRegistry(t))
}

// Tested returns real engines, wiped clean, under `make test-real`, and embedded ones otherwise.
func Tested(t testing.TB) *Engines {
	t.Helper()
	if !realtest.On() {
		return Embedded(t)
	}
	return newEngines(t, nil, realtest.Brokers(t), realtest.Registry(t))
}

// Measured returns the brokers that TOUCHLINE_KAFKA_BROKERS names, wiped clean, beside a registry in this process, and
// embedded engines where it names none.
func Measured(b *testing.B) *Engines {
	b.Helper()
	if os.Getenv("TOUCHLINE_KAFKA_BROKERS") == "" {
		return Embedded(b)
	}
	return newEngines(b, nil, realtest.Brokers(b), fakeRegistry(b))
}

func newEngines(t testing.TB, cluster *kfake.Cluster, brokers []string, registry string) *Engines {
	t.Helper()
	client, err := sr.NewClient(sr.URLs(registry))
	if err != nil {
		t.Fatal(err)
	}
	return &Engines{Cluster: cluster, Brokers: brokers, Registry: registry, Serde: wire.NewSerde(client)}
}

func fakeRegistry(t testing.TB) string {
	t.Helper()
	registry := srfake.New()
	t.Cleanup(registry.Close)
	return registry.URL()
}

// Opts returns what a client of the log needs.
func (e *Engines) Opts() []kgo.Opt { return []kgo.Opt{kgo.SeedBrokers(e.Brokers...)} }

// Client returns a client that writes to the partition each record names. The test's end closes it.
func (e *Engines) Client(t testing.TB, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append(append(e.Opts(), kgo.RecordPartitioner(kgo.ManualPartitioner())), opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}
