package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"github.com/touchline/touchline/cmd/chaos/internal/engines"
	"github.com/touchline/touchline/cmd/chaos/internal/plan"
	"github.com/touchline/touchline/cmd/chaos/internal/process"
)

// cursorKey signs the live feed's cursors, the same on both servers: a subscriber may come back to either.
const cursorKey = "chaos-chaos-chaos-chaos-chaos-chaos"

// partitions of the line's topics. Of four, the simulator's two pools are in the second and the third: two workers that
// share them out have one each. More would only be more for the brokers to do.
const partitions = 4

// fleet is the roles' processes.
type fleet struct {
	roles    map[string]*process.Role
	order    []string // in which they are started
	findings *findings
}

func newFleet(cfg config, on engines.Engines, dir string, findings *findings) (*fleet, error) {
	f := &fleet{roles: map[string]*process.Role{}, findings: findings}
	common := append(on.Proxied().Env(),
		"TOUCHLINE_PARTITIONS="+strconv.Itoa(partitions),
		"TOUCHLINE_KAFKA_REPLICATION="+strconv.Itoa(on.Replication()),
		"TOUCHLINE_CURSOR_KEY="+cursorKey,
	)
	binary, err := filepath.Abs(cfg.binary)
	if err != nil {
		return nil, err
	}
	all := commands(cfg)
	addresses, err := process.FreeAddresses(len(all))
	if err != nil {
		return nil, err
	}
	for i, one := range all {
		f.roles[one.role] = process.New(one.role, binary, addresses[i], one.args, common,
			filepath.Join(dir, one.role+".log"),
			func(role, how string) { findings.addFinding("%s ended by itself: %s; its log says why", role, how) })
		f.order = append(f.order, one.role)
	}
	return f, nil
}

// command is how a role's process is started.
type command struct {
	role string
	args []string
}

// commands returns the roles in the order in which they are started.
func commands(cfg config) []command {
	process := func(instance string) []string { return []string{"process", "--instance", instance} }
	return []command{
		{plan.ProcessA, process("a")},
		{plan.ProcessB, process("b")},
		{plan.ProcessC, process("c")},
		{plan.Project, []string{"project"}},
		{plan.Serve1, []string{"serve"}},
		{plan.Serve2, []string{"serve"}},
		{plan.Collect, []string{"collect", "--source", "simulator", "--speed", cfg.speed, "--seed",
			strconv.FormatUint(cfg.seed, 10)}},
	}
}

func (f *fleet) roleNamed(name string) *process.Role { return f.roles[name] }

// startRoles starts all roles but the one that comes and goes, and waits until they are ready. The collector is the
// last, so that nothing goes in before someone looks.
func (f *fleet) startRoles(ctx context.Context) error {
	for _, name := range f.order {
		if name == plan.ProcessC {
			continue
		}
		if name == plan.Collect {
			if err := f.awaitReady(ctx); err != nil {
				return err
			}
		}
		if err := f.roleNamed(name).Start(); err != nil {
			return err
		}
	}
	return f.awaitReady(ctx)
}

// awaitReady waits until every role that runs says that it is ready.
func (f *fleet) awaitReady(ctx context.Context) error {
	for _, name := range f.order {
		role := f.roleNamed(name)
		if role.Running() {
			if err := f.awaitSettled(ctx, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// reviveRole starts a role that was killed and waits until it is ready.
func (f *fleet) reviveRole(ctx context.Context, name string) error {
	if err := f.roleNamed(name).Start(); err != nil {
		return err
	}
	return f.awaitSettled(ctx, name)
}

// awaitSettled waits until a role is ready, but not for ever.
func (f *fleet) awaitSettled(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, healPatience)
	defer cancel()
	return waitUntil(ctx, name+" is ready", func(ctx context.Context) (bool, error) {
		if !f.roleNamed(name).Running() {
			return false, fmt.Errorf("%s is not running", name)
		}
		return f.roleNamed(name).Ready(ctx), nil
	})
}

// watchdog starts again what ended by itself: the run goes on, with a finding.
func (f *fleet) watchdog() error {
	var errs []error
	for _, name := range f.order {
		if name != plan.ProcessC && !f.roleNamed(name).Running() {
			errs = append(errs, f.roleNamed(name).Start())
		}
	}
	return errors.Join(errs...)
}

// The metrics that must stay 0 on a Kafka whose transactions are atomic: the start-up comparison finds nothing to do.
var repairs = []string{"touchline_stage_startup_repaired_records_total",
	"touchline_stage_startup_state_ahead_records_total"}

// inspect notes as a finding what a process had to repair at its start.
func (f *fleet) inspect(ctx context.Context, name string) {
	role := f.roleNamed(name)
	if role.Args[0] != "process" || !role.Running() {
		return
	}
	for _, metric := range repairs {
		n, err := role.Metric(ctx, metric)
		switch {
		case err != nil:
			f.findings.addNote("%s could not be asked for %s: %v", name, metric, err)
		case n > 0:
			f.findings.addFinding("%s: %s is %g", name, metric, n)
		}
	}
}

// endRoles stops all roles, from the listeners' side downwards. One that does not end cleanly is an error.
func (f *fleet) endRoles() error {
	var errs []error
	for _, name := range []string{plan.Collect, plan.Serve1, plan.Serve2, plan.ProcessA, plan.ProcessB, plan.ProcessC,
		plan.Project} {
		role := f.roleNamed(name)
		if role == nil || !role.Running() {
			continue
		}
		errs = append(errs, role.Thaw(), role.Stop(20*time.Second))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("end the roles: %w", err)
	}
	return nil
}
