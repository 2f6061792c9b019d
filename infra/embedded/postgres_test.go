package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/touchline/touchline/infra/embedded"
)

func needPostgres(t *testing.T) {
	t.Helper()
	if !embedded.BinariesFound(t.Context()) {
		t.Skip("no Postgres 15 or later in PATH or /usr/lib/postgresql: install one to run this test")
	}
}

func startPostgres(t *testing.T, dir string) *embedded.Postgres {
	t.Helper()
	server, err := embedded.StartPostgres(t.Context(), embedded.PostgresConfig{Dir: dir}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// openDir is a folder that other users may enter: t.TempDir has its own idea.
func openDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func query(t *testing.T, url, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	var got string
	if err := conn.QueryRow(t.Context(), sql).Scan(&got); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return got
}

func write(t *testing.T, url string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	for _, s := range statements {
		if _, err := conn.Exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func TestPostgresKeepsItsDataAcrossARestart(t *testing.T) {
	t.Parallel()
	needPostgres(t)
	dir := openDir(t)
	began := time.Now()
	server := startPostgres(t, dir)
	t.Logf("a fresh start took %v", time.Since(began))
	write(t, server.URL(), `CREATE TABLE kept (text text)`, `INSERT INTO kept VALUES ('yes')`)
	if !strings.HasPrefix(server.DataDir(), dir) {
		t.Errorf("the data is in %s, want it in %s", server.DataDir(), dir)
	}
	began = time.Now()
	stop(t, server)
	t.Logf("a stop took %v", time.Since(began))

	began = time.Now()
	server = startPostgres(t, dir)
	t.Logf("a restart took %v", time.Since(began))
	defer stop(t, server)
	if got := query(t, server.URL(), `SELECT text FROM kept`); got != "yes" {
		t.Errorf("got %q", got)
	}
	for setting, want := range map[string]string{"synchronous_commit": "off", "jit": "off", "full_page_writes": "on",
		"shared_buffers": "128MB"} {
		if got := query(t, server.URL(), `SHOW `+setting); got != want {
			t.Errorf("%s is %s, want %s", setting, got, want)
		}
	}
	if _, err := pgx.Connect(t.Context(), strings.Replace(server.URL(), "touchline:", "touchline:x", 1)); err == nil {
		t.Error("a wrong password was let in")
	}
}

// runPostgresChild starts a server, says its process id, and lives until it is killed.
func runPostgresChild(dir string) {
	server, err := embedded.StartPostgres(context.Background(), embedded.PostgresConfig{Dir: dir},
		slog.New(slog.DiscardHandler))
	must(err)
	conn, err := pgx.Connect(context.Background(), server.URL())
	must(err)
	_, err = conn.Exec(context.Background(),
		`CREATE TABLE IF NOT EXISTS kept (text text); INSERT INTO kept VALUES ('yes'); CHECKPOINT`)
	must(err)
	fmt.Println(server.PID())
	<-server.Exited()
}

func TestPostgresEndsWithItsParentAndStartsAgain(t *testing.T) {
	t.Parallel()
	needPostgres(t)
	dir := openDir(t)
	child, lines := startChild(t, "postgres", dir)
	if !lines.Scan() {
		t.Fatal("the child said nothing")
	}
	var old int
	if _, err := fmt.Sscan(lines.Text(), &old); err != nil {
		t.Fatal(err)
	}
	kill(t, child)
	if runtime.GOOS == "linux" { // elsewhere the next start stops it
		for tick := time.NewTicker(5 * time.Millisecond); embedded.ServesData(old, dir); <-tick.C {
			if t.Context().Err() != nil {
				t.Fatal("the server outlived its parent")
			}
		}
	}
	server := startPostgres(t, dir)
	defer stop(t, server)
	if got := query(t, server.URL(), `SELECT text FROM kept`); got != "yes" {
		t.Errorf("got %q", got)
	}
}

func TestAServerThatWasLeftBehindIsStopped(t *testing.T) {
	t.Parallel()
	needPostgres(t)
	dir := openDir(t)
	old := startPostgres(t, dir)
	write(t, old.URL(), `CREATE TABLE kept (text text)`, `INSERT INTO kept VALUES ('yes')`)
	if err := old.Abandon(); err != nil {
		t.Fatal(err)
	}
	server := startPostgres(t, dir)
	defer stop(t, server)
	<-old.Exited()
	if got := query(t, server.URL(), `SELECT text FROM kept`); got != "yes" {
		t.Errorf("got %q", got)
	}
}

func TestDataThatTheServersUserCannotEnterIsKeptElsewhere(t *testing.T) {
	t.Parallel()
	needPostgres(t)
	if os.Geteuid() != 0 {
		t.Skip("only root starts Postgres as another user")
	}
	closed := openDir(t)
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	server, err := embedded.StartPostgres(t.Context(), embedded.PostgresConfig{Dir: filepath.Join(closed, "postgres")},
		slog.New(slog.NewTextHandler(&said, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, server)
	t.Cleanup(func() {
		if err := os.RemoveAll(filepath.Dir(server.DataDir())); err != nil {
			t.Error(err)
		}
	})
	if strings.HasPrefix(server.DataDir(), closed) || !strings.Contains(said.String(), server.DataDir()) {
		t.Errorf("the data is in %s, and it was said: %s", server.DataDir(), said.String())
	}
}

func TestPostgresRefusesWithAReason(t *testing.T) {
	t.Parallel()
	needPostgres(t)
	dir := openDir(t)
	server := startPostgres(t, dir)
	log := slog.New(slog.DiscardHandler)
	var busy *embedded.BusyError
	if _, err := embedded.StartPostgres(t.Context(), embedded.PostgresConfig{Dir: dir}, log); !errors.As(err, &busy) {
		t.Errorf("the same folder: got %v", err)
	}
	address := strings.Split(strings.Split(server.URL(), "@")[1], "/")[0]
	if _, err := embedded.StartPostgres(t.Context(), embedded.PostgresConfig{Dir: openDir(t), Listen: address},
		log); !errors.As(err, &busy) || busy.Setting != "TOUCHLINE_POSTGRES_LISTEN" {
		t.Errorf("the same port: got %v", err)
	}
	stop(t, server)
	if _, err := embedded.StartPostgres(t.Context(), embedded.PostgresConfig{Dir: openDir(t), Binaries: t.TempDir()},
		log); err == nil || !strings.Contains(err.Error(), "no Postgres of version 15") {
		t.Errorf("no programs: got %v", err)
	}
	if err := os.WriteFile(filepath.Join(server.DataDir(), "PG_VERSION"), []byte("12\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := embedded.StartPostgres(t.Context(), embedded.PostgresConfig{Dir: dir}, log); err == nil ||
		!strings.Contains(err.Error(), "made by Postgres 12") {
		t.Errorf("older data: got %v", err)
	}
	if err := os.WriteFile(filepath.Join(server.DataDir(), "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(server.DataDir(), "global", "pg_control")); err != nil &&
		!errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if _, err := embedded.StartPostgres(t.Context(), embedded.PostgresConfig{Dir: dir}, log); err == nil ||
		!strings.Contains(err.Error(), "pg_control") {
		t.Errorf("broken data: got %v, want what the server says", err)
	}
}

// claim writes a process id into the data of a server that is stopped, as one leaves it that is killed.
func claim(t *testing.T, data string, pid int) {
	t.Helper()
	text := fmt.Sprintf("%d\n%s\n1\n5432\n\n127.0.0.1\n         0         0\nready\n", pid, data)
	if err := os.WriteFile(filepath.Join(data, "postmaster.pid"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestAClaimOfADeadServerIsNoHindrance(t *testing.T) {
	t.Parallel()
	needPostgres(t)
	zombie := exec.CommandContext(t.Context(), "true")
	if err := zombie.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = zombie.Wait() })
	for name, pid := range map[string]int{
		"a process that got its number since": os.Getpid(),
		"nobody has collected it":             zombie.Process.Pid,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := openDir(t)
			server := startPostgres(t, dir)
			data := server.DataDir()
			stop(t, server)
			claim(t, data, pid)
			server = startPostgres(t, dir)
			stop(t, server)
		})
	}
}

func TestAServerThatIsKilledIsReported(t *testing.T) {
	t.Parallel()
	needPostgres(t)
	server := startPostgres(t, openDir(t))
	if err := syscall.Kill(server.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	err := server.AwaitFailure(t.Context())
	if err == nil || !strings.Contains(err.Error(), "embedded Postgres has ended by itself (signal: killed)") {
		t.Errorf("got %v, want it to say that the server was killed", err)
	}
	stop(t, server)
}
