// Command chaos runs Touchline's roles as processes on real engines, breaks things by a plan that its seed determines,
// and then checks everything that was written, projected, cached and pushed against an oracle of its own.
//
//	go run ./cmd/chaos --seed 1 --minutes 8
//
// docs/chaos.md says what it breaks, what it checks and what its findings mean. The last line is for machines; it exits
// with 0 only when nothing was lost, doubled or out of order and there was no other finding.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/touchline/touchline/cmd/chaos/internal/plan"
)

// config is what the command line says.
type config struct {
	seed     uint64
	minutes  float64
	speed    string
	binary   string
	dir      string
	json     string
	embedded bool
	keep     bool
	only     []plan.Kind
}

func (c config) runLength() time.Duration { return time.Duration(c.minutes * float64(time.Minute)) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	cfg, err := parseFlags(os.Args[1:])
	if err == nil {
		err = playRun(ctx, cfg, os.Stdout)
	}
	stop()
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return
	case !errors.Is(err, errFindings):
		fmt.Fprintln(os.Stderr, "chaos:", err)
	}
	os.Exit(1)
}

func parseFlags(args []string) (config, error) {
	var c config
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	flags.Uint64Var(&c.seed, "seed", 1, "seed of the plan and of the simulated leagues")
	flags.Float64Var(&c.minutes, "minutes", 2, "how long things break; starting, draining and checking come on top")
	flags.StringVar(&c.speed, "speed", "600", "seconds of match time in a second: the load")
	flags.StringVar(&c.binary, "binary", "bin/touchline", "the program under test")
	flags.StringVar(&c.dir, "dir", "",
		"folder of the run's data and logs; a new one in the system's temporary folder when empty")
	flags.StringVar(&c.json, "json", "", "file that the tables are written to as JSON")
	flags.BoolVar(&c.embedded, "embedded", false, "use the embedded parts: no faults of brokers, Postgres or Redis")
	flags.BoolVar(&c.keep, "keep", false, "keep the run's folder even when all is well")
	flags.Func("only", "strike only with this kind of fault, such as \"kill process\"; may be given again",
		func(kind string) error {
			if !slices.Contains(plan.Kinds(), plan.Kind(kind)) {
				return fmt.Errorf("the kinds are %v", plan.Kinds())
			}
			c.only = append(c.only, plan.Kind(kind))
			return nil
		})
	return c, flags.Parse(args)
}

// playRun plays the run and reports it. An error is errFindings, or says why there was no run.
func playRun(ctx context.Context, cfg config, out io.Writer) error {
	faults := plan.Draw(cfg.seed, cfg.runLength(), cfg.only...)
	fmt.Fprintf(out, "plan of seed %d, %g minutes:\n", cfg.seed, cfg.minutes)
	for _, fault := range faults {
		fmt.Fprintln(out, " ", fault)
	}
	r, err := prepareRun(ctx, cfg, faults, out)
	if err != nil {
		return err
	}
	report, err := r.playPlan(ctx)
	err = errors.Join(err, r.closeRun())
	if err != nil {
		fmt.Fprintln(out, "the run's folder is", r.dir)
		return err
	}
	if cfg.json != "" {
		if err := report.saveReport(cfg.json); err != nil {
			return err
		}
	}
	clean := report.isClean()
	if clean && !cfg.keep {
		if err := os.RemoveAll(r.dir); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(out, "the run's folder is", r.dir)
	}
	report.printReport(out)
	if !clean {
		return errFindings
	}
	return nil
}

// errFindings says that the run was played and its report tells of something that must not be.
var errFindings = errors.New("there are findings")
