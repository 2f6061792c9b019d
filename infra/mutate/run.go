package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The tests of a mutant may take so many times longer than without a mistake, building included, and so much more
// where the machine is busy otherwise.
const (
	timeoutFactor = 5
	timeoutMargin = 10 * time.Second
	noLimit       = time.Hour // of the tests without a mistake
)

// launcher starts a test binary so that property tests report the first example that fails: looking for the smallest
// one takes up to half a minute, once for each mutant, and leaves files behind. It is a shell script, which go test is
// given by -exec.
const launcher = `#!/bin/sh
binary=$1
shift
if grep -q pgregory.net/rapid "$binary"; then
	set -- "$@" -rapid.seed=1 -rapid.shrinktime=0s -rapid.nofailfile
fi
exec "$binary" "$@"
`

// measurePackage finds the mutants of the package of a folder and runs every so-manieth of them. Tests run with -short:
// those on real data take too long to be run for each mutant.
func measurePackage(ctx context.Context, folder string, every int) (report, error) {
	dir, err := os.MkdirTemp("", "touchline-mutate-")
	if err != nil {
		return report{}, err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "launch"), []byte(launcher), 0o700); err != nil {
		return report{}, err
	}
	r, err := findMutants(ctx, folder, dir)
	if err != nil {
		return report{}, err
	}
	r.every = every
	return r, runMutants(ctx, &r, dir)
}

// runMutants runs the mutants that a test reaches, and those that Go's coverage can't see: in conditions of a switch
// and in package-level declarations. Of a sample, those between its members are left as not run.
func runMutants(ctx context.Context, r *report, dir string) error {
	began := time.Now()
	if out, err := testPackage(ctx, r.folder, dir, noLimit); err != nil {
		return fmt.Errorf("the tests fail without a mutant: %w\n%s", err, out)
	}
	timeout := timeoutFactor*time.Since(began) + timeoutMargin
	reached := 0
	for i := range r.mutants {
		m := &r.mutants[i]
		path := filepath.Join(r.folder, m.File)
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		offset, unseen, err := locateToken(source, m.Line, m.Column)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if m.Status == notCovered && !unseen {
			continue
		}
		if reached++; reached%r.every != 0 {
			m.Status = notRun
			continue
		}
		mutated, err := replaceToken(source, offset, m.Kind)
		if err != nil {
			return fmt.Errorf("%s:%d:%d: %w", path, m.Line, m.Column, err)
		}
		if m.Status, err = runMutant(ctx, r.folder, path, mutated, dir, timeout); err != nil {
			return err
		}
	}
	return nil
}

// runMutant tests the package with the file at path replaced, and returns the mutant's status.
func runMutant(
	ctx context.Context, folder, path string, mutated []byte, dir string, timeout time.Duration,
) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	copied, overlay := filepath.Join(dir, "mutant.go"), filepath.Join(dir, "overlay.json")
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {absolute: copied}})
	if err != nil {
		return "", err
	}
	if err := errors.Join(os.WriteFile(copied, mutated, 0o600), os.WriteFile(overlay, replace, 0o600)); err != nil {
		return "", err
	}
	out, err := testPackage(ctx, folder, dir, timeout, "-overlay", overlay)
	var failed *exec.ExitError
	switch {
	case err == nil:
		return lived, nil
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case !errors.As(err, &failed):
		return "", err
	case strings.Contains(out, "[build failed]"):
		return notViable, nil
	case strings.Contains(out, "panic: test timed out"):
		return timedOut, nil
	default:
		return killed, nil
	}
}

// testPackage runs the tests of a folder by the launcher in dir, and returns what they print.
func testPackage(ctx context.Context, folder, dir string, timeout time.Duration, flags ...string) (string, error) {
	args := []string{"test", "-short", "-count=1", "-failfast", "-vet=off", "-timeout", timeout.String()}
	args = append(args, "-exec", filepath.Join(dir, "launch"))
	args = append(append(args, flags...), "./"+folder)
	out, err := exec.CommandContext(ctx, "go", args...).CombinedOutput()
	return string(out), err
}
