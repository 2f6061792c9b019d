package main

import (
	"encoding/json"
	"fmt"
	"io"
)

// The states of a mutant. One that does not compile is NOT VIABLE and counts for nothing.
const (
	killed     = "KILLED"
	lived      = "LIVED"
	timedOut   = "TIMED OUT"
	notCovered = "NOT COVERED"
	notViable  = "NOT VIABLE"
	notRun     = "NOT RUN" // no member of the sample
)

// mutant is one mistake: the operator at a place, replaced by another.
type mutant struct {
	File   string // relative to the package
	Line   int    // from 1
	Column int    // in bytes, from 1
	Kind   string // gremlins' name, such as CONDITIONALS_BOUNDARY
	Status string
}

// report is the mutants of a package.
type report struct {
	folder  string
	every   int // of the mutants that tests reach, each so-manieth was run: 1 is all of them
	mutants []mutant
}

// parseReport reads what gremlins writes with --output.
func parseReport(folder string, text []byte) (report, error) {
	var written struct {
		Files []struct {
			Name      string `json:"file_name"`
			Mutations []struct {
				Type   string `json:"type"`
				Status string `json:"status"`
				Line   int    `json:"line"`
				Column int    `json:"column"`
			} `json:"mutations"`
		} `json:"files"`
	}
	if err := json.Unmarshal(text, &written); err != nil {
		return report{}, fmt.Errorf("read the report of gremlins: %w", err)
	}
	r := report{folder: folder, every: 1}
	for _, f := range written.Files {
		for _, m := range f.Mutations {
			r.mutants = append(r.mutants, mutant{File: f.Name, Line: m.Line, Column: m.Column, Kind: m.Type,
				Status: m.Status})
		}
	}
	return r, nil
}

func (r report) count(status string) int {
	n := 0
	for _, m := range r.mutants {
		if m.Status == status {
			n++
		}
	}
	return n
}

// efficacy returns the percentage of the mutants reached by tests that a test noticed. Tests that no longer end have
// noticed. It is 100 where no mutant was reached.
func (r report) efficacy() float64 {
	noticed := r.count(killed) + r.count(timedOut)
	if noticed+r.count(lived) == 0 {
		return 100
	}
	return 100 * float64(noticed) / float64(noticed+r.count(lived))
}

// describeSample says how many of the mutants that a test reaches were run.
func (r report) describeSample() string {
	if r.every == 1 {
		return "all"
	}
	run := r.count(killed) + r.count(timedOut) + r.count(lived) + r.count(notViable)
	return fmt.Sprintf("1 in %d: %d of %d", r.every, run, run+r.count(notRun))
}

// printOpen prints the mutants that no test noticed.
func (r report) printOpen(out io.Writer) {
	for _, m := range r.mutants {
		if m.Status == lived || m.Status == notCovered {
			fmt.Fprintf(out, "%s/%s:%d:%d: %s %s\n", r.folder, m.File, m.Line, m.Column, m.Status, m.Kind)
		}
	}
}
