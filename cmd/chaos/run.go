package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/touchline/touchline/cmd/chaos/internal/engines"
	"github.com/touchline/touchline/cmd/chaos/internal/feed"
	"github.com/touchline/touchline/cmd/chaos/internal/plan"
	"github.com/touchline/touchline/cmd/chaos/internal/process"
	"github.com/touchline/touchline/cmd/chaos/internal/watch"
	"github.com/touchline/touchline/schemas/football"
)

// Deadlines of what must come about. They bound a run that hangs; nothing waits for them when all is well.
const (
	startPatience = 2 * time.Minute  // until everything is up and the history is folded
	healPatience  = time.Minute      // until a role is ready again
	drainPatience = 8 * time.Minute  // until everything that went in came out
	checkPatience = 10 * time.Minute // for reading and comparing it all
)

// run is one chaos run. Its files stand in the order of its life: fleet, nemesis, drain, check, report.
type run struct {
	cfg     config
	out     io.Writer
	log     *slog.Logger
	logFile *os.File
	dir     string

	engines engines.Engines
	fleet   *fleet
	poison  *poisoner
	nemesis *nemesis
	models  *operator

	line    *watch.Line
	answers *watch.Gaps // of the API
	probers []*watch.Prober
	clients []*feed.Client

	watching context.Context // of the observers: they outlive an interruption, and end in endObservers
	stop     context.CancelFunc
	watched  sync.WaitGroup

	findings *findings
}

// prepareRun starts the engines. Nothing of Touchline runs yet.
func prepareRun(ctx context.Context, cfg config, faults []plan.Fault, out io.Writer) (_ *run, err error) {
	r := &run{cfg: cfg, out: out, findings: &findings{out: out}, answers: watch.NewGaps()}
	if r.dir, err = runFolder(cfg.dir); err != nil {
		return nil, err
	}
	if r.logFile, err = os.Create(filepath.Join(r.dir, "engines.log")); err != nil {
		return nil, err
	}
	r.log = slog.New(slog.NewTextHandler(r.logFile, nil))
	start := engines.StartLocal
	if cfg.embedded {
		start = engines.StartEmbedded
	}
	fmt.Fprintln(out, "starting the engines in", r.dir)
	if r.engines, err = start(ctx, r.dir, r.log); err != nil {
		return nil, errors.Join(fmt.Errorf("start the engines: %w", err), r.logFile.Close())
	}
	if r.fleet, err = newFleet(cfg, r.engines, r.dir, r.findings); err != nil {
		return nil, errors.Join(err, r.closeRun())
	}
	if r.poison, err = newPoisoner(r.engines.Direct()); err != nil {
		return nil, errors.Join(err, r.closeRun())
	}
	if r.models, err = newOperator(r.engines.Direct(), r.poison.ref, cfg.seed, out); err != nil {
		return nil, errors.Join(err, r.closeRun())
	}
	r.nemesis = &nemesis{plan: faults, engines: r.engines, fleet: r.fleet, poison: r.poison, findings: r.findings,
		out: out}
	return r, nil
}

