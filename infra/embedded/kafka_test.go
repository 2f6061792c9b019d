package embedded_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/touchline/touchline/infra/embedded"
)

func startKafka(t *testing.T, dir string) *embedded.Kafka {
	t.Helper()
	broker, err := embedded.StartKafka(t.Context(), embedded.KafkaConfig{Dir: dir}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return broker
}

func stop(t *testing.T, part interface{ Stop(context.Context) error }) {
	t.Helper()
	if err := part.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func client(t *testing.T, broker *embedded.Kafka, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(broker.Brokers()...),
		kgo.RecordPartitioner(kgo.ManualPartitioner())}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func createTopic(t *testing.T, c *kgo.Client, topic string, partitions int32, configs map[string]*string) {
	t.Helper()
	if _, err := kadm.NewClient(c).CreateTopic(t.Context(), partitions, 1, configs, topic); err != nil {
		t.Fatal(err)
	}
}

func produce(t *testing.T, c *kgo.Client, records ...*kgo.Record) {
	t.Helper()
	if err := c.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func TestKafkaKeepsTopicsRecordsAndOffsetsAcrossARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broker := startKafka(t, dir)
	c := client(t, broker)
	createTopic(t, c, "t", 1, nil)
	produce(t, c, &kgo.Record{Topic: "t", Value: []byte("kept")})
	offsets := kadm.Offsets{}
	offsets.Add(kadm.Offset{Topic: "t", At: 1})
	if err := kadm.NewClient(c).CommitAllOffsets(t.Context(), "g", offsets); err != nil {
		t.Fatal(err)
	}
	stop(t, broker)

	broker = startKafka(t, dir)
	defer stop(t, broker)
	if broker.Mended().Killed {
		t.Error("an orderly stop was taken for a kill")
	}
	if records := readCommitted(t, broker.Brokers(), "t"); len(records[0]) != 1 ||
		string(records[0][0].Value) != "kept" {
		t.Errorf("got %v", records)
	}
	committed, err := kadm.NewClient(client(t, broker)).FetchOffsets(t.Context(), "g")
	if at, _ := committed.Lookup("t", 0); err != nil || at.At != 1 {
		t.Errorf("got offset %d and %v, want 1", at.At, err)
	}
}

// TestACommitThatWasCutOffBetweenTwoPartitionsIsFinished puts together the files that a kill between two markers
// leaves: those of one partition after the commit, all others from before it.
func TestACommitThatWasCutOffBetweenTwoPartitionsIsFinished(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		marked    []string // partitions that got their marker before the kill
		committed bool
	}{
		{"a marker is there: the rest is committed", []string{"out-1"}, true},
		{"all markers are there and no offset: the offsets are committed", []string{"out-0", "out-1", "out-2"}, true},
		{"no marker is there: all is aborted", nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			before, after := t.TempDir(), t.TempDir()
			old := commitOnce(t, before, after)
			for _, p := range test.marked {
				replaceFolder(t, filepath.Join(after, "log/partitions", p), filepath.Join(before, "log/partitions", p))
			}
			copyFile(t, filepath.Join(after, "commit.journal"), filepath.Join(before, "commit.journal"))

			broker := startKafka(t, before)
			defer stop(t, broker)
			records := readCommitted(t, broker.Brokers(), "out")
			offsets, err := kadm.NewClient(client(t, broker)).FetchOffsets(t.Context(), "copy")
			if err != nil {
				t.Fatal(err)
			}
			in, _ := offsets.Lookup("in", 0)
			want, wantOffset := 1, int64(3)
			if test.committed {
				want, wantOffset = 2, 6
			}
			for p := range int32(3) {
				if got := len(records[p]); got != want {
					t.Errorf("partition %d: got %d records, want %d", p, got, want)
				}
			}
			if in.At != wantOffset {
				t.Errorf("got offset %d, want %d", in.At, wantOffset)
			}
			if err := old.end(t, broker); !errors.Is(err, kerr.ProducerFenced) &&
				!errors.Is(err, kerr.InvalidProducerEpoch) {
				t.Errorf("a producer that outlived the broker got %v, want it fenced", err)
			}
		})
	}
}

// survivor is a producer that outlived the broker.
type survivor struct {
	id    int64
	epoch int16
}

// end tries to commit the transaction that the survivor believes to be open.
func (s survivor) end(t *testing.T, broker *embedded.Kafka) error {
	t.Helper()
	req := kmsg.NewPtrEndTxnRequest()
	req.TransactionalID, req.ProducerID, req.ProducerEpoch, req.Commit = "tx", s.id, s.epoch, true
	resp, err := req.RequestWith(t.Context(), client(t, broker))
	if err != nil {
		t.Fatal(err)
	}
	return kerr.ErrorForCode(resp.ErrorCode)
}

