package postgres_test

import (
	"bytes"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/touchline/touchline/infra/machine"
	"github.com/touchline/touchline/projections/postgres"
	"github.com/touchline/touchline/projections/projectiontest"
	"github.com/touchline/touchline/schemas/football"
)

// owner makes a role without any privilege on the database, and a schema of that name which belongs to it: by default a
// role works in the schema of its name.
func owner(t *testing.T, role string) (server *url.URL) {
	t.Helper()
	server, err := url.Parse(projectiontest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	admin, err := pgx.Connect(t.Context(), server.String())
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(t.Context())
	for _, statement := range []string{"CREATE ROLE " + role + " LOGIN",
		"CREATE SCHEMA " + role + " AUTHORIZATION " + role} {
		if _, err := admin.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return server
}

func TestASchemaThatIsThereNeedsNoPrivilegeOnTheDatabase(t *testing.T) {
	t.Parallel()
	server := owner(t, "tenant")
	server.User = url.User("tenant")
	pool, err := postgres.Open(t.Context(), postgres.ConnConfig{URL: server.String(), Schema: "tenant"})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	for range 2 {
		if err := postgres.Migrate(t.Context(), pool); err != nil {
			t.Fatal(err)
		}
	}
	absent, err := postgres.Open(t.Context(), postgres.ConnConfig{URL: server.String(), Schema: "absent"})
	if err != nil {
		t.Fatal(err)
	}
	defer absent.Close()
	if err := postgres.Migrate(t.Context(), absent); err == nil ||
		!strings.Contains(err.Error(), "create schema absent") {
		t.Errorf("a schema that the role can't make: got %v", err)
	}
}

// pooler starts a PgBouncer in transaction mode whose databases are named like the roles that they connect as, and
// returns its address.
func pooler(t *testing.T, server *url.URL, roles ...string) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		t.Skip("no pgbouncer in PATH: install it (Debian: apt-get install pgbouncer)")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var config bytes.Buffer
	fmt.Fprintln(&config, "[databases]")
	for _, role := range roles {
		fmt.Fprintf(&config, "%s = host=127.0.0.1 port=%s dbname=%s user=%[1]s\n", role, server.Port(),
			strings.TrimPrefix(server.Path, "/"))
	}
	_, port, _ := net.SplitHostPort(address)
	fmt.Fprintf(&config, "[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %s\nauth_type = any\n"+
		"pool_mode = transaction\nunix_socket_dir =\ndefault_pool_size = 12\n", port)
	account, err := machine.ServerAccount() // it refuses to be root
	if err != nil {
		t.Fatal(err)
	}
	path, err := account.File(filepath.Join(os.TempDir(), "touchline-pgbouncer-"+port+".ini"), config.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(path) })
	var said bytes.Buffer
	cmd := exec.Command(program, path)
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = &said, &said, account.Attributes(syscall.SIGTERM)
	exited := make(chan error, 1)
	if err := machine.StartTied(cmd, func(err error) { exited <- err }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // what it lends is closed by now
		<-exited
	})
	eventually(t, "pgbouncer answers", func() bool {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
	return address
}

// TestReadModelsAreWrittenThroughPgBouncer runs two projectors through a pooler that gives each transaction another
// session, with a role that may make nothing but tables.
func TestReadModelsAreWrittenThroughPgBouncer(t *testing.T) {
	t.Parallel()
	server := owner(t, "pooled")
	owner(t, "elsewhere")
	address := pooler(t, server, "pooled", "elsewhere")
	migrate := func(database string, pooled bool) error {
		pool, err := postgres.Open(t.Context(), postgres.ConnConfig{
			URL: fmt.Sprintf("postgres://anyone@%s/%s?sslmode=disable", address, database), Schema: "pooled",
			Pooled: pooled,
		})
		if err != nil {
			return err
		}
		defer pool.Close()
		return postgres.Migrate(t.Context(), pool)
	}
	for _, c := range []struct {
		database string
		pooled   bool
		want     string
	}{
		{"pooled", false, "TOUCHLINE_POSTGRES_POOLED=true"},
		{"elsewhere", true, "ALTER ROLE elsewhere IN DATABASE postgres SET search_path = pooled"},
	} {
		if err := migrate(c.database, c.pooled); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, pooled %v: got %v, want it to name the remedy %q", c.database, c.pooled, err, c.want)
		}
	}

	log := projectiontest.Log(t)
	pool, err := postgres.Open(t.Context(), postgres.ConnConfig{
		URL: fmt.Sprintf("postgres://anyone@%s/pooled?sslmode=disable", address), Schema: "pooled", Pooled: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	match := projectiontest.Match{}
	log.Append(match.Scheduled(1), match.Prediction("goals", 1))
	for range 2 {
		defer run(t, pool, log, nil)()
	}
	await(t, pool, 1, `SELECT count(*) FROM matches`)
	for sequence := range int64(20) {
		log.Append(match.Event(sequence+2, football.KickOff{}),
			match.Features(sequence+2, "goal", projectiontest.Live(football.InPlay, int32(sequence), 0)),
			match.PredictionAt("goals", sequence+2, projectiontest.Live(football.InPlay, int32(sequence), 0)))
		await(t, pool, sequence+2, `SELECT sequence FROM predictions_latest WHERE model = 'goals'`)
	}
	await(t, pool, 21, `SELECT count(*) FROM predictions_history`)
}
