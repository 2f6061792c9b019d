package embedded_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/embedded"
)

// The processes that tests kill are this test binary, told by an environment variable which of these to be.
const (
	childEnv    = "TOUCHLINE_TEST_CHILD"
	childDirEnv = "TOUCHLINE_TEST_CHILD_DIR"
)

func TestMain(m *testing.M) {
	switch os.Getenv(childEnv) {
	case "":
		os.Exit(m.Run())
	case "kafka":
		runKafkaChild(os.Getenv(childDirEnv))
	case "postgres":
		runPostgresChild(os.Getenv(childDirEnv))
	}
}

func startChild(t *testing.T, what, dir string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+what, childDirEnv+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the child ended with %v, want it killed", err)
	}
}

const killPartitions = 6

// runKafkaChild copies `in` to `out` and `state` in transactions, as stages do: two workers of one group. Each seventh
// transaction is aborted. It says `commit` for each commit until it is killed.
func runKafkaChild(dir string) {
	ctx := context.Background()
	broker, err := embedded.StartKafka(ctx, embedded.KafkaConfig{Dir: dir, SessionTimeout: time.Second},
		slog.New(slog.DiscardHandler))
	must(err)
	admin, err := kgo.NewClient(kgo.SeedBrokers(broker.Brokers()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	must(err)
	if topics, err := kadm.NewClient(admin).ListTopics(ctx, "in"); err != nil || !topics.Has("in") {
		must(err)
		compacted := "compact"
		_, err = kadm.NewClient(admin).CreateTopics(ctx, killPartitions, 1, nil, "in", "out")
		must(err)
		_, err = kadm.NewClient(admin).CreateTopics(ctx, killPartitions, 1,
			map[string]*string{"cleanup.policy": &compacted}, "state")
		must(err)
	}
	var workers sync.WaitGroup
	for i := range 2 {
		workers.Go(func() { must(copyInTransactions(ctx, broker.Brokers(), "worker-"+strconv.Itoa(i))) })
	}
	for n := 0; ; n++ { // input goes on and on: each record is its own offset
		records := make([]*kgo.Record, 0, 120)
		for i := range cap(records) {
			records = append(records, &kgo.Record{Topic: "in", Partition: int32(i % killPartitions),
				Value: []byte("x")})
		}
		must(admin.ProduceSync(ctx, records...).FirstErr())
	}
}

func copyInTransactions(ctx context.Context, brokers []string, id string) error {
	session, err := kgo.NewGroupTransactSession(kgo.SeedBrokers(brokers...), kgo.TransactionalID(id),
		kgo.ConsumerGroup("copy"),
		kgo.ConsumeTopics("in"), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ProducerLinger(0), kgo.FetchMaxWait(50*time.Millisecond),
		kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()), kgo.SessionTimeout(time.Second),
		kgo.HeartbeatInterval(200*time.Millisecond))
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		fetches := session.PollRecords(ctx, 60)
		if err := fetches.Err(); err != nil {
			return err
		}
		if fetches.NumRecords() == 0 {
			continue
		}
		if err := session.Begin(); err != nil {
			return err
		}
		fetches.EachRecord(func(r *kgo.Record) {
			offset := []byte(strconv.FormatInt(r.Offset, 10))
			session.Produce(ctx, &kgo.Record{Topic: "out", Partition: r.Partition, Value: offset}, nil)
			session.Produce(ctx, &kgo.Record{Topic: "state", Partition: r.Partition,
				Key: []byte("k" + strconv.FormatInt(r.Offset%5, 10)), Value: offset}, nil)
		})
		committed, err := session.End(ctx, kgo.TransactionEndTry(n%7 != 6))
		if err != nil {
			return err
		}
		if committed {
			fmt.Println("commit")
		}
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
}

// TestNothingIsLostOrDoubledWhenTheBrokerIsKilled kills a broker with two transactional workers again and again. After
// each kill, what was committed must be one line per partition without gap or double, as long as the group's offset
// says, and so must the newest values of the compacted topic; and new transactions must work.
func TestNothingIsLostOrDoubledWhenTheBrokerIsKilled(t *testing.T) {
	t.Parallel()
	rounds := 8
	if testing.Short() {
		rounds = 3
	}
	if s := os.Getenv("TOUCHLINE_TEST_KILLS"); s != "" { // a hundred finds more, in two minutes
		rounds, _ = strconv.Atoi(s)
	}
	dir := t.TempDir()
	var mended embedded.Mended
	commits := 0
	for round := range rounds {
		child, lines := startChild(t, "kafka", dir)
		for n := 0; n < 3+round*7%23 && lines.Scan(); n++ {
			commits++
		}
		kill(t, child)
		broker, err := embedded.StartKafka(t.Context(), embedded.KafkaConfig{Dir: dir}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		m := broker.Mended()
		if !m.Killed {
			t.Error("the kill went unnoticed")
		}
		mended.Committed += m.Committed
		mended.Aborted += m.Aborted
		mended.Cut += m.Cut
		checkCopy(t, broker.Brokers())
		if err := broker.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if t.Failed() {
			t.Fatalf("in round %d: %+v", round, m)
		}
	}
	t.Logf("%d kills, at least %d commits; mended %+v", rounds, commits, mended)
}

func checkCopy(t *testing.T, brokers []string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	offsets, err := admin.FetchOffsets(t.Context(), "copy")
	if err != nil {
		t.Fatal(err)
	}
	out, state := readCommitted(t, brokers, "out"), readCommitted(t, brokers, "state")
	for p := range int32(killPartitions) {
		committed, _ := offsets.Lookup("in", p)
		if got := int64(len(out[p])); got != max(committed.At, 0) {
			t.Errorf("partition %d: %d records came out, the group has committed %d", p, got, committed.At)
		}
		for i, r := range out[p] {
			if string(r.Value) != strconv.Itoa(i) {
				t.Errorf("partition %d: record %d came out as number %d", p, i, i)
				break
			}
		}
		newest := map[string]string{}
		for _, r := range state[p] {
			newest[string(r.Key)] = string(r.Value)
		}
		for n := max(committed.At-5, 0); n < committed.At; n++ {
			if got := newest["k"+strconv.FormatInt(n%5, 10)]; got != strconv.FormatInt(n, 10) {
				t.Errorf("partition %d: the state of k%d is %q, want %d", p, n%5, got, n)
			}
		}
	}
}

// readCommitted reads a topic up to its high watermark. It hangs, up to the test's deadline, when the last stable
// offset does not reach it.
func readCommitted(t *testing.T, brokers []string, topic string) map[int32][]*kgo.Record {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.ConsumeTopics(topic),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()), kgo.KeepControlRecords(),
		kgo.FetchMaxWait(20*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	ends, err := admin.ListEndOffsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	stable, err := admin.ListCommittedOffsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	records := map[int32][]*kgo.Record{}
	left := map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if s, _ := stable.Lookup(topic, o.Partition); s.Offset != o.Offset {
			t.Fatalf("%s-%d: the last stable offset %d stands before the end %d", topic, o.Partition, s.Offset,
				o.Offset)
		}
		if o.Offset > 0 {
			left[o.Partition] = o.Offset
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for len(left) > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("read %s, left %v: %v", topic, left, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if !r.Attrs.IsControl() {
				records[r.Partition] = append(records[r.Partition], r)
			}
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
		})
	}
	return records
}
