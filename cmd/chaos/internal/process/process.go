// Package process runs the roles of Touchline as processes of the operating system: it starts, kills, freezes and stops
// them by their id, and tells when one ends that nobody ended.
package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Role is one process of Touchline, and its successors under the same name. Its methods are for one goroutine at a
// time.
type Role struct {
	Name string
	Args []string // after the binary's name: the role, then flags
	Env  []string // NAME=value, beside that of this process
	Log  string   // file that its output is appended to

	binary  string
	address string
	exited  func(role, how string) // told when it ends by itself

	mu   sync.Mutex
	life *life
}

// life is one process.
type life struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how; after done
	mine bool          // it was ended by us
}

// New returns a role that listens on the address in all its lives. exited is told of every life that ends without
// having been ended.
func New(name, binary, address string, args, env []string, log string, exited func(role, how string)) *Role {
	return &Role{
		Name: name, Args: args, Env: append(slices.Clone(env), "TOUCHLINE_LISTEN="+address), Log: log,
		binary: binary, address: address,
		exited: exited,
	}
}

// FreeAddresses returns addresses of this machine that nobody listens on. They are not of the ports that connections
// leave by: one of these would be taken when its role is away.
func FreeAddresses(n int) ([]string, error) {
	const from, to = 20_000, 32_000
	var free []string
	for port := from + rand.IntN((to-from)/2); port < to && len(free) < n; port++ {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		l, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			return nil, fmt.Errorf("try the port %d: %w", port, err)
		}
		free = append(free, address)
	}
	if len(free) < n {
		return nil, fmt.Errorf("only %d free ports below %d, want %d", len(free), to, n)
	}
	return free, nil
}

// URL returns the address of the role's listener, as a URL.
func (r *Role) URL() string { return "http://" + r.address }

// Address returns the address of the role's listener.
func (r *Role) Address() string { return r.address }

// Start begins a new life. It does not wait until the role is ready.
func (r *Role) Start() error {
	log, err := os.OpenFile(r.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("start %s: %w", r.Name, err)
	}
	defer log.Close()                        // the process has its own
	cmd := exec.Command(r.binary, r.Args...) // not of a context: it is ended here, in a way that the run knows of
	cmd.Env = append(os.Environ(), r.Env...)
	cmd.Stdout, cmd.Stderr = log, log
	// a Ctrl-C at the terminal is for the run, which stops its roles
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", r.Name, err)
	}
	l := &life{cmd: cmd, done: make(chan struct{})}
	r.mu.Lock()
	r.life = l
	r.mu.Unlock()
	go r.awaitExit(l)
	return nil
}

func (r *Role) awaitExit(l *life) {
	l.err = l.cmd.Wait()
	r.mu.Lock()
	mine := l.mine
	r.mu.Unlock()
	close(l.done)
	if !mine {
		r.exited(r.Name, l.cmd.ProcessState.String())
	}
}

// Running reports whether the role has a process.
func (r *Role) Running() bool {
	l := r.current()
	if l == nil {
		return false
	}
	select {
	case <-l.done:
		return false
	default:
		return true
	}
}

func (r *Role) current() *life {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.life
}

// sendSignal sends a signal to the process, if there is one.
func (r *Role) sendSignal(s syscall.Signal) error {
	if !r.Running() {
		return nil
	}
	if err := r.current().cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("send %s the signal %v: %w", r.Name, s, err)
	}
	return nil
}

// expectEnd notes that the process is about to be ended by us.
func (r *Role) expectEnd() *life {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.life != nil {
		r.life.mine = true
	}
	return r.life
}

// Kill ends the process at once, as a crash does, and returns when it is gone.
func (r *Role) Kill() error {
	l := r.expectEnd()
	if l == nil {
		return nil
	}
	if err := r.sendSignal(syscall.SIGKILL); err != nil {
		return err
	}
	<-l.done
	return nil
}

// Stop asks the process to end, and kills it when it has not by then. An end that is not a clean one is an error.
func (r *Role) Stop(patience time.Duration) error {
	l := r.expectEnd()
	if l == nil {
		return nil
	}
	if err := r.sendSignal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-l.done:
		if l.err != nil {
			return fmt.Errorf("%s stopped with %w", r.Name, l.err)
		}
		return nil
	case <-time.After(patience):
		return errors.Join(fmt.Errorf("%s did not stop within %v", r.Name, patience), r.Kill())
	}
}

// Freeze stops the process where it is; Thaw lets it go on.
func (r *Role) Freeze() error { return r.sendSignal(syscall.SIGSTOP) }

// Thaw lets a frozen process go on.
func (r *Role) Thaw() error { return r.sendSignal(syscall.SIGCONT) }

// Ready reports whether the role says that it is.
func (r *Role) Ready(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	answer, err := r.getPath(ctx, "/readyz")
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// Metric returns the sum of a metric over its labels.
func (r *Role) Metric(ctx context.Context, name string) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	answer, err := r.getPath(ctx, "/metrics")
	if err != nil {
		return 0, fmt.Errorf("read metrics of %s: %w", r.Name, err)
	}
	defer answer.Body.Close()
	sum := 0.0
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		rest, ok := strings.CutPrefix(lines.Text(), name)
		if !ok || rest == "" || rest[0] != '{' && rest[0] != ' ' {
			continue
		}
		value, err := strconv.ParseFloat(rest[strings.LastIndexByte(rest, ' ')+1:], 64)
		if err != nil {
			return 0, fmt.Errorf("read %s of %s: %w", name, r.Name, err)
		}
		sum += value
	}
	return sum, lines.Err()
}

func (r *Role) getPath(ctx context.Context, path string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL()+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(request)
}
