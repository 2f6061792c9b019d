package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/jackc/pgx/v5"

	"github.com/touchline/touchline/infra/machine"
)

// PostgresConfig says whether a replica follows the primary.
type PostgresConfig struct {
	Dir     string // data and logs
	Replica bool   // a streaming replica, which answers reads and is a moment behind

	Log *slog.Logger // default slog.Default()
}

// Postgres is a primary that waits for the disk as Postgres does by default, and maybe a replica.
type Postgres struct {
	programs         machine.Postgres
	account          machine.Account
	dir              string
	primary, replica *process
	ports            []int
}

const postgresName = "touchline" // user and database

// StartPostgres makes the database and returns when it answers, and when the replica follows it. Programs are those
// that are installed, version 15 or later.
func StartPostgres(ctx context.Context, cfg PostgresConfig) (_ *Postgres, err error) {
	p := &Postgres{}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start Postgres: %w", err), p.Close())
		}
	}()
	if cfg.Dir == "" {
		return nil, errors.New("no Dir: name a folder for data and logs")
	}
	if err := p.prepare(ctx, cfg); err != nil {
		return nil, err
	}
	if err := p.initialize(ctx); err != nil {
		return nil, err
	}
	p.primary = p.serverCommand("primary", p.ports[0])
	if err := p.Start(ctx); err != nil {
		return nil, err
	}
	if err := p.database(ctx); err != nil {
		return nil, err
	}
	if cfg.Replica {
		if err := p.followPrimary(ctx); err != nil {
			return nil, err
		}
	}
	cmp.Or(cfg.Log, slog.Default()).Info("Postgres serves", "port", p.ports[0], "replica", cfg.Replica, "version",
		p.programs.Major)
	return p, nil
}

// prepare finds programs, user, folder and ports.
func (p *Postgres) prepare(ctx context.Context, cfg PostgresConfig) error {
	found := machine.FindPostgres(ctx, machine.PostgresFolders())
	if len(found) == 0 {
		return fmt.Errorf("no Postgres of version %d or later in PATH or /usr/lib/postgresql: install one (Debian: "+
			"apt-get install postgresql)", machine.LeastPostgres)
	}
	p.programs = found[0]
	var err error
	if p.account, err = machine.ServerAccount(); err != nil {
		return err
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if p.dir, err = p.account.Home(dir); err != nil {
		return err
	}
	if err := errors.Join(os.MkdirAll(p.dir, 0o755), p.account.Own(p.dir)); err != nil {
		return err
	}
	p.ports, err = freePorts(2)
	return err
}

// initialize makes the primary's files if there are none. Whoever reaches the loopback address may do all: the data is
// a test's.
func (p *Postgres) initialize(ctx context.Context) error {
	data := filepath.Join(p.dir, "primary")
	if machine.IsFile(filepath.Join(data, "PG_VERSION")) {
		return nil
	}
	return p.toolCommand(ctx, "initdb", "--pgdata", data, "--username", postgresName, "--auth", "trust", "--encoding",
		"UTF8",
		"--locale", "C", "--no-sync", "--no-instructions")
}

// toolCommand runs one of Postgres's programs to its end.
func (p *Postgres) toolCommand(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, p.programs.Path(name), args...)
	cmd.Dir, cmd.SysProcAttr = p.dir, p.account.Attributes(0)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return nil
}

func (p *Postgres) serverCommand(name string, port int) *process {
	args := []string{"-D", filepath.Join(p.dir, name)}
	for _, setting := range []string{
		"listen_addresses=" + loopback, "port=" + strconv.Itoa(port), "unix_socket_directories=", "wal_level=replica",
		"max_wal_senders=4", "hot_standby=on", "max_connections=200", "shared_buffers=64MB", "jit=off", "timezone=UTC",
		"log_timezone=UTC", "cluster_name=" + name,
	} {
		args = append(args, "-c", setting)
	}
	return &process{name: "Postgres " + name, log: filepath.Join(p.dir, name+".log"), command: func() *exec.Cmd {
		cmd := exec.Command(p.programs.Path("postgres"), args...)
		// Its children see that the postmaster is gone, and end.
		cmd.Dir, cmd.SysProcAttr = p.dir, p.account.Attributes(syscall.SIGKILL)
		return cmd
	}}
}

func (p *Postgres) database(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, p.databaseURL(p.ports[0], "postgres"))
	if err != nil {
		return err
	}
	var exists bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, postgresName).Scan(&exists)
	if err == nil && !exists {
		_, err = conn.Exec(ctx, `CREATE DATABASE `+postgresName)
	}
	return errors.Join(err, conn.Close(ctx))
}

// followPrimary makes a replica of a copy of the primary, and returns when it streams.
func (p *Postgres) followPrimary(ctx context.Context) error {
	data := filepath.Join(p.dir, "replica")
	if err := os.RemoveAll(data); err != nil { // one of an earlier start may be of another port
		return err
	}
	if err := p.toolCommand(ctx, "pg_basebackup", "--pgdata", data, "--write-recovery-conf", "--checkpoint=fast",
		"--no-sync",
		"--wal-method=stream", "--host", loopback, "--port", strconv.Itoa(p.ports[0]),
		"--username", postgresName); err != nil {
		return err
	}
	p.replica = p.serverCommand("replica", p.ports[1])
	if err := p.replica.startProcess(); err != nil {
		return err
	}
	return p.replica.awaitReady(ctx, p.streams)
}

// streams is a check that the replica answers and is connected to the primary.
func (p *Postgres) streams(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, p.ReplicaURL())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var streaming bool
	err = conn.QueryRow(ctx, `SELECT pg_is_in_recovery()
		AND EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming')`).Scan(&streaming)
	if err == nil && !streaming {
		err = errors.New("it does not stream yet")
	}
	return err
}

// URL returns the address of the primary's database.
func (p *Postgres) URL() string { return p.databaseURL(p.ports[0], postgresName) }

// ReplicaURL returns the address of the replica's database, or "" when there is none.
func (p *Postgres) ReplicaURL() string {
	if p.replica == nil {
		return ""
	}
	return p.databaseURL(p.ports[1], postgresName)
}

func (p *Postgres) databaseURL(port int, database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(postgresName), Host: address(port), Path: database,
		RawQuery: "sslmode=disable"}
	return u.String()
}

// Kill crashes the primary (an "immediate shutdown"): sessions are cut off, nothing more is written, and the next start
// recovers from the log. The replica stays and waits for it. SIGKILL would leave the primary's children for a moment,
// and they keep a new primary from starting.
func (p *Postgres) Kill() error {
	ctx, cancel := context.WithTimeout(context.Background(), killedAfter)
	defer cancel()
	return p.primary.stopProcess(ctx, syscall.SIGQUIT)
}

// Start starts the primary after Kill, on the same port, and returns when it has recovered and answers.
func (p *Postgres) Start(ctx context.Context) error {
	if err := p.primary.startProcess(); err != nil {
		return err
	}
	return p.primary.awaitReady(ctx, func(ctx context.Context) error {
		conn, err := pgx.Connect(ctx, p.databaseURL(p.ports[0], "postgres"))
		if err != nil {
			return err
		}
		return conn.Close(ctx)
	})
}

// Close ends replica and primary.
func (p *Postgres) Close() error {
	var errs []error
	for _, server := range []*process{p.replica, p.primary} {
		if server == nil || !server.running() {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), killedAfter)
		errs = append(errs, server.stopProcess(ctx, syscall.SIGQUIT))
		cancel()
	}
	return errors.Join(errs...)
}
