package rest

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// Alive answers that the process runs.
func Alive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Write([]byte(`{"status":"alive"}` + "\n"))
}

// probed is what one probe found.
type probeResult struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	Detail string `json:"detail,omitempty"`
}

// Ready asks every probe at once, for two seconds at most, and reports which one fails.
func Ready(probes []Probe) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		results := make([]probeResult, len(probes))
		var group sync.WaitGroup
		for i, p := range probes {
			group.Go(func() { results[i] = runProbe(ctx, p) })
		}
		group.Wait()
		status, code := "ready", http.StatusOK
		for _, result := range results {
			if result.Status != "ready" {
				status, code = "not ready", http.StatusServiceUnavailable
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_ = json.NewEncoder(w).
			Encode(map[string]any{"status": status, "probes": results})
		// a client that is gone misses it
	}
}

func runProbe(ctx context.Context, p Probe) probeResult {
	if err := p.Check(ctx); err != nil {
		return probeResult{Name: p.Name, Status: "failing", Detail: err.Error()}
	}
	result := probeResult{Name: p.Name, Status: "ready"}
	if p.Report != nil {
		result.Detail = p.Report()
	}
	return result
}
