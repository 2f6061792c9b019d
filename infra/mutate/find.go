package main

import (
	"bufio"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// findMutants returns the mutants of a package: those that a test reaches, and those that none does. dir is for
// temporary files.
func findMutants(ctx context.Context, folder, dir string) (report, error) {
	r := report{folder: folder, every: 1}
	profile := filepath.Join(dir, "cover.out")
	if out, err := testPackage(ctx, folder, dir, noLimit, "-coverprofile", profile); err != nil {
		return r, fmt.Errorf("the tests fail without a mutant: %w\n%s", err, out)
	}
	reached, err := readProfile(profile)
	if err != nil {
		return r, err
	}
	list := exec.CommandContext(ctx, "go", "list", "-f", `{{join .GoFiles " "}}`, "./"+folder)
	names, err := list.Output()
	if err != nil {
		return r, fmt.Errorf("list the files of %s: %w", folder, err)
	}
	for _, name := range strings.Fields(string(names)) {
		source, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return r, err
		}
		mutants, err := mutantsOf(name, source, reached[name])
		if err != nil {
			return r, err
		}
		r.mutants = append(r.mutants, mutants...)
	}
	return r, nil
}

// mutantsOf returns the mutants of a file, in the order of its operators. reached are its blocks that a test runs.
func mutantsOf(name string, source []byte, reached []block) ([]mutant, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var mutants []mutant
	ast.Inspect(file, func(n ast.Node) bool {
		at, kinds := kindsOf(n)
		for _, kind := range kinds {
			place := files.Position(at)
			m := mutant{File: name, Line: place.Line, Column: place.Column, Kind: kind, Status: notCovered}
			for _, b := range reached {
				if b.contains(m.Line, m.Column) {
					m.Status = runnable
				}
			}
			mutants = append(mutants, m)
		}
		return true
	})
	return mutants, nil
}

// kindsOf returns where the operator of a node is and what can be made of it; nothing of a node without one.
func kindsOf(n ast.Node) (at token.Pos, kinds []string) {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		switch n.Op {
		case token.LSS, token.LEQ, token.GTR, token.GEQ:
			return n.OpPos, []string{boundary, negation}
		case token.EQL, token.NEQ:
			return n.OpPos, []string{negation}
		case token.ADD, token.SUB, token.MUL, token.QUO, token.REM:
			return n.OpPos, []string{arithmetic}
		default:
			return n.OpPos, nil
		}
	case *ast.UnaryExpr:
		if n.Op == token.SUB {
			return n.OpPos, []string{inverted}
		}
	case *ast.IncDecStmt:
		return n.TokPos, []string{stepped}
	}
	return token.NoPos, nil
}

// block is a part of a file that runs as a whole, as Go's coverage cuts it. Lines and columns count from 1.
type block struct{ fromLine, fromColumn, toLine, toColumn int }

// contains reports whether the block has a place in it. It ends before its last column.
func (b block) contains(line, column int) bool {
	afterStart := line > b.fromLine || line == b.fromLine && column >= b.fromColumn
	beforeEnd := line < b.toLine || line == b.toLine && column < b.toColumn
	return afterStart && beforeEnd
}

// readProfile returns the blocks of a coverage profile that ran, by the names of their files.
func readProfile(profile string) (map[string][]block, error) {
	file, err := os.Open(profile)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	reached := map[string][]block{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		name, place, ok := strings.Cut(lines.Text(), ".go:")
		if !ok {
			continue // the mode
		}
		var b block
		var statements, runs int
		if _, err := fmt.Sscanf(place, "%d.%d,%d.%d %d %d", &b.fromLine, &b.fromColumn, &b.toLine, &b.toColumn,
			&statements, &runs); err != nil {
			return nil, fmt.Errorf("read the coverage profile, %q: %w", lines.Text(), err)
		}
		if name = path.Base(name) + ".go"; runs > 0 {
			reached[name] = append(reached[name], b)
		}
	}
	return reached, lines.Err()
}
