package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const source = `package p

const limit = 3 * 4

func f(a, b int) int {
	if a > limit {
		return a + b
	}
	switch {
	case a >= b:
		return 1
	}
	if i := index(func(x int) bool { return x == a }); i < 0 {
		return 2
	}
	return 0
}
`

func TestTokensThatCoverageCantSeeAreFoundAndReplaced(t *testing.T) {
	tests := []struct {
		name         string
		line, column int
		kind         string
		unseen       bool
		want         string
	}{
		{"a constant", 3, 17, arithmetic, true, "3 / 4"},
		{"a condition of an if", 6, 7, boundary, false, "a >= limit"},
		{"a statement", 7, 12, arithmetic, false, "a - b"},
		{"a condition of a switch", 10, 9, negation, true, "case a < b"},
		{"a function literal", 13, 44, negation, false, "x != a"},
		{"the rest of its statement", 13, 55, boundary, true, "i <= 0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			offset, unseen, err := locateToken([]byte(source), tt.line, tt.column)
			if err != nil || unseen != tt.unseen {
				t.Fatalf("unseen: got %v, %v, want %v", unseen, err, tt.unseen)
			}
			got, err := replaceToken([]byte(source), offset, tt.kind)
			if err != nil || !strings.Contains(string(got), tt.want) {
				t.Errorf("got %s, %v, want %s in it", got, err, tt.want)
			}
		})
	}
	if _, err := replaceToken([]byte(source), 0, arithmetic); err == nil {
		t.Error("a place without an operator: got no error")
	}
	if _, _, err := locateToken([]byte(source), 99, 1); err == nil {
		t.Error("a line beyond the end: got no error")
	}
}

// writeModule makes the working folder a module with the package p, whose test asks whether 1 is Positive, and returns
// a folder with a launcher.
func writeModule(t *testing.T, source string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/p\n\ngo 1.26\n",
		"p/p.go": source,
		"p/p_test.go": "package p\n\nimport \"testing\"\n\nfunc Test(t *testing.T) {\n\tif !Positive(1) " +
			"{\n\t\tt.Fatal()\n\t}\n}\n",
		"launch": launcher,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return dir
}

// TestMutantsRunThroughAnOverlay tests a package of one function in a module of its own.
func TestMutantsRunThroughAnOverlay(t *testing.T) {
	dir := writeModule(t, "package p\n\nfunc Positive(a int) bool { return a > 0 }\n")
	for body, want := range map[string]string{
		"return a >= 0": lived, "return a <= 0": killed, "return a + 0": notViable, "for { }": timedOut,
	} {
		mutated := []byte("package p\n\nfunc Positive(a int) bool { " + body + " }\n")
		got, err := runMutant(context.Background(), "p", "p/p.go", mutated, dir, 2*time.Second)
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", body, got, err, want)
		}
	}
}

// TestMutantsAreFound in the order of the file, with what a test reaches.
func TestMutantsAreFound(t *testing.T) {
	dir := writeModule(t, `package p

func Positive(a int) bool {
	if a > 0 {
		return true
	}
	a++
	return -a == a*2
}
`)
	r, err := findMutants(t.Context(), "p", dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []mutant{
		{"p.go", 4, 7, boundary, runnable}, {"p.go", 4, 7, negation, runnable},
		{"p.go", 7, 3, stepped, notCovered}, {"p.go", 8, 12, negation, notCovered},
		{"p.go", 8, 9, inverted, notCovered}, {"p.go", 8, 16, arithmetic, notCovered},
	}
	if !slices.Equal(r.mutants, want) {
		t.Errorf("got %+v, want %+v", r.mutants, want)
	}
	if _, err := findMutants(t.Context(), "q", dir); err == nil {
		t.Error("a folder without a package: got no error")
	}
}

// TestASampleIsEveryNthMutant measures a package of four mutants, of which its test reaches three: two in a function
// and one in a constant, which Go's coverage can't see.
func TestASampleIsEveryNthMutant(t *testing.T) {
	dir := writeModule(t, "package p\n\nconst limit = 2 * 3\n"+
		"\nfunc Positive(a int) bool { return a > 0 && limit == 6 }\n"+
		"\nfunc Other(a int) bool { return a == 0 }\n")
	for every, want := range map[int]struct {
		ran    int
		sample string
	}{1: {4, "all"}, 2: {2, "1 in 2: 2 of 4"}, 5: {0, "1 in 5: 0 of 4"}} {
		r := report{folder: "p", every: every, mutants: []mutant{
			{File: "p.go", Line: 3, Column: 17, Kind: arithmetic, Status: notCovered},
			{File: "p.go", Line: 5, Column: 38, Kind: boundary, Status: runnable},
			{File: "p.go", Line: 5, Column: 38, Kind: negation, Status: runnable},
			{File: "p.go", Line: 5, Column: 51, Kind: negation, Status: runnable},
			{File: "p.go", Line: 7, Column: 35, Kind: negation, Status: notCovered},
		}}
		if err := runMutants(t.Context(), &r, dir); err != nil {
			t.Fatal(err)
		}
		if ran := r.count(killed) + r.count(lived); ran != want.ran || r.describeSample() != want.sample ||
			r.count(notCovered) != 1 {
			t.Errorf("every %d: got %+v (%s), want %d run and 1 not covered (%s)", every, r.mutants,
				r.describeSample(), want.ran, want.sample)
		}
	}
}

func TestThePackagesBelowTheEfficacyAreNamed(t *testing.T) {
	good := report{folder: "good", every: 1, mutants: []mutant{
		{File: "a.go", Line: 1, Column: 2, Kind: arithmetic, Status: killed},
		{File: "a.go", Line: 3, Column: 4, Kind: arithmetic, Status: notCovered},
	}}
	bad := report{folder: "bad", every: 1, mutants: []mutant{{Status: lived}, {Status: timedOut}}}
	var out bytes.Buffer
	good.printOpen(&out)
	err := printTable(&out, []report{good, bad}, 90)
	if err == nil || !strings.Contains(err.Error(), "[bad]") {
		t.Errorf("got %v, want an error that names bad alone", err)
	}
	for _, want := range []string{"good/a.go:3:4: NOT COVERED ARITHMETIC_BASE", "100.0 %", "50.0 %"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got %s, want %q in it", out.String(), want)
		}
	}
}
