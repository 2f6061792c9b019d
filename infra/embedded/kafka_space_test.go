package embedded_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/embedded"
)

// fillBroker produces records of 256 KiB until the broker takes no more, and returns why.
func fillBroker(t *testing.T, broker *embedded.Kafka) error {
	t.Helper()
	c := client(t, broker, kgo.DisableIdempotentWrite(), kgo.RecordRetries(1),
		kgo.ProducerBatchCompression(kgo.NoCompression()))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	full := make(chan error, 1)
	go func() {
		full <- broker.AwaitFailure(ctx)
		cancel()
	}()
	for ctx.Err() == nil {
		_ = c.ProduceSync(ctx, &kgo.Record{Topic: "t", Value: make([]byte, 256<<10)}).FirstErr() // fails in the end
	}
	return <-full
}

// checkFull checks that an error names a full disk, and that the folder takes a record after the next start.
func checkFull(t *testing.T, dir string, err error) {
	t.Helper()
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "no space left on device") {
		t.Errorf("got %v, want it to say that no space is left", err)
	}
	broker := startKafka(t, dir)
	defer stop(t, broker)
	c := client(t, broker)
	made, err := kadm.NewClient(c).CreateTopic(t.Context(), 1, 1, nil, "t")
	if err = errors.Join(err, made.Err); err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
		t.Fatal(err)
	}
	produce(t, c, &kgo.Record{Topic: "t", Value: []byte("after")})
}

func TestKafkaTakesNothingWhenTheDiskIsNearlyFull(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broker := startKafka(t, dir)
	createTopic(t, client(t, broker), "t", 1, nil)
	stop(t, broker)
	broker = startKafka(t, dir)
	broker.NeedFree(1 << 60)
	err := fillBroker(t, broker)
	stop(t, broker)
	checkFull(t, dir, err)
}

func TestKafkaStartsAgainAfterItsDiskWasFull(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a small disk")
	}
	disk := t.TempDir()
	mount := func(options string) {
		if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", options, "tmpfs", disk).
			CombinedOutput(); err != nil {
			t.Skipf("no small disk can be mounted here: %v: %s", err, out)
		}
	}
	mount("size=16m")
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	dir := filepath.Join(disk, "kafka")
	broker := startKafka(t, dir)
	broker.NeedFree(0) // so that a write fails
	createTopic(t, client(t, broker), "t", 1, nil)
	err := fillBroker(t, broker)
	if stopped := broker.Stop(t.Context()); stopped != nil && !strings.Contains(stopped.Error(), "could not be saved") {
		t.Errorf("the stop: got %v", stopped)
	}
	mount("remount,size=64m")
	checkFull(t, dir, err)
}
