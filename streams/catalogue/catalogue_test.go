package catalogue_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/catalogue"
	"github.com/touchline/touchline/streams/internal/brokertest"
	"github.com/touchline/touchline/streams/line"
)

const partitions = 3

func TestCatalogueDescribesAndRefusesWhatIsNotIts(t *testing.T) {
	engines := brokertest.Embedded(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client := engines.Client(t)
	adm := kadm.NewClient(client)
	chain := line.Through(wire.StageNormalize, football.DefaultReference(), nil)
	group := chain.Group()
	ours := catalogue.New(partitions, -1, chain)

	before, _, err := ours.Describe(ctx, adm)
	if err != nil || !before[0].Missing {
		t.Fatalf("before the topics are made: %+v, %v", before, err)
	}
	for range 2 { // what is there is left alone
		if err := ours.Ensure(ctx, adm); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 9 {
		r := &kgo.Record{Topic: wire.TopicRawEvents, Partition: int32(i % partitions), Value: []byte("x")}
		if err := client.ProduceSync(ctx, r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	read := kadm.Offsets{}
	for id := range int32(partitions) {
		read.Add(kadm.Offset{Topic: wire.TopicRawEvents, Partition: id, At: 2})
	}
	if err := adm.CommitAllOffsets(ctx, group, read); err != nil {
		t.Fatal(err)
	}

	topics, groups, err := ours.Describe(ctx, adm, group)
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range topics {
		if topic.Missing {
			t.Errorf("%s is missing", topic.Name)
		}
		if topic.Name == wire.TopicRawEvents && (topic.Records != 9 || topic.Partitions != partitions ||
			topic.Bytes <= 0) {
			t.Errorf("got %+v, want 9 records in %d partitions", topic, partitions)
		}
	}
	if len(groups) != 1 || groups[0].Lag != 3 || groups[0].Topic != wire.TopicRawEvents {
		t.Errorf("got %+v, want one group that is 3 records behind", groups)
	}

	more := catalogue.New(partitions+1, -1, chain)
	if err := more.Ensure(ctx, adm); err == nil || !strings.Contains(err.Error(), "TOUCHLINE_PARTITIONS") {
		t.Errorf("another number of partitions: got %v", err)
	}
	compacted := []wire.Topic{{Name: wire.TopicRawEvents, Compacted: true}}
	odd := catalogue.Catalogue{Topics: compacted, Partitions: partitions, Replication: -1}
	if err := odd.Ensure(ctx, adm); err == nil || !strings.Contains(err.Error(), "cleanup.policy") {
		t.Errorf("another cleanup policy: got %v", err)
	}
}
