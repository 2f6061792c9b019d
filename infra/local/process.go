package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/touchline/touchline/infra/machine"
)

const (
	// pollEvery is how often a start looks whether the engine answers.
	pollEvery = 50 * time.Millisecond
	// killedAfter bounds the wait for a process that got SIGKILL: only a process stuck in the kernel takes longer.
	killedAfter = 20 * time.Second
)

// errDone is the end of a run that did not fail.
var errDone = errors.New("exit status 0")

// process is a program that is started, killed and started again with the same arguments. Its output goes to one log
// file, run after run.
type process struct {
	name    string // in errors: "kafka node 1"
	log     string // file
	command func() *exec.Cmd

	mu     sync.Mutex // guards cmd and exited
	cmd    *exec.Cmd
	exited chan struct{} // closed when the run has ended; nil before the first
	ending error         // of the last run; set when exited is closed
}

// startProcess begins a run. It doesn't wait for anything.
func (p *process) startProcess() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.exited != nil && !isClosed(p.exited) {
		return fmt.Errorf("%s runs already, as process %d", p.name, p.cmd.Process.Pid)
	}
	if err := os.MkdirAll(filepath.Dir(p.log), 0o755); err != nil {
		return err
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close() // the process has a copy
	cmd, exited := p.command(), make(chan struct{})
	cmd.Stdout, cmd.Stderr = log, log
	if err := machine.StartTied(cmd, func(err error) { p.ending = cmp.Or(err, errDone); close(exited) }); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	p.cmd, p.exited = cmd, exited
	return nil
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// awaitReady starts nothing: it waits until ready says nil, and fails with the end of the log when the process ends or
// ctx does.
func (p *process) awaitReady(ctx context.Context, ready func(context.Context) error) error {
	p.mu.Lock()
	exited := p.exited
	p.mu.Unlock()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-exited:
			return fmt.Errorf("%s ended while it started (%w); the end of %s:\n%s", p.name, p.ending, p.log,
				logTail(p.log))
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer (%w, %w); the end of %s:\n%s", p.name, context.Cause(ctx), err, p.log,
				logTail(p.log))
		}
	}
}

// sendSignal sends s to the process, or to all of its group, and says whether there is one.
func (p *process) sendSignal(s syscall.Signal, group bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.exited == nil || isClosed(p.exited) {
		return fmt.Errorf("%s does not run", p.name)
	}
	pid := p.cmd.Process.Pid
	if group {
		pid = -pid // each process leads a group of its own
	}
	if err := syscall.Kill(pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("send %v to %s: %w", s, p.name, err)
	}
	return nil
}

// killProcess ends the process and its children as a power cut would, and waits until it is gone.
func (p *process) killProcess() error {
	if err := p.sendSignal(syscall.SIGKILL, true); err != nil {
		return err
	}
	select {
	case <-p.exited:
		return nil
	case <-time.After(killedAfter):
		return fmt.Errorf("%s is not gone %v after SIGKILL", p.name, killedAfter)
	}
}

// stopProcess asks the process to end and kills it when ctx ends first.
func (p *process) stopProcess(ctx context.Context, s syscall.Signal) error {
	if err := p.sendSignal(s, false); err != nil {
		return err
	}
	if err := p.sendSignal(syscall.SIGCONT, false); err != nil && p.running() {
		return err
	}
	select {
	case <-p.exited:
		return nil
	case <-ctx.Done():
		return p.killProcess()
	}
}

func (p *process) running() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.exited != nil && !isClosed(p.exited)
}

// closeProcess ends the process if it runs.
func (p *process) closeProcess() error {
	if !p.running() {
		return nil
	}
	if err := p.killProcess(); err != nil && p.running() {
		return err
	}
	return nil
}

// logTail returns the last lines of a log, which say why an engine didn't come up.
func logTail(path string) string {
	const most = 20
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}
