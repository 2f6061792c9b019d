package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/touchline/touchline/schemas/wire"
)

// logs collects what workers log.
type logs struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logs) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logs) find(pattern string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return regexp.MustCompile(pattern).FindAllString(l.text.String(), -1)
}

// until waits for a condition.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	ctx := testContext(t)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-ctx.Done():
			t.Fatalf("never came: %s", what)
		case <-tick.C:
		}
	}
}

// TestATakeoverReadsNothingThatTheCopyHas lets one worker follow another, stops the other, and counts the changelog
// records that the takeover had to read.
func TestATakeoverReadsNothingThatTheCopyHas(t *testing.T) {
	w := newWorld(t)
	stopA := w.start("a")
	w.send("feed", 6, 120)
	w.read(wire.TopicMatchEvents, 120)
	stopB := w.start("b")
	until(t, "b is assigned something", func() bool { return len(w.logs.find(`state restored.*instance=b`)) > 0 })
	w.send("feed", 6, 120)
	w.read(wire.TopicMatchEvents, 240)
	warm := func() bool { // of the partitions that a has
		var applied int64
		standby := w.workers["b"].copies
		standby.mu.Lock()
		defer standby.mu.Unlock()
		for _, r := range standby.copies {
			applied += r.reached[0]
		}
		return len(standby.copies) > 0 && applied >= int64(80*len(standby.copies))
	}
	until(t, "the copies are warm", warm)
	before := testutil.ToFloat64(w.metrics.restored.WithLabelValues(wire.StageNormalize))
	if err := stopA(); err != nil {
		t.Fatal(err)
	}
	w.send("feed", 6, 120)
	w.checkNumbers(w.read(wire.TopicMatchEvents, 360))
	if read := testutil.ToFloat64(w.metrics.restored.WithLabelValues(wire.StageNormalize)) - before; read > 0 {
		t.Errorf("the takeover read %v changelog records, the copy had them all", read)
	}
	if err := stopB(); err != nil {
		t.Fatal(err)
	}
	if found := w.logs.find(`protocol="consumer \(KIP-848\)"`); len(found) == 0 {
		t.Error("no line says that the broker assigns partitions")
	}
}

