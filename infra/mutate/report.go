package main

import (
	"fmt"
	"io"
)

// The states of a mutant. One that does not compile is NOT VIABLE and counts for nothing.
const (
	runnable   = "RUNNABLE" // a test reaches it, and it was not run yet
	killed     = "KILLED"
	lived      = "LIVED"
	timedOut   = "TIMED OUT"
	notCovered = "NOT COVERED"
	notViable  = "NOT VIABLE"
	notRun     = "NOT RUN" // no member of the sample
)

// The kinds of mutants: what is done to an operator.
const (
	boundary   = "CONDITIONALS_BOUNDARY" // < becomes <=
	negation   = "CONDITIONALS_NEGATION" // < becomes >=, == becomes !=
	arithmetic = "ARITHMETIC_BASE"       // + becomes -, * becomes /
	inverted   = "INVERT_NEGATIVES"      // -x becomes +x
	stepped    = "INCREMENT_DECREMENT"   // ++ becomes --
)

// mutant is one mistake: the operator at a place, replaced by another.
type mutant struct {
	File   string // relative to the package
	Line   int    // from 1
	Column int    // in bytes, from 1
	Kind   string
	Status string
}

// report is the mutants of a package.
type report struct {
	folder  string
	every   int // of the mutants that tests reach, each so-manieth was run: 1 is all of them
	mutants []mutant
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
