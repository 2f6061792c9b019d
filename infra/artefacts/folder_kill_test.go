package artefacts_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/touchline/touchline/infra/artefacts"
)

// The process that puts until it is killed is this test binary, told by an environment variable.
const childEnv = "TOUCHLINE_TEST_PUT_INTO"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		putUntilKilled(dir)
	}
	os.Exit(m.Run())
}

// putSize is that of artefacts that take a while to write, in bytes.
const putSize = 8 << 20

// putUntilKilled puts different artefacts and says the digest of each one that is there.
func putUntilKilled(dir string) {
	store, err := artefacts.Open(dir)
	for n := uint64(0); err == nil; n++ {
		var digest string
		digest, err = store.Put(context.Background(), bytes.Repeat(binary.BigEndian.AppendUint64(nil,
			n^uint64(os.Getpid())<<32), putSize/8))
		fmt.Println(digest)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// TestAKillLeavesNothingHalf: what was said to be there is, and whatever has an artefact's name is whole.
func TestAKillLeavesNothingHalf(t *testing.T) {
	const kills, puts = 4, 2
	dir := t.TempDir()
	var said []string
	for range kills {
		said = append(said, killAfter(t, dir, puts)...)
	}
	store, err := artefacts.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !strings.HasPrefix(file.Name(), ".") {
			said = append(said, file.Name())
		}
	}
	for _, digest := range said {
		if artefact, err := store.Get(t.Context(), digest); err != nil || len(artefact) != putSize {
			t.Errorf("%s: got %d bytes, %v", digest, len(artefact), err)
		}
	}
}

// killAfter kills a process when it has said so many digests, in the middle of the next put, and returns them.
func killAfter(t *testing.T, dir string, puts int) (said []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for len(said) < puts && lines.Scan() {
		said = append(said, lines.Text())
	}
	awaitAnother(t, dir)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() { // until it is gone
		said = append(said, lines.Text())
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the process ended with %v, want it killed", err)
	}
	return said
}

// awaitAnother returns when there is a file that was not there.
func awaitAnother(t *testing.T, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	before, err := os.ReadDir(dir)
	for now := before; err == nil && len(now) <= len(before); {
		now, err = os.ReadDir(dir)
		err = errors.Join(err, ctx.Err())
	}
	if err != nil {
		t.Fatalf("wait for the next put: %v", err)
	}
}

// TestWhatAKillLeftIsTidied, and what another process may still write is not.
func TestWhatAKillLeftIsTidied(t *testing.T) {
	dir := t.TempDir()
	old, fresh := filepath.Join(dir, ".put-old"), filepath.Join(dir, ".put-fresh")
	for _, path := range []string{old, fresh} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().AddDate(0, 0, -1)
	if err := os.Chtimes(old, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	if _, err := artefacts.Open(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old file: %v, want it gone", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("the fresh file: %v, want it there", err)
	}
}