// TestASessionThatBreaksGoesOnFromWhatItHad breaks a session from outside: the next one must not read the changelog
// anew.
func TestASessionThatBreaksGoesOnFromWhatItHad(t *testing.T) {
	w := newWorld(t)
	stop := w.start("a")
	w.send("feed", 6, 120)
	w.read(wire.TopicMatchEvents, 120)
	before := testutil.ToFloat64(w.metrics.restored.WithLabelValues(wire.StageNormalize))
	w.Cluster.ControlKey(int16(kmsg.EndTxn), func(request kmsg.Request) (kmsg.Response, error, bool) {
		response := request.ResponseKind().(*kmsg.EndTxnResponse)
		response.ErrorCode = kerr.InvalidTxnState.Code
		return response, nil, true
	})
	w.send("feed", 6, 60)
	w.checkNumbers(w.read(wire.TopicMatchEvents, 180))
	if got := testutil.ToFloat64(w.metrics.sessions.WithLabelValues(wire.StageNormalize)); got != 1 {
		t.Fatalf("%v sessions broke, want 1", got)
	}
	if read := testutil.ToFloat64(w.metrics.restored.WithLabelValues(wire.StageNormalize)) - before; read > 0 {
		t.Errorf("the new session read %v changelog records", read)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// TestARecordThatIsNotTakenAbortsItsTransaction has the broker refuse one changelog record for good, once. Committing
// the rest would lose it, and show only after the next restore.
func TestARecordThatIsNotTakenAbortsItsTransaction(t *testing.T) {
	w := newWorld(t)
	changelog := w.Cluster.TopicInfo(numberingChain()[0].Changelog()).TopicID
	var refused atomic.Int32
	w.Cluster.ControlKey(int16(kmsg.Produce), func(request kmsg.Request) (kmsg.Response, error, bool) {
		w.Cluster.KeepControl()
		produce := request.(*kmsg.ProduceRequest)
		response := produce.ResponseKind().(*kmsg.ProduceResponse)
		found := false
		for _, topic := range produce.Topics {
			found = found || topic.TopicID == changelog
			answer := kmsg.NewProduceResponseTopic()
			answer.Topic, answer.TopicID = topic.Topic, topic.TopicID
			for _, p := range topic.Partitions {
				part := kmsg.NewProduceResponseTopicPartition()
				part.Partition, part.ErrorCode = p.Partition, kerr.InvalidRecord.Code
				answer.Partitions = append(answer.Partitions, part)
			}
			response.Topics = append(response.Topics, answer)
		}
		if !found || refused.Add(1) > 1 {
			return nil, nil, false
		}
		return response, nil, true
	})
	stop := w.start("a")
	w.send("feed", 6, 120)
	w.checkNumbers(w.read(wire.TopicMatchEvents, 120))
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if refused.Load() == 0 {
		t.Fatal("nothing was refused")
	}
	w.send("feed", 6, 60)
	stop = w.start("b")
	w.checkNumbers(w.read(wire.TopicMatchEvents, 180)) // from the changelogs alone
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

func TestFencedOrTimedOut(t *testing.T) {
	worker, err := New(Config{Client: []kgo.Opt{kgo.SeedBrokers("127.0.0.1:1")}, Instance: "a"}, numberingChain(), nil,
		slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	fenced := func(err error, age time.Duration) bool {
		var final *FencedError
		return errors.As(worker.classifyError(fmt.Errorf("end: %w", err), age), &final)
	}
	if fenced(kerr.InvalidTxnState, 0) || fenced(context.DeadlineExceeded, 0) {
		t.Error("a broken session is taken for a fenced one")
	}
	if fenced(kerr.ProducerFenced, 6*time.Second) || fenced(kerr.InvalidProducerEpoch, 6*time.Second) {
		t.Error("a transaction that was older than its timeout is taken for a fenced one")
	}
	if !fenced(kerr.ProducerFenced, time.Second) {
		t.Error("fenced by another process, and going on")
	}
	worker.fenced = time.Time{}
	if fenced(kerr.InvalidProducerEpoch, time.Second) {
		t.Error("one stale epoch may be a leader that moved")
	}
	if !fenced(kerr.InvalidProducerEpoch, time.Second) {
		t.Error("two stale epochs within a minute are another process")
	}
}

// TestOfTwoProcessesWithOneNameOneEnds runs two workers under one name and feeds them until one gives up: it must say
// why, and the other must have folded everything once.
func TestOfTwoProcessesWithOneNameOneEnds(t *testing.T) {
	w := newWorld(t)
	stops, ended := []func() error{}, []chan struct{}{}
	for range 2 {
		stops = append(stops, w.start("a"))
		ended = append(ended, w.ended)
	}
	until(t, "one of the two ends", func() bool {
		w.send("feed", partitions, partitions)
		select {
		case <-ended[0]:
		case <-ended[1]:
		default:
			return false
		}
		return true
	})
	w.checkNumbers(w.read(wire.TopicMatchEvents, w.sent))
	fenced := 0
	for _, stop := range stops {
		err, final := stop(), (*FencedError)(nil)
		switch {
		case errors.As(err, &final):
			fenced++
		case err != nil:
			t.Error(err)
		}
	}
	if fenced != 1 {
		t.Errorf("%d of two workers ended because the other has its name", fenced)
	}
}

// TestLagIsWhatIsNotCommitted looks at the gauges after the input was folded, when the marker at its end is not lag,
// and while nothing commits.
func TestLagIsWhatIsNotCommitted(t *testing.T) {
	w := newWorld(t)
	stop := w.start("a")
	w.send("feed", 6, 120)
	w.read(wire.TopicMatchEvents, 120)
	for p := range partitions {
		until(t, "no lag", func() bool {
			return testutil.ToFloat64(w.metrics.lagRecords.WithLabelValues(wire.StageNormalize, fmt.Sprint(p))) == 0
		})
	}
	var away atomic.Bool
	away.Store(true)
	w.Cluster.ControlKey(int16(kmsg.EndTxn), func(kmsg.Request) (kmsg.Response, error, bool) {
		w.Cluster.KeepControl()
		return nil, errors.New("away"), away.Load()
	})
	w.send("feed", 6, 60)
	for p := range partitions {
		until(t, "lag", func() bool {
			return testutil.ToFloat64(w.metrics.lagRecords.WithLabelValues(wire.StageNormalize, fmt.Sprint(p))) >= 20
		})
	}
	away.Store(false)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}
