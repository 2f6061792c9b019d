package roles

import (
	"context"
	"errors"
	"sync"

	"github.com/touchline/touchline/api/rest"
)

// health is what /readyz asks: a probe for each part and role. A role that has not begun is "starting".
type health struct {
	mu     sync.Mutex
	probes map[string]func(context.Context) error
	names  []string
}

func newHealth() *health { return &health{probes: map[string]func(context.Context) error{}} }

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
		probes[i] = rest.Probe{Name: name, Check: h.runProbe(name)}
	}
	return probes
}
