package clients

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
	"github.com/touchline/touchline/streams/source/footballdata"
	"github.com/touchline/touchline/streams/source/international"
	"github.com/touchline/touchline/streams/source/openfootball"
	"github.com/touchline/touchline/streams/source/simulator"
	"github.com/touchline/touchline/streams/source/statsbomb"
)

// CheckSource returns an error where files are given to a source that reads none: somebody forgot to name theirs, and
// would take the simulated league for what is in them.
func CheckSource(cfg config.Config) error {
	if !slices.Contains(cfg.Source, simulator.Name) || len(cfg.Path) == 0 {
		return nil
	}
	return fmt.Errorf("TOUCHLINE_PATH is %s, but the source %s reads no files: name the source of the files with "+
		"--source %s, %s, %s or %s", strings.Join(cfg.Path, ","), simulator.Name, footballdata.Name, openfootball.Name,
		statsbomb.Name, international.Name)
}

// Source returns the source that the settings name and the pace of its replay.
func Source(cfg config.Config, ref *football.Reference) (source.Source, source.Pace, error) {
	pace := source.Pace{Speed: float64(cfg.Speed), SkipIdle: 15 * time.Minute}
	if slices.Equal(cfg.Source, []string{simulator.Name}) {
		// two seasons settle the ratings and are folded in about a second
		sim, err := simulator.New(simulator.Config{Seed: uint64(cfg.Seed), History: 2, Cups: cfg.Cups})
		return sim, pace, err
	}
	src, err := RecordedSource(cfg, ref)
	return src, pace, err
}

// RecordedSource returns the source of recorded matches that the settings name, or those that they name as one.
func RecordedSource(cfg config.Config, ref *football.Reference) (source.Source, error) {
	var sources []source.Source
	for _, name := range cfg.Source {
		s, err := recordedSource(name, cfg, ref)
		if err != nil {
			return nil, err
		}
		sources = append(sources, s)
	}
	if len(sources) == 0 {
		return nil, errors.New("no source is named: give --source")
	}
	return source.Join(sources...), nil
}

func recordedSource(name string, cfg config.Config, ref *football.Reference) (source.Source, error) {
	switch name {
	case footballdata.Name:
		return footballdata.New(ref, cfg.Path...), nil
	case openfootball.Name:
		return openfootball.New(ref, cfg.Path...), nil
	case international.Name:
		return international.New(ref, cfg.Path...), nil
	case statsbomb.Name:
		return statsbomb.New(ref, cfg.Path...), nil
	default:
		return nil, fmt.Errorf("--source %s has no recorded matches", name)
	}
}

// CheckedSource returns the source of recorded matches that the settings name. Opened for the first time, it writes a
// line for each file that was not read as it is, and it refuses to go on where too much of it was refused.
func CheckedSource(cfg config.Config, ref *football.Reference, out io.Writer) (source.Source, error) {
	src, err := RecordedSource(cfg, ref)
	if err != nil {
		return nil, err
	}
	return &checkedSource{Source: src, cfg: cfg, out: out}, nil
}

// mostLines bounds what is written of a source's files.
const mostLines = 30

// checkedSource is a source that is compared with the settings when it was read.
type checkedSource struct {
	source.Source
	cfg  config.Config
	out  io.Writer
	done bool
}

// Open reads the source, and checks it once.
func (c *checkedSource) Open(ctx context.Context) ([]source.Feed, error) {
	feeds, err := c.Source.Open(ctx)
	reporter, ok := c.Source.(source.Reporter)
	if !ok || c.done {
		return feeds, err
	}
	c.done = true
	reports := reporter.Reports()
	odd := reports.Odd()
	slices.SortStableFunc(odd, source.CompareLosses) // so that notes do not push losses off the list
	for _, report := range odd[:min(len(odd), mostLines)] {
		fmt.Fprintln(c.out, report)
	}
	if more := len(odd) - mostLines; more > 0 {
		fmt.Fprintf(c.out, "and %d files more\n", more)
	}
	if len(reports) > 0 {
		fmt.Fprintln(c.out, reports.Summary())
	}
	if err != nil {
		return nil, err
	}
	return feeds, reports.Check(c.cfg.MaxRefused, c.cfg.Strict)
}