// runFolder makes the run's folder. Postgres runs as another user when this is root, so all may pass through it.
func runFolder(dir string) (string, error) {
	if dir != "" {
		return dir, os.MkdirAll(dir, 0o755)
	}
	dir, err := os.MkdirTemp("", "touchline-chaos-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755)
}

// playPlan plays the run and returns its report.
func (r *run) playPlan(ctx context.Context) (*report, error) {
	if err := r.beginRun(ctx); err != nil {
		return nil, err
	}
	began := time.Now()
	fmt.Fprintln(r.out, "everything is up: the plan begins")
	stop := r.telling()
	changing, enough := context.WithCancel(ctx)
	var changes sync.WaitGroup
	changes.Go(func() { r.models.changeModels(changing) })
	struck := r.nemesis.carryOutPlan(ctx, r.cfg.runLength())
	enough()
	changes.Wait()
	stop()
	ended := time.Now()
	if err := ctx.Err(); err != nil {
		return nil, errors.New("interrupted: everything is healed and ended")
	}
	work, cancel := context.WithTimeout(ctx, drainPatience)
	err := r.drainLine(work)
	cancel()
	if err != nil {
		return nil, err
	}
	r.endObservers()
	work, cancel = context.WithTimeout(ctx, checkPatience)
	defer cancel()
	results, err := r.checkOutputs(work)
	if err != nil {
		return nil, err
	}
	return r.makeReport(began, ended, struck, results), nil
}

// beginRun starts the roles and the observers, and waits until the line is done with the past.
func (r *run) beginRun(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	if err := r.fleet.startRoles(ctx); err != nil {
		return err
	}
	if err := r.startLine(); err != nil {
		return err
	}
	fmt.Fprintln(r.out, "waiting until the history is folded")
	stop := r.telling()
	err := waitUntil(ctx, "the history is folded", func(ctx context.Context) (bool, error) {
		lag, err := r.measureLag(ctx)
		return err == nil && r.line.Predictions.Load() > 0 && lag < 500, nil
	})
	stop()
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		r.findings.addNote("%v: the faults strike a line that is still behind", err)
		err = nil
	}
	r.startCustomers()
	return err
}

// startLine starts the observer of what goes in and comes out.
func (r *run) startLine() (err error) {
	if r.line, err = watch.NewLine(r.engines.Direct().Brokers); err != nil {
		return err
	}
	// It looks on to the end, also when the run is interrupted.
	r.watching, r.stop = context.WithCancel(context.Background())
	r.watched.Go(func() { r.line.Run(r.watching) })
	return nil
}

// startCustomers starts those who use the API and the live feed.
func (r *run) startCustomers() {
	ctx := r.watching
	servers := []*process.Role{r.fleet.roleNamed(plan.Serve1), r.fleet.roleNamed(plan.Serve2)}
	for i, server := range servers {
		prober := watch.NewProber(server.URL(), "SIM1", int32(i), r.answers)
		r.probers = append(r.probers, prober)
		r.watched.Go(func() { prober.Run(ctx) })
	}
	for _, of := range []struct {
		name        string
		competition football.CompetitionID
		conflated   bool
	}{{"everything", "", false}, {"SIM2", "SIM2", false}, {"conflated", "", true}} {
		client := feed.New(of.name, of.competition, of.conflated, []string{servers[0].Address(), servers[1].Address()},
			r.findings.addFinding)
		r.clients = append(r.clients, client)
		r.watched.Go(func() { client.Run(ctx) })
	}
}

func (r *run) endObservers() {
	if r.stop != nil {
		r.stop()
	}
	r.watched.Wait()
}

// telling prints how it goes every ten seconds, until it is told to stop.
func (r *run) telling() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var telling sync.WaitGroup
	began := time.Now()
	telling.Go(func() {
		for waitFor(ctx, 10*time.Second) {
			lag, err := r.measureLag(ctx)
			shown := fmt.Sprint(lag)
			if err != nil {
				shown = "?"
			}
			fmt.Fprintf(r.out, "%5.0fs  events %d  forecasts %d  lag %s  %s\n", time.Since(began).Seconds(),
				r.line.Events.Load(),
				r.line.Predictions.Load(), shown, r.nemesis.current())
		}
	})
	return func() {
		cancel()
		telling.Wait()
	}
}

// closeRun ends everything that the run started: observers, roles, engines, in this order.
func (r *run) closeRun() error {
	r.endObservers()
	var errs []error
	if r.poison != nil {
		r.poison.closeClient()
	}
	if r.fleet != nil {
		errs = append(errs, r.fleet.endRoles())
	}
	if r.engines != nil {
		errs = append(errs, r.engines.Close())
	}
	return errors.Join(append(errs, r.logFile.Close())...)
}

// waitUntil asks again and again until something has come about, ctx is done, or asking fails.
func waitUntil(ctx context.Context, what string, has func(context.Context) (bool, error)) error {
	every := time.NewTicker(250 * time.Millisecond)
	defer every.Stop()
	for {
		ok, err := has(ctx)
		if err != nil {
			return err
		}
		if ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("it did not come about that %s: %w", what, ctx.Err())
		case <-every.C:
		}
	}
}
