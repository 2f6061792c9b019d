package roles

import (
	"context"
	"errors"
	"sync"

	"github.com/touchline/touchline/api/rest"
)

// health is what /readyz asks: a probe for each part and role. A role that has not begun is "starting".
type health struct {
	mu      sync.Mutex
	probes  map[string]func(context.Context) error
	reports map[string]func() string // what a part that is ready has to report
	names   []string
}

func newHealth() *health {
	return &health{probes: map[string]func(context.Context) error{}, reports: map[string]func() string{}}
}

// expectProbes names a part that will come.
func (h *health) expectProbes(name string) {
	h.addProbe(name, func(context.Context) error { return errors.New("starting") })
}

// addProbe sets the probe of a part.
func (h *health) addProbe(name string, probe func(context.Context) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.probes[name]; !ok {
		h.names = append(h.names, name)
	}
	h.probes[name] = probe
}

// addReport sets what a part reports while it is ready.
func (h *health) addReport(name string, report func() string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reports[name] = report
}

// runReport returns a report of the part, which asks whatever is set when it is asked.
func (h *health) runReport(name string) func() string {
	return func() string {
		h.mu.Lock()
		report := h.reports[name]
		h.mu.Unlock()
		if report == nil {
			return ""
		}
		return report()
	}
}

// runProbe returns a probe of the part, which asks whatever is set when it is asked.
func (h *health) runProbe(name string) func(context.Context) error {
	return func(ctx context.Context) error {
		h.mu.Lock()
		probe := h.probes[name]
		h.mu.Unlock()
		return probe(ctx)
	}
}

// probeAll returns a probe of each part that is named so far.
func (h *health) probeAll() []rest.Probe {
	h.mu.Lock()
	defer h.mu.Unlock()
	probes := make([]rest.Probe, len(h.names))
	for i, name := range h.names {
		probes[i] = rest.Probe{Name: name, Check: h.runProbe(name), Report: h.runReport(name)}
	}
	return probes
}
