package source

import (
	"errors"
	"fmt"
	"time"
	_ "time/tzdata" // kick-offs are dated alike on every machine

	"github.com/touchline/touchline/schemas/football"
)

// Zones are the time zones of pools, each loaded once. It is used by one goroutine.
type Zones struct {
	ref   *football.Reference
	known map[football.PoolID]*time.Location
}

// NewZones returns the zones of a reference's pools.
func NewZones(ref *football.Reference) Zones { return Zones{ref, map[football.PoolID]*time.Location{}} }

// Check returns what is wrong with the zones of the configured pools.
func (z Zones) Check() error {
	var errs []error
	for _, p := range z.ref.Pools() {
		if _, err := Zone(z.ref, p.ID); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Of returns the zone of a pool's kick-off times, UTC where it can't be loaded.
func (z Zones) Of(pool football.PoolID) *time.Location {
	if zone, ok := z.known[pool]; ok {
		return zone
	}
	zone, err := Zone(z.ref, pool)
	if err != nil {
		zone = time.UTC
	}
	z.known[pool] = zone
	return zone
}

// Zone returns a pool's time zone, UTC where it names none.
func Zone(ref *football.Reference, pool football.PoolID) (*time.Location, error) {
	p, ok := ref.Pool(pool)
	if !ok || p.Zone == "" {
		return time.UTC, nil
	}
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		return nil, fmt.Errorf("pool %s: time zone %q: %w", pool, p.Zone, err)
	}
	return zone, nil
}
