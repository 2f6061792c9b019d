// Command mutate measures how many deliberate mistakes in a package its own tests notice.
//
//	go run ./infra/mutate [-least 90] [-every 3] processors/match processors/grid
//
// A mutant is the package with one operator replaced: a comparison moved or negated, an addition made a subtraction. It
// is killed when a test of the package fails, and lives when all pass. Efficacy is the share of killed mutants among
// those that a test reached. Each mutant is run in place, through an overlay of the one file.
//
// A mutant is reached when Go's statement coverage says so. That has no blocks for the conditions of a switch and for
// package-level constants, so mutants there are run as well. What is left as not covered is a statement that no test of
// the package runs.
//
// -every 3 runs a sample, every third mutant in the order of the files, and the table says so. The efficacy is then
// that of the sample.
//
// It prints the mutants that live and those that are not covered, then a table with a line a package, and fails when a
// package is below the efficacy asked for. docs/mutation.md lists the mutants that no test can kill.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"text/tabwriter"
)

func main() {
	least := flag.Float64("least", 90, "efficacy in percent below which a package fails the run")
	every := flag.Int("every", 1, "run a sample: every so-manieth mutant")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := measurePackages(ctx, os.Stdout, flag.Args(), *every, *least); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// measurePackages measures the packages, folders of the module, one after the other.
func measurePackages(ctx context.Context, out io.Writer, folders []string, every int, least float64) error {
	if len(folders) == 0 {
		return errors.New("no package is given: name folders such as processors/match")
	}
	if every < 1 {
		return fmt.Errorf("-every is %d: give 1 for all mutants, or more for a sample", every)
	}
	var reports []report
	for _, folder := range folders {
		r, err := measurePackage(ctx, folder, every)
		if err != nil {
			return fmt.Errorf("measure %s: %w", folder, err)
		}
		r.printOpen(out)
		reports = append(reports, r)
	}
	return printTable(out, reports, least)
}

// printTable prints a line a package, and returns an error that names those below the efficacy.
func printTable(out io.Writer, reports []report, least float64) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "package\tkilled\ttimed out\tlived\tnot covered\tefficacy\trun\t")
	var low []string
	for _, r := range reports {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%.1f %%\t%s\t\n", r.folder, r.count(killed), r.count(timedOut),
			r.count(lived), r.count(notCovered), r.efficacy(), r.describeSample())
		if r.efficacy() < least {
			low = append(low, r.folder)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(low) > 0 {
		return fmt.Errorf("below %v %%: %v", least, low)
	}
	return nil
}
