package architecture

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	// fileNamed matches what a text may mean as a file or a folder of the repository, or as a pattern of some.
	fileNamed = regexp.MustCompile(`[A-Za-z0-9_./<>*{}-]+`)
	// sourceFile matches files that only a repository has. Others, such as results.csv, may be a user's.
	sourceFile = regexp.MustCompile(`.\.(go|avsc|md)$`)
	linkNamed  = regexp.MustCompile(`\]\(([^)#:"]+)[)#]`)
)

// example matches the stage and the source that CONTRIBUTING's recipes make up.
var example = regexp.MustCompile(`\b(momentum|teletext)\b`)

// TestPapersNameWhatIsThere holds Markdown files and comments of Go files against the tree: a file or a folder that
// they name exists. A path begins at the root or in the folder of the text; a name alone is a file beside the text, in
// a folder that the line named before, or anywhere when it named none.
func TestPapersNameWhatIsThere(t *testing.T) {
	tree := readTree(t)
	papers := 0
	for name := range tree.files {
		comments := strings.HasSuffix(name, ".go")
		if !comments && !strings.HasSuffix(name, ".md") {
			continue
		}
		papers++
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			if comments {
				var found bool
				if _, line, found = strings.Cut(line, "// "); !found {
					continue
				}
			}
			for _, named := range tree.findMissing(path.Dir(name), line) {
				t.Errorf("%s:%d names %s, which is not there", name, i+1, named)
			}
		}
	}
	if papers < 100 {
		t.Errorf("%d texts were found, want some hundred", papers)
	}
}

// tree is what is in the repository, by paths from its root.
type tree struct{ files, folders map[string]bool }

var root = filepath.Join("..", "..")

func readTree(t *testing.T) tree {
	t.Helper()
	all := tree{map[string]bool{}, map[string]bool{}}
	err := filepath.WalkDir(root, func(place string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, place)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		switch {
		case !entry.IsDir():
			all.files[rel] = true
		case slices.Contains([]string{".git", "bin", "node_modules", "touchline-data"}, entry.Name()):
			return filepath.SkipDir
		default:
			all.folders[rel] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// findMissing returns what a line of a text in the folder names and the tree does not have.
func (tr tree) findMissing(folder, line string) []string {
	var missing []string
	for _, link := range linkNamed.FindAllStringSubmatch(line, -1) {
		if to := path.Join(folder, link[1]); !tr.files[to] && !tr.folders[to] {
			missing = append(missing, link[1])
		}
	}
	last := ""
	for _, word := range fileNamed.FindAllString(line, -1) {
		if strings.ContainsAny(word, "<*{") {
			continue // a pattern
		}
		named := strings.TrimRight(strings.TrimPrefix(word, "./"), "./")
		found, isPath := tr.locatePath(folder, named)
		switch {
		case found != "":
			last = found
		case isPath:
			missing = append(missing, named)
		case !strings.Contains(named, "/") && sourceFile.MatchString(named) && !tr.hasFile(folder, last, named):
			missing = append(missing, named)
		}
	}
	return missing
}

// locatePath returns the folder of a path that is there, and whether the text means a path of the repository at all.
func (tr tree) locatePath(folder, named string) (found string, isPath bool) {
	top, _, nested := strings.Cut(named, "/")
	if !nested || example.MatchString(named) {
		return "", false
	}
	for _, place := range []string{named, path.Join(folder, named)} {
		if tr.files[place] {
			return path.Dir(place), true
		}
		if tr.folders[place] {
			return place, true
		}
	}
	return "", tr.folders[top] && (slices.Contains(line, top) || top == "infra" || top == "docs")
}

// hasFile reports whether a file is in one of the folders, or anywhere when the line has named no folder.
func (tr tree) hasFile(folder, last, name string) bool {
	if tr.files[path.Join(folder, name)] || last != "" && tr.files[path.Join(last, name)] {
		return true
	}
	for file := range tr.files {
		if last == "" && path.Base(file) == name {
			return true
		}
	}
	return false
}

func TestWhatATextNames(t *testing.T) {
	tr := tree{
		map[string]bool{"streams/chain.go": true, "docs/a.md": true, "api/api.go": true, "docs/b/c.md": true},
		map[string]bool{"streams": true, "docs": true, "docs/b": true, "api": true},
	}
	for _, tt := range []struct {
		folder, line string
		want         []string
	}{
		{"docs", "`streams/chain.go`, then `fold.go`", []string{"fold.go"}},
		{"docs", "see chain.go and streams/gone, not api.", []string{"streams/gone"}},
		{"docs", "[page](b/c.md) and [other](b/d.md#x), [web](https://example.com/x.md)", []string{"b/d.md"}},
		{"docs", "`streams/*.go`, `api/<stage>.go`, `x.csv`, and/or 3/4", nil},
		{"streams", "chain.go folds, see a.md and route.go.", []string{"route.go"}},
		{"docs", "`docs/gone.md`", []string{"docs/gone.md"}},
	} {
		if got := tr.findMissing(tt.folder, tt.line); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.line, got, tt.want)
		}
	}
}

// untested are the packages that have no test beside them, and why. Those that are lent to other packages' tests may
// have none either: these tests fail when they do not work.
var untested = map[string]string{
	"projections":  "a package comment",
	"schemas/avro": "embeds files, which schemas/wire parses and compares",
}

func TestEveryPackageHasATest(t *testing.T) {
	tested := map[string]bool{}
	for file := range readTree(t).files {
		if folder := path.Dir(file); strings.HasSuffix(file, ".go") && !strings.Contains(file, "/testdata/") {
			tested[folder] = tested[folder] || strings.HasSuffix(file, "_test.go")
		}
	}
	for folder, has := range tested {
		if reason, excused := untested[folder]; !has && !excused && !slices.Contains(lent, folder) {
			t.Errorf("%s has no test: write one of what it promises", folder)
		} else if has && excused {
			t.Errorf("%s has a test, and the list of those without says %q: take it out", folder, reason)
		}
	}
	for folder := range untested {
		if _, exists := tested[folder]; !exists {
			t.Errorf("%s is no package: take it out of the list of those without a test", folder)
		}
	}
}
