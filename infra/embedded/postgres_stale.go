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

// stopStale stops a server that a killed process left on the data: the folder is locked by us, so nobody uses it.
func stopStale(ctx context.Context, data string, log *slog.Logger) error {
	raw, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || !servesData(pid, data) {
		return nil // dead: the server clears its own file
	}
	log.Warn("stopping an embedded Postgres that a killed process left behind", "pid", pid)
	for _, stop := range []struct {
		signal syscall.Signal
		within time.Duration
	}{{syscall.SIGINT, 10 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}} {
		if err := syscall.Kill(pid, stop.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop the old server %d: %w", pid, err)
		}
		if awaitExit(ctx, pid, data, stop.within) {
			return nil
		}
	}
	return fmt.Errorf("an old server (process %d) does not stop: end it by hand", pid)
}

// awaitExit waits until the process has ended.
func awaitExit(ctx context.Context, pid int, data string, within time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	tick := time.NewTicker(startPoll)
	defer tick.Stop()
	for servesData(pid, data) {
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
