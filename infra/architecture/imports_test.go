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

	"github.com/touchline/touchline/schemas/wire"
)

const module = "github.com/touchline/touchline/"

// line is the order of the top folders: each imports only what stands before it.
var line = []string{"schemas", "processors", "streams", "projections", "api", "cmd"}

// stages are the folders of the table of stages. They never import each other: they communicate through topics.
func stages() []string {
	var folders []string
	for _, name := range wire.StageNames() {
		folders = append(folders, "processors/"+name)
	}
	return folders
}

// lent are the packages that only tests import; they may import what test files may.
var lent = []string{
	"schemas/football/footballtest", "processors/features/featurestest", "streams/internal/brokertest",
	"streams/source/sourcetest",
	"streams/line/linetest", "projections/projectiontest", "infra/local/realtest",
}

// A test file may use more: other modules, embedded parts, and stages in a row. It never imports to the right, but for
// streams' Driver, which folds a chain of stages without a broker.
//
// broken returns the rule that an import breaks, or "". importer is a folder of the repository; imported is one too, or
// the path of another module or of the standard library. test says that a test file imports.
func broken(importer, imported string, test bool) string {
	test = test || slices.Contains(lent, importer)
	foreign := strings.HasPrefix(imported, "!")
	switch {
	case foreign && test:
		return ""
	case foreign && under(importer, "schemas/football"):
		return "schemas/football is plain Go: it imports the standard library only, so that everyone can import it"
	case foreign && under(importer, "processors"):
		return "processors import the standard library and schemas/football only, so that a stage is a pure function"
	case foreign:
		return ""
	case under(importer, "schemas/football") && !under(imported, "schemas/football"):
		return "schemas/football is plain Go: it imports the standard library only, so that everyone can import it"
	case slices.Contains(lent, imported) && !test:
		return "what is lent to tests has no place in the program"
	case under(imported, "infra/embedded") && !under(importer, "infra/embedded") && !under(importer, "cmd") && !test:
		return "the embedded parts are wired by cmd and started by tests, nobody else knows them"
	case under(imported, "infra/local") && !under(importer, "infra") && !under(importer, "cmd/chaos") && !test:
		return "the real engines are for tests and measurements: the program is given addresses and starts none"
	case under(importer, "processors") && under(imported, "schemas") && !under(imported, "schemas/football") && !test:
		return "processors know facts, not their wire format: of schemas they import football only"
	case under(importer, "processors") && under(imported, "infra") && !test:
		return "processors import the standard library and schemas/football only, so that a stage is a pure function"
	case isStage(importer) != "" && isStage(imported) != "" && isStage(importer) != isStage(imported) && !test:
		return "stages never import each other: they communicate through topics"
	case under(importer, "processors") && isStage(importer) == "" && isStage(imported) != "" && !test:
		return "rules and mathematics do not import the stages that use them"
	case under(importer, "infra") && place(imported) > place("schemas"):
		return "infra serves everyone, so it imports none of the line but schemas"
	case under(importer, "processors") && imported == "streams" && test:
		return "" // its Driver
	case place(importer) >= 0 && place(imported) > place(importer):
		return "imports point one way: " + strings.Join(line, " <- ")
	default:
		return ""
	}
}

func under(folder, parent string) bool {
	return folder == parent || strings.HasPrefix(folder, parent+"/")
}

func isStage(folder string) string {
	for _, s := range stages() {
		if under(folder, s) {
			return s
		}
	}
	return ""
}

// place returns the position of the folder on the line, or -1.
func place(folder string) int {
	top, _, _ := strings.Cut(folder, "/")
	return slices.Index(line, top)
}

func TestImportsPointOneWay(t *testing.T) {
	root := filepath.Join("..", "..")
	files := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "testdata" ||
			name == "node_modules") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		files++
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		return checkFile(t, path, filepath.ToSlash(rel))
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Fatal("no Go file was found")
	}
}

