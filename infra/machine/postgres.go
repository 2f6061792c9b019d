package machine

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// LeastPostgres is the oldest version that the read models work with.
const LeastPostgres = 15

// Postgres is a folder with the programs of one version.
type Postgres struct {
	Dir   string
	Major int
}

// Path returns the file of a program: postgres, initdb, pg_basebackup.
func (b Postgres) Path(program string) string { return filepath.Join(b.Dir, program) }

// PostgresFolders lists where a machine may have the programs: PATH and the folders of the usual packages.
func PostgresFolders() []string {
	folders := filepath.SplitList(os.Getenv("PATH"))
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin"} {
		matches, _ := filepath.Glob(pattern) // the patterns are well formed
		folders = append(folders, matches...)
	}
	return folders
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// FindPostgres returns those of the folders with both programs, of a version that is new enough, the newest first.
func FindPostgres(ctx context.Context, dirs []string) []Postgres {
	var found []Postgres
	for _, dir := range dirs {
		if dir == "" || !IsFile(filepath.Join(dir, "postgres")) || !IsFile(filepath.Join(dir, "initdb")) {
			continue
		}
		if real, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres")); err == nil {
			dir = filepath.Dir(real) // PATH may have a link to this program and to none of the others
		}
		out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
		m := versionPattern.FindSubmatch(out)
		if err != nil || m == nil {
			continue
		}
		if major, err := strconv.Atoi(string(m[1])); err == nil && major >= LeastPostgres {
			found = append(found, Postgres{Dir: dir, Major: major})
		}
	}
	slices.SortStableFunc(found, func(a, b Postgres) int { return cmp.Compare(b.Major, a.Major) })
	return found
}

// IsFile reports whether there is a regular file.
func IsFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
