package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
)

// locateToken returns the offset of the token at a line and column of a file, and whether Go's coverage can't see it:
// it is in the condition of a switch's case, in a package-level declaration of constants or variables, or after a
// function literal in the same statement.
func locateToken(source []byte, line, column int) (offset int, unseen bool, err error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", source, parser.SkipObjectResolution)
	if err != nil {
		return 0, false, err
	}
	in := files.File(file.Pos())
	if line < 1 || line > in.LineCount() {
		return 0, false, fmt.Errorf("there is no line %d", line)
	}
	at := in.LineStart(line) + token.Pos(column-1)
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Pos() <= at && at < g.End() {
			unseen = true
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CaseClause:
			unseen = unseen || n.Case <= at && at < n.Colon
		case *ast.IfStmt:
			unseen = unseen || at < n.Body.Lbrace && followsLiteral(n, at)
		case *ast.AssignStmt, *ast.ExprStmt, *ast.ReturnStmt:
			unseen = unseen || at < n.End() && followsLiteral(n, at)
		}
		return true
	})
	return in.Offset(at), unseen, nil
}

// followsLiteral reports whether a function literal within the statement ends before the place. A block of coverage
// ends where such a literal begins, and no other begins after it.
func followsLiteral(statement ast.Node, at token.Pos) bool {
	follows := false
	ast.Inspect(statement, func(n ast.Node) bool {
		literal, ok := n.(*ast.FuncLit)
		follows = follows || ok && literal.End() <= at
		return true
	})
	return follows
}

// replacement is an operator and what a kind of mutant makes of it.
type replacement struct{ from, to string }

// replacements returns the operators that a kind of mutant replaces: longer ones first.
func replacements(kind string) []replacement {
	switch kind {
	case boundary:
		return []replacement{{">=", ">"}, {"<=", "<"}, {">", ">="}, {"<", "<="}}
	case negation:
		return []replacement{{"==", "!="}, {"!=", "=="}, {">=", "<"}, {"<=", ">"}, {">", "<="}, {"<", ">="}}
	case arithmetic:
		return []replacement{{"+", "-"}, {"-", "+"}, {"*", "/"}, {"/", "*"}, {"%", "*"}}
	case inverted:
		return []replacement{{"-", "+"}}
	case stepped:
		return []replacement{{"++", "--"}, {"--", "++"}}
	default:
		return nil
	}
}

// replaceToken returns the source with the operator at the offset replaced.
func replaceToken(source []byte, offset int, kind string) ([]byte, error) {
	for _, r := range replacements(kind) {
		if bytes.HasPrefix(source[offset:], []byte(r.from)) {
			return bytes.Join([][]byte{source[:offset], []byte(r.to), source[offset+len(r.from):]}, nil), nil
		}
	}
	return nil, fmt.Errorf("no operator that %s replaces", kind)
}