func checkFile(t *testing.T, path, rel string) error {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		return fmt.Errorf("parse %s: %w", rel, err)
	}
	importer := filepath.ToSlash(filepath.Dir(rel))
	for _, spec := range parsed.Imports {
		imported := strings.Trim(spec.Path.Value, `"`)
		first, _, _ := strings.Cut(imported, "/")
		switch {
		case strings.HasPrefix(imported, module):
			imported = strings.TrimPrefix(imported, module)
		case strings.Contains(first, "."):
			imported = "!" + imported // another module
		default:
			continue // the standard library
		}
		if rule := broken(importer, imported, strings.HasSuffix(rel, "_test.go")); rule != "" {
			t.Errorf("%s imports %s: %s", rel, strings.TrimPrefix(imported, "!"), rule)
		}
	}
	return nil
}

// TestTheTableHasEveryStage holds the table of stages against the folders: a package with a Step over a view is a
// stage, and the rule about stages is drawn from the table.
func TestTheTableHasEveryStage(t *testing.T) {
	found := map[string]bool{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(filepath.Join(root, "processors"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		if declaresStep(parsed) {
			found[filepath.ToSlash(folder)] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range stages() {
		if !found[folder] {
			t.Errorf("wire.Stages names %s, which has no method Step(football.View, ...)", folder)
		}
		delete(found, folder)
	}
	for folder := range found {
		t.Errorf("%s has a method Step(football.View, ...) and no row in wire.Stages", folder)
	}
}

// declaresStep reports whether the file declares a method Step whose first parameter is a football.View.
func declaresStep(file *ast.File) bool {
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Recv == nil || f.Name.Name != "Step" || len(f.Type.Params.List) == 0 {
			continue
		}
		view, ok := f.Type.Params.List[0].Type.(*ast.SelectorExpr)
		if ok && view.Sel.Name == "View" {
			return true
		}
	}
	return false
}

func TestTheRules(t *testing.T) {
	for _, test := range []struct {
		importer, imported string
		test, allowed      bool
	}{
		{"schemas/wire", "schemas/football", false, true},
		{"schemas/wire", "!github.com/hamba/avro/v2", false, true},
		{"schemas/wire", "processors/match", false, false},
		{"schemas/football", "!github.com/hamba/avro/v2", false, false},
		{"schemas/football", "!pgregory.net/rapid", true, true},
		{"schemas/football", "schemas/wire", true, false},
		{"processors/features", "processors/rating", false, true},
		{"processors/features", "processors/normalize", false, false},
		{"processors/features", "processors/normalize", true, true}, // a test may run two stages in a row
		{"processors/rating", "processors/features", false, false},
		{"processors/features", "schemas/wire", false, false},
		{"processors/features", "infra/telemetry", false, false},
		{"processors/features", "!github.com/twmb/franz-go", false, false},
		{"processors/features", "!pgregory.net/rapid", true, true},
		{"processors/features", "streams", true, true},
		{"processors/features", "streams/source", true, false},
		{"processors/features", "processors/outlook", false, false},
		{"streams", "infra/telemetry", false, true},
		{"streams", "infra/embedded", false, false},
		{"streams", "infra/embedded", true, true},
		{"streams/line", "processors/features", false, true},
		{"streams", "projections", false, false},
		{"api/live", "projections", false, true},
		{"projections", "api", false, false},
		{"cmd/touchline", "infra/embedded", false, true},
		{"cmd/touchline", "infra/local", false, false},
		{"cmd/touchline", "infra/local", true, true},
		{"cmd/chaos/internal/engines", "infra/local", false, true},
		{"streams", "infra/local/realtest", true, true},
		{"streams/internal/brokertest", "infra/local/realtest", false, true},
		{"streams", "infra/local/realtest", false, false},
		{"streams/source", "streams/source/sourcetest", false, false},
		{"infra/config", "schemas/wire", false, true},
		{"infra/telemetry", "streams", false, false},
	} {
		if rule := broken(test.importer, test.imported, test.test); (rule == "") != test.allowed {
			t.Errorf("%s imports %s (test file: %t): got %q", test.importer, test.imported, test.test, rule)
		}
	}
}
