package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// pidName is the file by which Postgres claims its data: its first line is the server's process id.
const pidName = "postmaster.pid"

// stopStale stops a server that a killed process left on the data, and waits until nobody works there: the folder is
// locked by us, so whoever does belongs to an earlier process. It removes the claim of a server that has ended without
// doing so itself, whose number another process may have by now: Postgres would take that one for the server.
func stopStale(ctx context.Context, data string, log *slog.Logger) error {
	pid, err := readServerPID(data)
	if err != nil {
		return err
	}
	if pid != 0 && servesData(pid, data) {
		log.Warn("stopping an embedded Postgres that a killed process left behind", "pid", pid)
		if err := stopServer(ctx, pid, data); err != nil {
			return err
		}
	}
	// A server that is ending has neither a command line nor a folder to show, but is in the way until it is gone.
	idle := func() bool { return !isEnding(pid) && !isWorkedIn(data) }
	if !awaitState(ctx, 10*time.Second, idle) {
		return fmt.Errorf("processes of an old server still work in %s: end them by hand", data)
	}
	if pid, err = readServerPID(data); err != nil || pid == 0 {
		return err
	}
	return os.Remove(filepath.Join(data, pidName))
}

// stopServer asks the server to end, then makes it.
func stopServer(ctx context.Context, pid int, data string) error {
	for _, stop := range []struct {
		signal syscall.Signal
		within time.Duration
	}{{syscall.SIGINT, 10 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}} {
		if err := syscall.Kill(pid, stop.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop the old server %d: %w", pid, err)
		}
		if awaitState(ctx, stop.within, func() bool { return !servesData(pid, data) }) {
			return nil
		}
	}
	return fmt.Errorf("an old server (process %d) does not stop: end it by hand", pid)
}

// readServerPID returns the process id of the server that claims the data; 0 when none does.
func readServerPID(data string) (int, error) {
	raw, err := os.ReadFile(filepath.Join(data, pidName))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return 0, nil //nolint:nilerr // half a file: the server that wrote it was killed in its first instant
	}
	return pid, nil
}

// awaitState waits until the state is reached, and reports whether it was in time.
func awaitState(ctx context.Context, within time.Duration, reached func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	tick := time.NewTicker(startPoll)
	defer tick.Stop()
	for !reached() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// servesData reports whether the process lives and is a server on this data, not another that got the number since.
func servesData(pid int, data string) bool {
	if err := syscall.Kill(pid, 0); errors.Is(err, syscall.ESRCH) {
		return false
	}
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if errors.Is(err, fs.ErrNotExist) {
		_, proc := os.Stat("/proc/self")
		return proc != nil // without /proc the number must do
	}
	return err == nil && strings.Contains(string(raw), data)
}

// isEnding reports whether the process has given up its memory but not yet its number: it is in the kernel's hands, and
// no zombie, which may stay for ever where nobody collects it.
func isEnding(pid int) bool {
	folder := filepath.Join("/proc", strconv.Itoa(pid))
	raw, err := os.ReadFile(filepath.Join(folder, "cmdline"))
	if pid == 0 || err != nil || len(raw) > 0 {
		return false
	}
	stat, err := os.ReadFile(filepath.Join(folder, "stat"))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(stat), ") ") // the name before it may contain anything
	return !strings.HasPrefix(state, "Z") && !strings.HasPrefix(state, "X")
}

// isWorkedIn reports whether a process has the data for its working directory: a server and all its children do.
func isWorkedIn(data string) bool {
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		return false
	}
	for _, link := range links {
		if at, err := os.Readlink(link); err == nil && at == data {
			return true
		}
	}
	return false
}
