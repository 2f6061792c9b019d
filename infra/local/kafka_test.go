package local

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/local/realtest"
)

// needEngines skips a test that starts engines of its own.
func needEngines(t *testing.T) context.Context {
	t.Helper()
	realtest.Need(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func quiet(t *testing.T) *slog.Logger { return slog.New(slog.NewTextHandler(t.Output(), nil)) }

func startKafka(ctx context.Context, t *testing.T, cfg KafkaConfig) *Kafka {
	t.Helper()
	cfg.Dir, cfg.Log = t.TempDir(), quiet(t)
	began := time.Now()
	k, err := StartKafka(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d nodes of Kafka serve after %v", cfg.Nodes, time.Since(began).Round(10*time.Millisecond))
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	return k
}

func kafkaClient(t *testing.T, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func TestRealThreeNodesKeepWhatWasAcknowledgedWhenOneIsKilled(t *testing.T) {
	ctx := needEngines(t)
	k := startKafka(ctx, t, KafkaConfig{Nodes: 3})
	client := kafkaClient(t, kgo.SeedBrokers(k.Brokers()...), kgo.DefaultProduceTopic("kept"))
	adm := kadm.NewClient(client)
	if _, err := adm.CreateTopic(ctx, 3, -1, nil, "kept"); err != nil {
		t.Fatal(err)
	}
	send := func(from int) {
		for i := from; i < from+50; i++ {
			if err := client.ProduceSync(ctx, kgo.StringRecord(fmt.Sprint(i))).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
	}
	send(0)
	ports := fmt.Sprint(k.Brokers())
	if err := k.Kill(1); err != nil {
		t.Fatal(err)
	}
	send(50) // two of three replicas are enough
	if err := k.Start(ctx, 1); err != nil {
		t.Fatal(err)
	}
	if err := k.Pause(2); err != nil {
		t.Fatal(err)
	}
	send(100)
	if err := k.Resume(2); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(k.Brokers()); got != ports {
		t.Errorf("ports after a restart: got %s, want %s", got, ports)
	}
	stop, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	if err := k.Stop(stop, 0); err != nil {
		t.Fatal(err)
	}
	reader := kafkaClient(t, kgo.SeedBrokers(k.Brokers()[1:]...), kgo.ConsumeTopics("kept"))
	seen := map[string]bool{}
	for len(seen) < 150 {
		fetches := reader.PollFetches(ctx)
		if ctx.Err() != nil {
			t.Fatalf("got %d records, want 150", len(seen))
		}
		for _, r := range fetches.Records() {
			seen[string(r.Value)] = true
		}
	}
}

func TestRealMetadataAskedThroughAProxyNamesTheProxies(t *testing.T) {
	ctx := needEngines(t)
	k := startKafka(ctx, t, KafkaConfig{Nodes: 1, Proxied: []string{"127.0.0.1:19999"}})
	for from, want := range map[string]string{k.Behind(0): "127.0.0.1:19999", k.Brokers()[0]: k.Brokers()[0]} {
		meta, err := kadm.NewClient(kafkaClient(t, kgo.SeedBrokers(from))).BrokerMetadata(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got := address(int(meta.Brokers[0].Port)); got != want {
			t.Errorf("metadata asked of %s names %s, want %s", from, got, want)
		}
	}
}

func TestAWrongKafkaIsRefusedWithTheRemedies(t *testing.T) {
	_, err := StartKafka(t.Context(), KafkaConfig{Nodes: 2, Proxied: []string{"127.0.0.1:1"}})
	if err == nil {
		t.Fatal("two nodes without a folder and one proxy were accepted")
	}
	for _, want := range []string{"Dir", "1 or 3", "one a node"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to say %q", err, want)
		}
	}
}
