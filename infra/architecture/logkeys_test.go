package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/touchline/touchline/infra/telemetry"
)

// loggerNamed matches the variables and fields that are loggers.
var loggerNamed = regexp.MustCompile(`^(log|logger|Log|Logger|slog)$`)

// TestEveryLogKeyIsOnTheList: one thing has one key, so a key that is not on the list of telemetry is new, or another
// word for one that is there. A key on the list that no line has is taken out.
func TestEveryLogKeyIsOnTheList(t *testing.T) {
	listed, used := telemetry.LogKeys(), map[string]bool{}
	for name := range readTree(t).files {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, filepath.Join(root, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			for _, key := range logKeysOf(call) {
				used[key] = true
				if listed[key] == "" {
					t.Errorf("%s: the log key %q is not on the list of telemetry.LogKeys: use one that is there, "+
						"or say there what it is", files.Position(call.Pos()), key)
				}
			}
			return true
		})
	}
	for key := range listed {
		if !used[key] {
			t.Errorf("no log line has the key %q: take it from the list", key)
		}
	}
}

// logKeysOf returns the keys that a call of a logger gives as texts; none of another call.
func logKeysOf(call *ast.CallExpr) []string {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !isLogger(method.X) {
		return nil
	}
	first, ok := map[string]int{
		"With": 0, "Debug": 1, "Info": 1, "Warn": 1, "Error": 1,
		"DebugContext": 2, "InfoContext": 2, "WarnContext": 2, "ErrorContext": 2, "Log": 3,
	}[method.Sel.Name]
	if !ok {
		return nil
	}
	var keys []string
	for i := first; i < len(call.Args); i += 2 {
		if text, ok := call.Args[i].(*ast.BasicLit); ok && text.Kind == token.STRING {
			key, _ := strconv.Unquote(text.Value)
			keys = append(keys, key)
		}
	}
	return keys
}

func isLogger(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident:
		return loggerNamed.MatchString(x.Name)
	case *ast.SelectorExpr:
		return loggerNamed.MatchString(x.Sel.Name)
	default:
		return false
	}
}
