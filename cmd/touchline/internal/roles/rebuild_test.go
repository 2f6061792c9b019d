package roles

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/embedded"
	"github.com/touchline/touchline/schemas/wire"
)

// TestADroppedLineStaysDroppedAfterAKill drops the line of a broker and starts another on the files as they are then,
// as after a kill: neither the topics nor what the groups had committed of them is back.
func TestADroppedLineStaysDroppedAfterAKill(t *testing.T) {
	const group = "touchline.v1.normalize"
	names, log := wire.Namespace{}, slog.New(slog.DiscardHandler)
	raw := names.Topic(wire.TopicRawEvents)
	dir := t.TempDir()
	adm := startBroker(t, dir, log)
	ctx := t.Context()
	if _, err := adm.CreateTopic(ctx, 1, 1, nil, raw); err != nil {
		t.Fatal(err)
	}
	offsets := kadm.Offsets{}
	offsets.Add(kadm.Offset{Topic: raw, Partition: 0, At: 293, LeaderEpoch: -1})
	if err := adm.CommitAllOffsets(ctx, group, offsets); err != nil {
		t.Fatal(err)
	}
	topics, err := adm.ListTopics(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := dropLine(ctx, adm, names, topics); err != nil {
		t.Fatal(err)
	}

	killed := filepath.Join(t.TempDir(), "killed")
	if err := os.CopyFS(killed, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	adm = startBroker(t, killed, log)
	if topics, err = adm.ListTopics(ctx); err != nil || topics.Has(raw) {
		t.Errorf("got the topics %v, %v; want no %s", topics.Names(), err, raw)
	}
	if _, err := adm.CreateTopic(ctx, 1, 1, nil, raw); err != nil {
		t.Fatal(err)
	}
	committed, err := adm.FetchOffsets(ctx, group)
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		t.Fatal(err)
	}
	if offset, ok := committed.Lookup(raw, 0); ok && offset.At >= 0 {
		t.Errorf("got the committed offset %d, want none", offset.At)
	}
}

// startBroker starts an embedded broker on a folder until the test ends.
func startBroker(t *testing.T, dir string, log *slog.Logger) *kadm.Client {
	t.Helper()
	broker, err := embedded.StartKafka(t.Context(), embedded.KafkaConfig{Dir: dir}, log)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.Brokers()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Close()
		if err := broker.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return kadm.NewClient(client)
}
