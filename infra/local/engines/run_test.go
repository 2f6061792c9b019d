package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// runEngines runs the program with arguments and returns its error.
func runEngines(t *testing.T, args ...string) error {
	t.Helper()
	cmd := command()
	cmd.SetArgs(append([]string{"run"}, args...))
	return cmd.ExecuteContext(t.Context())
}

// needRedis skips a test on a machine without Redis, the engine that starts quickest.
func needRedis(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("no redis-server on this machine: install Redis 7 or later")
	}
}

func TestAllWrongFlagsAreNamedAtOnce(t *testing.T) {
	err := runEngines(t, "--registry", "--replica", "--redis", "two")
	for _, want := range []string{"--kafka 1", "--postgres", "single or cluster"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
	if err := runEngines(t, "--", "true"); err == nil || !strings.Contains(err.Error(), "no engine is asked for") {
		t.Errorf("no engine: got %v, want a refusal", err)
	}
}

// TestTheCommandHasTheEnginesWhileItRuns runs a command that writes down its environment, asks Redis while the command
// waits for a line, and asks it again after the command.
func TestTheCommandHasTheEnginesWhileItRuns(t *testing.T) {
	needRedis(t)
	dir := t.TempDir()
	written := filepath.Join(dir, "environment")
	err := runEngines(t, "--redis", "single", "--", "sh", "-c",
		`redis-cli -u "$TOUCHLINE_REDIS_URLS" ping >"$0.ping" && env >"$0"`, written)
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := os.ReadFile(written + ".ping"); err != nil || strings.TrimSpace(string(answer)) != "PONG" {
		t.Errorf("Redis while the command ran: got %q, %v, want PONG", answer, err)
	}
	env, err := os.ReadFile(written)
	if err != nil || !strings.Contains(string(env), "\nTOUCHLINE_TEST_REAL=1\n") {
		t.Errorf("the environment of the command: got %s, %v, want TOUCHLINE_TEST_REAL=1 in it", env, err)
	}
	_, after, _ := strings.Cut(string(env), "TOUCHLINE_REDIS_URLS=")
	address, _, _ := strings.Cut(after, "\n")
	if redisListens(t, address) {
		t.Errorf("Redis still listens on %s after the command", address)
	}
}

func TestTheExitCodeIsTheCommands(t *testing.T) {
	needRedis(t)
	var exit *exec.ExitError
	if err := runEngines(t, "--redis", "single", "--", "sh", "-c", "exit 7"); !errors.As(err, &exit) ||
		exit.ExitCode() != 7 {
		t.Errorf("got %v, want exit status 7", err)
	}
}

// TestACommandThatGoesOnIsEnded gives a command that would run for an hour, and its child, as long as Redis needs to
// start and a moment more.
func TestACommandThatGoesOnIsEnded(t *testing.T) {
	needRedis(t)
	dir, began := t.TempDir(), time.Now()
	started := filepath.Join(dir, "started")
	err := runEngines(t, "--redis", "single", "--for", "3s", "--dir", dir, "--", "sh", "-c",
		`sleep 3600 & echo $! >"$0"; wait`, started)
	if err == nil || !strings.Contains(err.Error(), "the time of --for, 3s, is over") {
		t.Errorf("got %v, want the reason", err)
	}
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %v, want little more than 3 s", took)
	}
	child, err := os.ReadFile(started)
	if err != nil {
		t.Fatalf("the command did not start within 3 s: %v", err)
	}
	if out, err := exec.Command("ps", "-o", "stat=", "-p", strings.TrimSpace(string(child))).Output(); err == nil &&
		!strings.HasPrefix(string(out), "Z") {
		t.Errorf("the command's child %s is still there: %s", child, out)
	}
	if logs, err := filepath.Glob(filepath.Join(dir, "redis/*/redis.log")); err != nil || len(logs) != 1 {
		t.Errorf("logs in the folder of --dir: got %v, %v, want one", logs, err)
	}
}

// TestAnInterruptEndsTheEngines is a run without a command: it prints the addresses and stays until its context ends.
func TestAnInterruptEndsTheEngines(t *testing.T) {
	needRedis(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	out, in := io.Pipe()
	cmd := command()
	cmd.SetOut(in)
	cmd.SetArgs([]string{"run", "--redis", "single"})
	ended := make(chan error, 1)
	go func() {
		err := cmd.ExecuteContext(ctx)
		in.Close()
		ended <- err
	}()
	lines := bufio.NewScanner(out)
	var address string
	for lines.Scan() && lines.Text() != "export TOUCHLINE_TEST_REAL=1" {
		address = strings.TrimPrefix(lines.Text(), "export TOUCHLINE_REDIS_URLS=")
	}
	if !redisListens(t, address) {
		t.Errorf("nothing listens on %s, which was printed", address)
	}
	interrupt()
	if err := <-ended; err != nil {
		t.Errorf("got %v, want no error after an interrupt", err)
	}
	if redisListens(t, address) {
		t.Errorf("Redis still listens on %s after the interrupt", address)
	}
}

// redisListens reports whether anything accepts connections at the address of a URL.
func redisListens(t *testing.T, address string) bool {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}
