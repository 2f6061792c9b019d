package main

import (
	"context"
	"sync"
)

// health is what /readyz asks: probes by name, added as parts come up.
type health struct {
	mu     sync.Mutex
	probes map[string]func(context.Context) error
	names  []string
}

func newHealth() *health { return &health{probes: map[string]func(context.Context) error{}} }

func (h *health) add(name string, probe func(context.Context) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.probes[name]; !ok {
		h.names = append(h.names, name)
	}
	h.probes[name] = probe
}
