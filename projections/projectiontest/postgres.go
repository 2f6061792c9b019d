package projectiontest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/touchline/touchline/infra/local/realtest"
	"github.com/touchline/touchline/projections/postgres"
)

var (
	server     *Server
	serverErr  error
	serverOnce sync.Once
	schemas    atomic.Int64
)

// Main runs the tests and stops the Postgres that they started.
func Main(m *testing.M) int {
	code := m.Run()
	if server != nil {
		server.Stop()
		os.RemoveAll(server.dir)
	}
	return code
}

// Postgres returns a pool on a new, migrated schema of the binary's Postgres.
func Postgres(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool := EmptyPostgres(t, URL(t))
	if err := postgres.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	return pool
}

// EmptyPostgres returns a pool on a schema that does not exist yet.
func EmptyPostgres(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	schema := fmt.Sprintf("test_%d", schemas.Add(1))
	if realtest.On() {
		dropSchema(t, url, schema) // another binary's, on a shared server
	}
	pool, err := postgres.Open(t.Context(), postgres.ConnConfig{URL: url, Schema: schema, MaxConns: 16})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func dropSchema(t testing.TB, url, schema string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), "DROP SCHEMA IF EXISTS "+schema+" CASCADE"); err != nil {
		t.Fatal(err)
	}
}

// URL returns where the binary's Postgres is, or the real one under `make test-real`, and starts it if it is the first
// to ask.
func URL(t testing.TB) string {
	t.Helper()
	if realtest.On() {
		return realtest.Postgres(t)
	}
	serverOnce.Do(func() { server, serverErr = Start() })
	if serverErr != nil {
		t.Skipf("no Postgres to test with: %v", serverErr)
	}
	return server.URL
}

// Server is a throwaway Postgres on the loopback interface.
type Server struct {
	URL  string
	dir  string
	bin  string
	port int
	cmd  *exec.Cmd
	as   *syscall.SysProcAttr
}

// Start makes and starts a throwaway Postgres. It does not wait for the disk, ever.
func Start() (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "touchline-postgres-")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, bin: bin, as: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}}
	if os.Getuid() == 0 { // Postgres refuses root
		if err := s.runAsUser("postgres"); err != nil {
			return nil, err
		}
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "postgres", "-A",
		"trust",
		"-E", "UTF8", "--locale=C", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = s.as, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.port = listener.Addr().(*net.TCPAddr).Port
	listener.Close()
	s.URL = fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", s.port)
	return s, s.Resume()
}

// Resume starts the server, again after Stop, and waits until it answers.
func (s *Server) Resume() error {
	s.cmd = exec.Command(filepath.Join(s.bin, "postgres"), "-D", filepath.Join(s.dir, "data"), "-p",
		strconv.Itoa(s.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off", "-c",
		"full_page_writes=off",
		"-c", "max_connections=200", "-c", "shared_buffers=256MB", "-c", "max_wal_size=4GB",
		"-c", "log_min_messages=fatal")
	s.cmd.SysProcAttr, s.cmd.Dir = s.as, s.dir
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.URL)
		if err == nil {
			return conn.Close(ctx)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("wait for postgres: %w", err)
		}
		time.Sleep(10 * time.Millisecond) // between two questions to another process
	}
}

// Stop kills the server at once, as a crash would.
func (s *Server) Stop() {
	s.cmd.Process.Signal(syscall.SIGQUIT)
	s.cmd.Wait()
}

// Remove stops the server and deletes its data.
func (s *Server) Remove() {
	s.Stop()
	os.RemoveAll(s.dir)
}

func (s *Server) runAsUser(name string) error {
	u, err := user.Lookup(name)
	if err != nil {
		return err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	s.as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(s.dir, uid, gid)
}

// binaries finds the directory of initdb and postgres.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", fmt.Errorf("initdb is neither in /usr/lib/postgresql/*/bin nor in %s",
			strings.Join(filepath.SplitList(os.Getenv("PATH")), ", "))
	}
	return filepath.Dir(path), nil
}