// commitOnce runs two transactions of three partitions with offsets, and copies the files of the broker before and
// after the commit of the second.
func commitOnce(t *testing.T, before, after string) survivor {
	t.Helper()
	dir := t.TempDir()
	broker := startKafka(t, dir)
	defer stop(t, broker)
	c := client(t, broker)
	createTopic(t, c, "in", 1, nil)
	createTopic(t, c, "out", 3, nil)
	for range 6 {
		produce(t, c, &kgo.Record{Topic: "in"})
	}
	session, err := kgo.NewGroupTransactSession(kgo.SeedBrokers(broker.Brokers()...), kgo.TransactionalID("tx"),
		kgo.ConsumerGroup("copy"),
		kgo.ConsumeTopics("in"), kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	for n := range 2 {
		for polled := 0; polled < 3; {
			polled += session.PollRecords(t.Context(), 3-polled).NumRecords()
		}
		if err := session.Begin(); err != nil {
			t.Fatal(err)
		}
		for p := range int32(3) {
			if err := session.ProduceSync(t.Context(),
				&kgo.Record{Topic: "out", Partition: p, Value: []byte(strconv.Itoa(n))}).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		if n == 1 {
			copyFolder(t, dir, before)
		}
		if committed, err := session.End(t.Context(), kgo.TryCommit); err != nil || !committed {
			t.Fatalf("committed %t, %v", committed, err)
		}
	}
	copyFolder(t, dir, after)
	id, epoch, err := session.Client().ProducerID(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return survivor{id, epoch - 1} // of the second transaction: each has an epoch of its own
}

func replaceFolder(t *testing.T, from, to string) {
	t.Helper()
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	copyFolder(t, from, to)
}

func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	raw, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, raw, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestABatchThatIsHalfWrittenIsCutOff(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, dat, idx string){
		"the batch is torn":            func(t *testing.T, dat, _ string) { cut(t, dat, 5) },
		"its index entry is not there": func(t *testing.T, _, idx string) { cut(t, idx, 15) },
		"its index entry is torn":      func(t *testing.T, _, idx string) { cut(t, idx, 4) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, killed := t.TempDir(), t.TempDir()
			broker := startKafka(t, dir)
			c := client(t, broker)
			createTopic(t, c, "t", 1, nil)
			for n := range 3 {
				produce(t, c, &kgo.Record{Topic: "t", Value: []byte(strconv.Itoa(n))})
			}
			copyFolder(t, dir, killed)
			stop(t, broker)
			spoil(t, filepath.Join(killed, "log/partitions/t-0/0.dat"),
				filepath.Join(killed, "log/partitions/t-0/0.idx"))

			broker = startKafka(t, killed)
			defer stop(t, broker)
			if m := broker.Mended(); !m.Killed || m.Cut != 1 {
				t.Errorf("got %+v, want one partition cut", m)
			}
			produce(t, client(t, broker), &kgo.Record{Topic: "t", Value: []byte("new")})
			var got []string
			for _, r := range readCommitted(t, broker.Brokers(), "t")[0] {
				got = append(got, string(r.Value))
			}
			if strings.Join(got, " ") != "0 1 new" {
				t.Errorf("got %v, want 0 1 new", got)
			}
		})
	}
}

func cut(t *testing.T, path string, n int64) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()-n); err != nil {
		t.Fatal(err)
	}
}

func TestACompactedTopicIsCompactedAtTheStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broker := startKafka(t, dir)
	c := client(t, broker)
	compacted := "compact"
	createTopic(t, c, "t", 1, map[string]*string{"cleanup.policy": &compacted})
	for n := range 100 {
		produce(t, c, &kgo.Record{Topic: "t", Key: []byte("k" + strconv.Itoa(n%3)), Value: []byte(strconv.Itoa(n))})
	}
	stop(t, broker)
	uncompacted := t.TempDir()
	copyFolder(t, dir, uncompacted)

	broker = startKafka(t, dir)
	records := readCommitted(t, broker.Brokers(), "t")[0]
	if len(records) > 4 || string(records[len(records)-1].Value) != "99" {
		t.Errorf("got %d records, want the newest of 3 keys and the last", len(records))
	}
	stop(t, broker)

	t.Run("and a kill while it does so loses nothing", func(t *testing.T) {
		// What a kill leaves: the files of before beside a partition that is gone.
		copyFolder(t, filepath.Join(uncompacted, "log/partitions"), filepath.Join(uncompacted, "compacting"))
		if err := os.RemoveAll(filepath.Join(uncompacted, "log/partitions/t-0")); err != nil {
			t.Fatal(err)
		}
		broker := startKafka(t, uncompacted)
		defer stop(t, broker)
		if records := readCommitted(t, broker.Brokers(), "t")[0]; string(records[len(records)-1].Value) != "99" {
			t.Errorf("got %v", records)
		}
		if _, err := os.Stat(filepath.Join(uncompacted, "compacting")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the files of before are still there: %v", err)
		}
	})
}

func TestASecondProcessIsRefusedByName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broker := startKafka(t, dir)
	defer stop(t, broker)
	var busy *embedded.BusyError
	_, err := embedded.StartKafka(t.Context(), embedded.KafkaConfig{Dir: dir}, slog.New(slog.DiscardHandler))
	if !errors.As(err, &busy) || busy.Setting != "TOUCHLINE_DATA" {
		t.Errorf("the same folder: got %v", err)
	}
	_, err = embedded.StartKafka(t.Context(), embedded.KafkaConfig{Dir: t.TempDir(), Listen: broker.Brokers()[0]},
		slog.New(slog.DiscardHandler))
	if !errors.As(err, &busy) || busy.Setting != "TOUCHLINE_KAFKA_LISTEN" {
		t.Errorf("the same port: got %v", err)
	}
	if _, err = embedded.StartKafka(t.Context(), embedded.KafkaConfig{Dir: t.TempDir(), Listen: "0.0.0.0:0"},
		slog.New(slog.DiscardHandler)); err == nil {
		t.Error("an address that clients can't dial was accepted")
	}
}
