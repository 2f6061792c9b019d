package embedded

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/touchline/touchline/infra/machine"
)

// PostgresConfig says where the embedded Postgres comes from and where it lives.
type PostgresConfig struct {
	Dir    string // data folder
	Listen string // address; port 0 takes a free one. Default 127.0.0.1:0

	// Binaries is a folder with `postgres` and `initdb`, version 15 or later. By default the newest of PATH and
	// /usr/lib/postgresql is taken, and when there is none, one is downloaded into Dir.
	Binaries string

	// Repository is the Maven repository to download from. Default: that of the embedded-postgres library.
	Repository string
}

// Postgres is a server process with its data in a folder. It ends with the process that started it.
type Postgres struct {
	dir      *folder
	data     string
	address  string
	password string
	process  *exec.Cmd
	exited   chan struct{}
	exit     error // set when exited is closed
}

const (
	postgresUser     = "touchline"
	postgresDatabase = "touchline"
	// startPoll is how often the start looks whether the server answers, or an old one is gone.
	startPoll = 10 * time.Millisecond
)

// StartPostgres starts the server, on a fresh folder after it made a database. A server that a killed process left
// behind is stopped first. As root the server runs as the user postgres or nobody, for it refuses to be root.
func StartPostgres(ctx context.Context, cfg PostgresConfig, log *slog.Logger) (_ *Postgres, err error) {
	cfg.Listen = cmp.Or(cfg.Listen, "127.0.0.1:0")
	dir, err := openFolder(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("start embedded Postgres: %w", err)
	}
	p := &Postgres{dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start embedded Postgres: %w", err), dir.unlockFolder())
		}
	}()
	user, err := machine.ServerAccount()
	if err != nil {
		return nil, err
	}
	if p.data, err = user.Home(dir.path); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(p.data, dir.path) {
		log.Warn("the embedded Postgres can't enter the data folder and keeps its data elsewhere", "user", user.Name,
			"folder", dir.path, "data", p.data)
	}
	if err := stopStale(ctx, p.data, log); err != nil {
		return nil, err
	}
	bin, err := findBinaries(ctx, cfg, dir, version(p.data), log)
	if err != nil {
		return nil, err
	}
	if p.password, err = p.initialize(ctx, bin, user); err != nil {
		return nil, err
	}
	for range 3 { // a free port may be taken before the server has it
		if err = p.runServer(ctx, bin, user, cfg.Listen); err == nil || !strings.HasSuffix(cfg.Listen, ":0") ||
			!strings.Contains(err.Error(), "could not bind") {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	log.Info("embedded Postgres serves", "address", p.address, "version", bin.Major, "data", p.data)
	return p, nil
}

// URL returns the address, user and password of the database as pgx wants them.
func (p *Postgres) URL() string { return p.databaseURL(postgresDatabase) }

func (p *Postgres) databaseURL(database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(postgresUser, p.password), Host: p.address, Path: database,
		RawQuery: "sslmode=disable"}
	return u.String()
}

// DataDir returns where the data is: in the data folder, or elsewhere when the server's user can't enter that.
func (p *Postgres) DataDir() string { return p.data }

// Exited closes when the server process has ended, asked or not.
func (p *Postgres) Exited() <-chan struct{} { return p.exited }

// AwaitFailure returns nil when ctx is done, or why the server has ended before that, unasked.
func (p *Postgres) AwaitFailure(ctx context.Context) error {
	select {
	case <-p.exited:
	case <-ctx.Done():
		return nil
	}
	reason := "" // a server that was killed logs nothing more
	text, err := os.ReadFile(p.dir.filePath("postgres.log"))
	if err == nil {
		reason = panicLine(string(text))
	}
	return fmt.Errorf("embedded Postgres has ended by itself (%w): %sstart again, and it recovers; what it logged is "+
		"in %s",
		cmp.Or(p.exit, errors.New("exit status 0")), reason, p.dir.filePath("postgres.log"))
}

// panicLine returns the line by which a server logs that it can't go on, with a colon behind it; "" when there is none.
func panicLine(log string) string {
	for line := range strings.Lines(log) {
		if _, reason, ok := strings.Cut(line, "PANIC:  "); ok {
			return strings.TrimSpace(reason) + ": "
		}
	}
	return ""
}

// Stop ends all sessions and the server, and frees the folder. When ctx ends first, the server is cut off: the next
// start then recovers from its log. Of a server that had ended before there is nothing to stop: AwaitFailure has told.
func (p *Postgres) Stop(ctx context.Context) error {
	select {
	case <-p.exited:
		return p.dir.unlockFolder()
	default:
	}
	err := p.signalServer(syscall.SIGINT) // fast shutdown
	select {
	case <-p.exited:
	case <-ctx.Done():
		err = errors.Join(err, context.Cause(ctx), p.signalServer(syscall.SIGQUIT))
		<-p.exited
	}
	if err = errors.Join(err, p.exit, p.dir.unlockFolder()); err != nil {
		return fmt.Errorf("stop embedded Postgres: %w", err)
	}
	return nil
}

