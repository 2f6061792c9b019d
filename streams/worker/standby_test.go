package worker

import (
	"encoding/binary"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"

	"github.com/touchline/touchline/schemas/wire"
)

// standbyWorker is a worker that keeps a warm copy of partition 0, with a registry that answers nothing until released.
func standbyWorker(t *testing.T) (w *Worker, asked <-chan struct{}) {
	t.Helper()
	questions, release := make(chan struct{}, 100), make(chan struct{})
	registry := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		questions <- struct{}{}
		<-release
		http.Error(rw, `{"error_code":40403,"message":"no such schema"}`, http.StatusNotFound)
	}))
	t.Cleanup(registry.Close)
	t.Cleanup(func() { close(release) })
	client, err := sr.NewClient(sr.URLs(registry.URL))
	if err != nil {
		t.Fatal(err)
	}
	w = &Worker{
		chain: numberingChain(), serde: wire.NewSerde(client), copies: newReplicas(),
		metrics: NewMetrics(prometheus.NewRegistry()),
	}
	w.copies.copies[0] = newReplica(w.chain)
	return w, questions
}

// changelogRecord is a change of the numbering stage's state in a schema that only the registry knows.
func changelogRecord(w *Worker, offset int64, key string, value []byte) *kgo.Record {
	return &kgo.Record{Topic: w.chain[0].Changelog(), Offset: offset, Key: []byte(key), Value: value,
		Headers: []kgo.RecordHeader{{Key: wire.HeaderInputOffset, Value: []byte("football.raw-events/0/7")}}}
}

func fetched(records ...*kgo.Record) kgo.Fetches {
	return kgo.Fetches{{Topics: []kgo.FetchTopic{{Topic: records[0].Topic,
		Partitions: []kgo.FetchPartition{{Records: records}}}}}}
}

// TestARevokeDoesNotWaitForTheRegistry: while a warm copy waits for a schema, a session gives a partition's copy back,
// as a revoke does.
func TestARevokeDoesNotWaitForTheRegistry(t *testing.T) {
	w, asked := standbyWorker(t)
	copies := map[int32]*replica{0: w.copies.copies[0]}
	unknown := append(binary.BigEndian.AppendUint32([]byte{0}, 99), 2)
	go func() { _ = w.applyFetched(t.Context(), copies, fetched(changelogRecord(w, 0, "counter/m", unknown))) }()
	<-asked
	given := make(chan struct{})
	go func() {
		w.copies.giveCopy(1, newReplica(w.chain))
		close(given)
	}()
	select {
	case <-given:
	case <-time.After(30 * time.Second):
		t.Fatal("a revoke waits for the registry")
	}
}

// TestWhatWasFetchedBeforeATakeoverIsNotAppliedAfterIt: a session took the copy, brought it further and gave it back.
func TestWhatWasFetchedBeforeATakeoverIsNotAppliedAfterIt(t *testing.T) {
	w, _ := standbyWorker(t)
	copies := map[int32]*replica{0: w.copies.copies[0]}
	late := fetched(changelogRecord(w, 3, "counter/m", nil)) // deletes the key
	taken := w.copies.takeCopy(0)
	taken.tables[0].Load("counter/m", &counter{N: 5})
	taken.next[0] = 9
	w.copies.giveCopy(0, taken)
	if err := w.applyFetched(t.Context(), copies, late); err != nil {
		t.Fatal(err)
	}
	if got, ok := taken.tables[0].Get("counter/m").(*counter); !ok || got.N != 5 || taken.next[0] != 9 {
		t.Errorf("got %+v, next %d: an older record was applied", got, taken.next[0])
	}
}
