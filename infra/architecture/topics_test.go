package architecture

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// constantsAllowed are the files that may have a constant of a topic where it is no name in Kafka, by why.
var constantsAllowed = map[string]string{
	"api/live/tail/tail.go":                       "the feed's topics; Namespace.Topic names them",
	"api/live/tail/start.go":                      "the tables have checkpoints by constant",
	"projections/readmodel/forecasts.go":          "the tables have topics by constant",
	"projections/postgres/projector.go":           "the tables have topics by constant",
	"projections/postgres/events.go":              "what a projection reads; its stream names the topic",
	"projections/postgres/evaluations.go":         "what a projection reads; its stream names the topic",
	"projections/postgres/features.go":            "what a projection reads; its stream names the topic",
	"projections/postgres/models.go":              "what a projection reads; its stream names the topic",
	"projections/postgres/outlooks.go":            "what a projection reads; its stream names the topic",
	"projections/postgres/predictions.go":         "what a projection reads; its stream names the topic",
	"projections/postgres/quarantine.go":          "what a projection reads; its stream names the topic",
	"cmd/touchline/internal/modeltools/models.go": "keys of a table; ValueSubject names the subjects",
}

// namers are the methods of wire.Namespace that turn a constant into a name.
var namers = []string{"Topic", "ValueSubject"}

// TestConstantsOfTopicsNeverReachKafka: the program may compare a constant with a local name, or give it to a
// Namespace; anything else would name the topic of the default installation in every installation.
func TestConstantsOfTopicsNeverReachKafka(t *testing.T) {
	used := map[string]bool{}
	for _, top := range []string{"streams", "projections", "api", "cmd/touchline"} {
		err := filepath.WalkDir(filepath.Join("..", "..", top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			name := filepath.ToSlash(strings.TrimPrefix(path, filepath.Join("..", "..")+string(filepath.Separator)))
			if slices.Contains(lent, strings.TrimSuffix(name, "/"+filepath.Base(path))) {
				return nil // tests run the default installation
			}
			stray, err := strayConstants(path)
			if used[name] = len(stray) > 0; used[name] && constantsAllowed[name] == "" {
				t.Errorf("%s: %s: give the constant to a wire.Namespace, or say in constantsAllowed why it is no name "+
					"in Kafka", name, strings.Join(stray, ", "))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name := range constantsAllowed {
		if !used[name] {
			t.Errorf("%s has no constant of a topic: take it out of constantsAllowed", name)
		}
	}
}

// strayConstants returns the constants of topics in a file that are neither compared nor given to a namer, each with
// its line.
func strayConstants(path string) ([]string, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	fine := map[ast.Expr]bool{}
	var stray []string
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && slices.Contains(namers, f.Sel.Name) {
				markFine(fine, n.Args...)
			}
		case *ast.BinaryExpr:
			if n.Op == token.EQL || n.Op == token.NEQ {
				markFine(fine, n.X, n.Y)
			}
		case *ast.CaseClause:
			markFine(fine, n.List...)
		case *ast.SelectorExpr:
			of, ok := n.X.(*ast.Ident)
			if ok && of.Name == "wire" && strings.HasPrefix(n.Sel.Name, "Topic") && len(n.Sel.Name) > len("Topic") &&
				n.Sel.Name != "Topics" && !fine[n] {
				stray = append(stray, fmt.Sprintf("line %d: %s", files.Position(n.Pos()).Line, n.Sel.Name))
			}
		}
		return true
	})
	return stray, nil
}

func markFine(fine map[ast.Expr]bool, all ...ast.Expr) {
	for _, e := range all {
		fine[e] = true
	}
}