func (p *Postgres) signalServer(s syscall.Signal) error {
	if err := p.process.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

// initialize makes the database files, if there are none, and returns the password. The files get their place when they
// are complete, so that a kill leaves nothing half made.
func (p *Postgres) initialize(ctx context.Context, bin machine.Postgres, user machine.Account) (string, error) {
	passwordFile := p.dir.filePath("password")
	raw, err := os.ReadFile(passwordFile)
	if errors.Is(err, fs.ErrNotExist) {
		raw = []byte(rand.Text())
		err = errors.Join(WriteFile(passwordFile, raw), os.Chmod(passwordFile, 0o600))
	}
	if err != nil {
		return "", err
	}
	if version(p.data) != 0 {
		return string(raw), nil
	}
	fresh := p.data + ".new"
	if err := errors.Join(os.RemoveAll(fresh), os.Mkdir(fresh, 0o700), user.Own(fresh)); err != nil {
		return "", err
	}
	readable, err := user.File(p.data+".password", raw) // the server's user can't read ours
	if err != nil {
		return "", err
	}
	defer os.Remove(readable) // initdb has read it
	cmd := exec.CommandContext(ctx, bin.Path("initdb"), "--pgdata", fresh, "--username", postgresUser, "--pwfile",
		readable,
		"--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions")
	cmd.Dir, cmd.SysProcAttr = fresh, user.Attributes(syscall.SIGINT)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("make the database files: %w: %s", err, lastLines(string(out)))
	}
	return string(raw), os.Rename(fresh, p.data)
}

// runServer starts the server process and waits until its database answers.
func (p *Postgres) runServer(ctx context.Context, bin machine.Postgres, user machine.Account, address string) error {
	l, err := listenOn(address, "TOUCHLINE_POSTGRES_LISTEN") // a free port, and a clear error when it is taken
	if err != nil {
		return err
	}
	p.address = l.Addr().String()
	if err := l.Close(); err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(p.address)
	if err != nil {
		return err
	}
	logFile, err := os.Create(p.dir.filePath("postgres.log"))
	if err != nil {
		return err
	}
	defer logFile.Close() // the server has a copy
	p.process = exec.Command(bin.Path("postgres"), append([]string{"-D", p.data}, parameters(host, port)...)...)
	p.process.Dir, p.process.Stdout, p.process.Stderr = p.data, logFile, logFile
	p.process.SysProcAttr = user.Attributes(syscall.SIGINT)
	p.exited = make(chan struct{})
	if err := machine.StartTied(p.process, func(err error) { p.exit = err; close(p.exited) }); err != nil {
		return err
	}
	if err := p.awaitDatabase(ctx); err != nil {
		cut := p.signalServer(syscall.SIGQUIT)
		<-p.exited
		text, readErr := os.ReadFile(p.dir.filePath("postgres.log"))
		return errors.Join(fmt.Errorf("%w: %s", err, lastLines(string(text))), cut, readErr)
	}
	return nil
}

// parameters are tuned for a read model that can be rebuilt from the log, on a machine that does other work too.
func parameters(host, port string) []string {
	var args []string
	for _, p := range []string{
		"listen_addresses=" + host, "port=" + port, "unix_socket_directories=", "max_connections=60",
		// a killed server loses up to 0.6 s, whole transactions with their checkpoint; the log has them
		"synchronous_commit=off",
		"shared_buffers=128MB", "work_mem=8MB", "maintenance_work_mem=64MB", "jit=off",
		"max_parallel_workers_per_gather=0",
		"wal_level=minimal", "max_wal_senders=0", "wal_compression=on", "max_wal_size=1GB",
		"max_logical_replication_workers=0",
		"autovacuum_max_workers=2", "timezone=UTC", "log_timezone=UTC", "log_min_messages=warning",
	} {
		args = append(args, "-c", p)
	}
	return args
}

// awaitDatabase waits for the server and makes the database if there is none.
func (p *Postgres) awaitDatabase(ctx context.Context) error {
	tick := time.NewTicker(startPoll)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, p.databaseURL("postgres"))
		if err == nil {
			return errors.Join(makeDatabase(ctx, conn), conn.Close(ctx))
		}
		select {
		case <-tick.C:
		case <-p.exited:
			return fmt.Errorf("the server ended at once (%w)", cmp.Or(p.exit, err))
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w", err)
		}
	}
}

func makeDatabase(ctx context.Context, conn *pgx.Conn) error {
	var exists bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`,
		postgresDatabase).Scan(&exists); err != nil || exists {
		return err
	}
	_, err := conn.Exec(ctx, `CREATE DATABASE `+postgresDatabase)
	return err
}

func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], " | ")
}
