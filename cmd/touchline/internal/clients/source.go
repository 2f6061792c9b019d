package clients

import (
	"fmt"
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

// Source returns the source that the settings name and the pace of its replay.
func Source(cfg config.Config, ref *football.Reference) (source.Source, source.Pace, error) {
	pace := source.Pace{Speed: float64(cfg.Speed), SkipIdle: 15 * time.Minute}
	if cfg.Source == "simulator" {
		// two seasons settle the ratings and are folded in about a second
		sim, err := simulator.New(simulator.Config{Seed: uint64(cfg.Seed), History: 2, Cups: cfg.Cups})
		return sim, pace, err
	}
	src, err := RecordedSource(cfg, ref)
	return src, pace, err
}

// RecordedSource returns the source of recorded matches that the settings name.
func RecordedSource(cfg config.Config, ref *football.Reference) (source.Source, error) {
	switch cfg.Source {
	case footballdata.Name:
		return footballdata.New(ref, cfg.Path...), nil
	case openfootball.Name:
		return openfootball.New(ref, cfg.Path...), nil
	case international.Name:
		return international.New(ref, cfg.Path...), nil
	case statsbomb.Name:
		return statsbomb.New(ref, cfg.Path...), nil
	default:
		return nil, fmt.Errorf("--source %s has no recorded matches", cfg.Source)
	}
}
