package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/touchline/touchline/cmd/chaos/internal/plan"
	"github.com/touchline/touchline/cmd/chaos/internal/verify"
	"github.com/touchline/touchline/cmd/chaos/internal/watch"
)

// findings are what must not be, apart from what the comparisons count.
type findings struct {
	out  io.Writer
	mu   sync.Mutex
	said []string
}

// addFinding adds a finding: the run has failed.
func (f *findings) addFinding(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	text := fmt.Sprintf(format, args...)
	f.said = append(f.said, text)
	fmt.Fprintln(f.out, "  finding:", text)
}

// addNote tells something that is worth knowing and no failure.
func (f *findings) addNote(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fmt.Fprintf(f.out, "  note: "+format+"\n", args...)
}

// report is what a run ends with.
type report struct {
	Seed     uint64          `json:"seed"`
	Minutes  float64         `json:"minutes"`
	Events   int64           `json:"events"`
	Faults   []faultRow      `json:"faults"`
	Calm     calm            `json:"calm"`
	Topics   []verify.Result `json:"topics"`
	Copies   []verify.Result `json:"copies"`
	Findings []string        `json:"findings"`
	Total    verify.Result   `json:"total"`
	Requests int64           `json:"requests"`
	Changes  int             `json:"model_changes"`
	Attempts int             `json:"model_attempts"` // that failed
	Failures int64           `json:"failures"`
}

// faultRow is one fault with what it did to the service.
type faultRow struct {
	Kind    plan.Kind `json:"kind"`
	Target  string    `json:"target,omitempty"`
	At      float64   `json:"at_s"`
	Healed  float64   `json:"healed_s"` // until it was well again
	Gap     float64   `json:"gap_s"`    // longest time in which events went in and no forecast came out
	Outage  float64   `json:"outage_s"` // longest time in which the API did not answer
	Skipped bool      `json:"skipped,omitempty"`
}

// calm is what the service looks like when nothing is wrong.
type calm struct {
	At     float64 `json:"at_s"` // when the gap began
	Gap    float64 `json:"gap_s"`
	Outage float64 `json:"outage_s"`
}

func (r *run) makeReport(began, ended time.Time, struck []strike, found *results) *report {
	rep := &report{Seed: r.cfg.seed, Minutes: r.cfg.minutes, Events: r.line.Events.Load(), Topics: found.topics,
		Copies:   found.copies,
		Findings: r.findings.said}
	windows := aftermaths(struck)
	for i, s := range struck {
		rep.Faults = append(rep.Faults, faultRow{
			Kind: s.Kind, Target: s.Target, At: s.From.Sub(began).Seconds(), Healed: s.To.Sub(s.From).Seconds(),
			Gap: r.line.Longest(windows[i], ended).Seconds(), Outage: r.answers.Longest(windows[i],
				ended).Seconds(), Skipped: s.Skipped,
		})
	}
	whole := watch.Window{From: began, To: ended}
	gap := r.line.LongestOutside(whole, windows, ended)
	if gap == (watch.Gap{}) {
		gap = watch.Gap{From: began, To: began}
	}
	rep.Calm = calm{gap.From.Sub(began).Seconds(), gap.Length().Seconds(),
		r.answers.LongestOutside(whole, windows, ended).Length().Seconds()}
	for _, p := range r.probers {
		rep.Requests += p.Requests.Load()
		rep.Failures += p.Failures.Load()
	}
	rep.Changes, rep.Attempts = r.models.changes, r.models.attempts
	if rep.Changes == 0 {
		rep.Findings = append(rep.Findings, fmt.Sprintf("models were never changed: %v", r.models.last))
	}
	rep.judgeRun()
	return rep
}

// judgeRun adds up the topics, and makes findings of what the sums of the last line do not tell.
func (rep *report) judgeRun() {
	for _, t := range rep.Topics {
		rep.Total.Add(t)
		if t.Foreign > 0 {
			rep.Findings = append(rep.Findings, fmt.Sprintf("%s: %d records were never expected", t.Name, t.Foreign))
		}
	}
	for _, t := range rep.Copies {
		if !t.Clean() {
			rep.Findings = append(rep.Findings,
				fmt.Sprintf("%s: lost %d, doubled %d, disordered %d, foreign %d", t.Name, t.Lost, t.Doubled,
					t.Disordered, t.Foreign))
		}
	}
}

// aftermath is how long after it was healed a gap may begin that is put down to a fault: groups share partitions out
// anew.
const aftermath = 4 * time.Second

// aftermaths returns the windows in which gaps are put down to the faults: up to the next blow, but one beside it.
func aftermaths(struck []strike) []watch.Window {
	windows := make([]watch.Window, len(struck))
	for i, s := range struck {
		to := s.To.Add(aftermath)
		for _, next := range struck[i+1:] {
			if !next.Beside && next.From.Before(to) {
				to = next.From
			}
		}
		windows[i] = watch.Window{From: s.From, To: to}
	}
	return windows
}

func (rep *report) isClean() bool { return rep.Total.Clean() && len(rep.Findings) == 0 }

func (rep *report) saveReport(path string) error {
	text, err := json.MarshalIndent(rep, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

func (rep *report) printReport(out io.Writer) {
	fmt.Fprintf(out, "\n%-18s %-10s %8s %8s %8s %8s\n", "fault", "target", "at", "healed", "gap", "API away")
	for _, f := range rep.Faults {
		if f.Skipped {
			fmt.Fprintf(out, "%-18s %-10s %7.1fs  skipped: these engines can't\n", f.Kind, f.Target, f.At)
			continue
		}
		fmt.Fprintf(out, "%-18s %-10s %7.1fs %7.1fs %7.2fs %7.2fs\n", f.Kind, f.Target, f.At, f.Healed, f.Gap, f.Outage)
	}
	fmt.Fprintf(out, "%-18s %-10s %7.1fs %8s %7.2fs %7.2fs\n", "calm", "", rep.Calm.At, "", rep.Calm.Gap,
		rep.Calm.Outage)
	fmt.Fprintf(out, "API: %d requests, %d without an answer\n", rep.Requests, rep.Failures)
	fmt.Fprintf(out, "models: %d changes, %d attempts while brokers were away\n\n", rep.Changes, rep.Attempts)
	fmt.Fprintf(out, "%-34s %9s %9s %7s %7s %10s %7s\n", "what", "expected", "found", "lost", "doubled", "disordered",
		"foreign")
	for _, of := range [][]verify.Result{rep.Topics, rep.Copies} {
		for _, t := range of {
			fmt.Fprintf(out, "%-34s %9d %9d %7d %7d %10d %7d\n", t.Name, t.Expected, t.Found, t.Lost, t.Doubled,
				t.Disordered, t.Foreign)
			for _, word := range t.Words {
				fmt.Fprintln(out, "    ", word)
			}
		}
	}
	for _, text := range rep.Findings {
		fmt.Fprintln(out, "finding:", text)
	}
	t := rep.Total
	fmt.Fprintf(out, "chaos: seed=%d minutes=%g events=%d expected=%d found=%d lost=%d doubled=%d disordered=%d\n",
		rep.Seed, rep.Minutes, rep.Events, t.Expected, t.Found, t.Lost, t.Doubled, t.Disordered)
}
