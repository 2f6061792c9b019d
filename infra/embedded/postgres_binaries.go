package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// leastPostgres is the oldest version that the read models work with.
const leastPostgres = 15

// binaries is a folder with the programs of one version.
type binaries struct {
	dir   string
	major int
}

func (b binaries) path(program string) string { return filepath.Join(b.dir, program) }

// findBinaries returns the newest programs of the machine, or of the version that made the data when there is data (0:
// none). A download is the last resort.
func findBinaries(ctx context.Context, cfg PostgresConfig, dir *folder, made int, log *slog.Logger) (binaries, error) {
	dirs := []string{cfg.Binaries}
	if cfg.Binaries == "" {
		dirs = binaryFolders(dir)
	}
	found := usable(ctx, dirs)
	if len(found) == 0 && cfg.Binaries == "" {
		log.Info("no Postgres on this machine: downloading one", "to", dir.file("download"))
		if err := download(cfg, dir); err != nil {
			return binaries{}, fmt.Errorf("no Postgres of version %d or later in PATH or /usr/lib/postgresql, and none could be downloaded; install one or set TOUCHLINE_POSTGRES_URL: %w", leastPostgres, err)
		}
		found = usable(ctx, binaryFolders(dir))
	}
	for _, b := range found {
		if made == 0 || b.major == made {
			return b, nil
		}
	}
	if len(found) == 0 {
		return binaries{}, fmt.Errorf("no Postgres of version %d or later in %s", leastPostgres, strings.Join(dirs, ", "))
	}
	return binaries{}, fmt.Errorf("the data was made by Postgres %d, here is version %d: install %d, or remove the folder, for it can be rebuilt from the log", made, found[0].major, made)
}

// BinariesFound reports whether this machine has a Postgres, so that tests can say why they are skipped.
func BinariesFound(ctx context.Context) bool { return len(usable(ctx, binaryFolders(nil))) > 0 }

// binaryFolders lists where programs may be: PATH, Debian's folders, what was downloaded.
func binaryFolders(dir *folder) []string {
	folders := filepath.SplitList(os.Getenv("PATH"))
	patterns := []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin"}
	if dir != nil {
		patterns = append(patterns, dir.file("download/bin"))
	}
	for _, pattern := range patterns {
		matches, _ := filepath.Glob(pattern) // the patterns are well formed
		folders = append(folders, matches...)
	}
	return folders
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// usable returns the folders with both programs, of a version that is new enough, the newest first.
func usable(ctx context.Context, dirs []string) []binaries {
	var found []binaries
	for _, dir := range dirs {
		if dir == "" || !isFile(filepath.Join(dir, "postgres")) || !isFile(filepath.Join(dir, "initdb")) {
			continue
		}
		out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
		m := versionPattern.FindSubmatch(out)
		if err != nil || m == nil {
			continue
		}
		if major, err := strconv.Atoi(string(m[1])); err == nil && major >= leastPostgres {
			found = append(found, binaries{dir: dir, major: major})
		}
	}
	slices.SortStableFunc(found, func(a, b binaries) int { return cmp.Compare(b.major, a.major) })
	return found
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// version returns the version that made the data, or 0 when there is none.
func version(data string) int {
	raw, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if err != nil {
		return 0
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil {
		return 0
	}
	return major
}

// download gets the programs with the embedded-postgres library. The library can only start a server, so it is let start
// one on a throw-away folder and port; as root it fails to, after the programs are there.
func download(cfg PostgresConfig, dir *folder) error {
	if err := os.RemoveAll(dir.file("download")); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "touchline-postgres-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch) // nothing in it is of use later
	l, err := listen("127.0.0.1:0", "TOUCHLINE_POSTGRES_LISTEN")
	if err != nil {
		return err
	}
	_, port, _ := strings.Cut(l.Addr().String(), ":")
	number, err := strconv.ParseUint(port, 10, 32)
	if err := errors.Join(err, l.Close()); err != nil {
		return err
	}
	settings := embeddedpostgres.DefaultConfig().Port(uint32(number)).Logger(io.Discard).StartTimeout(time.Minute).
		CachePath(filepath.Join(scratch, "cache")).RuntimePath(filepath.Join(scratch, "runtime")).
		DataPath(filepath.Join(scratch, "data")).BinariesPath(dir.file("download"))
	if cfg.Repository != "" {
		settings = settings.BinaryRepositoryURL(cfg.Repository)
	}
	server := embeddedpostgres.NewDatabase(settings)
	if err := server.Start(); err == nil {
		return server.Stop()
	} else if !isFile(dir.file("download/bin/postgres")) {
		return err
	}
	return nil
}
