package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"

	"github.com/touchline/touchline/infra/machine"
)

// findBinaries returns the newest programs of the machine, or of the version that made the data when there is data (0:
// none). A download is the last resort.
func findBinaries(ctx context.Context, cfg PostgresConfig, dir *folder, made int, log *slog.Logger) (machine.Postgres,
	error) {
	dirs := []string{cfg.Binaries}
	if cfg.Binaries == "" {
		dirs = binaryFolders(dir)
	}
	found := machine.FindPostgres(ctx, dirs)
	if err := ctx.Err(); err != nil {
		return machine.Postgres{}, err // another part failed to start: what was not asked is not missing
	}
	if len(found) == 0 && cfg.Binaries == "" {
		log.Info("no Postgres on this machine: downloading one", "to", dir.filePath("download"))
		if err := download(cfg, dir); err != nil {
			return machine.Postgres{}, fmt.Errorf("no Postgres of version %d or later in PATH or "+
				"/usr/lib/postgresql, and none could be downloaded; install one or set TOUCHLINE_POSTGRES_URL: %w",
				machine.LeastPostgres, err)
		}
		found = machine.FindPostgres(ctx, binaryFolders(dir))
	}
	for _, b := range found {
		if made == 0 || b.Major == made {
			return b, nil
		}
	}
	if len(found) == 0 {
		return machine.Postgres{}, fmt.Errorf("no Postgres of version %d or later in %s", machine.LeastPostgres,
			strings.Join(dirs, ", "))
	}
	return machine.Postgres{}, fmt.Errorf("the data was made by Postgres %d, here is version %d: install %d, or "+
		"remove the folder, for it can be rebuilt from the log", made, found[0].Major, made)
}

// BinariesFound reports whether this machine has a Postgres, so that tests can say why they are skipped.
func BinariesFound(ctx context.Context) bool {
	return len(machine.FindPostgres(ctx, machine.PostgresFolders())) > 0
}

// binaryFolders lists where programs may be: the machine's folders, then what was downloaded.
func binaryFolders(dir *folder) []string {
	return append(machine.PostgresFolders(), dir.filePath("download/bin"))
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

// download gets the programs with the embedded-postgres library. The library can only start a server, so it is let
// start one on a throw-away folder and port; as root it fails to, after the programs are there.
func download(cfg PostgresConfig, dir *folder) error {
	if err := os.RemoveAll(dir.filePath("download")); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "touchline-postgres-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch) // nothing in it is of use later
	l, err := listenOn("127.0.0.1:0", "TOUCHLINE_POSTGRES_LISTEN")
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
		DataPath(filepath.Join(scratch, "data")).BinariesPath(dir.filePath("download"))
	if cfg.Repository != "" {
		settings = settings.BinaryRepositoryURL(cfg.Repository)
	}
	server := embeddedpostgres.NewDatabase(settings)
	if err := server.Start(); err == nil {
		return server.Stop()
	} else if !machine.IsFile(dir.filePath("download/bin/postgres")) {
		return err
	}
	return nil
}
