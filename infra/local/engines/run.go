package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/touchline/touchline/infra/local"
	"github.com/touchline/touchline/infra/machine"
)

// commandStops is how long a command may take to end after it was asked to.
const commandStops = 20 * time.Second

// options are the flags of run.
type options struct {
	kafka, heap                 int
	registry, postgres, replica bool
	mlflow                      bool
	redis                       string
	limit                       time.Duration
	dir                         string
}

func (o options) checkFlags() error {
	var errs []error
	if o.registry && o.kafka == 0 {
		errs = append(errs, errors.New("--registry keeps its schemas in Kafka: give --kafka 1 or --kafka 3 too"))
	}
	if o.replica && !o.postgres {
		errs = append(errs, errors.New("--replica needs --postgres"))
	}
	if o.redis != "" && o.redis != "single" && o.redis != "cluster" {
		errs = append(errs, fmt.Errorf("--redis is %q: single or cluster", o.redis))
	}
	if o.kafka == 0 && !o.postgres && o.redis == "" && !o.mlflow {
		errs = append(errs, errors.New("no engine is asked for: see --help"))
	}
	return errors.Join(errs...)
}

// runWithEngines starts the engines, runs the command, and ends the engines. Without a command it writes the addresses
// to out.
func (o options) runWithEngines(ctx context.Context, out io.Writer, args []string) (err error) {
	if err := o.checkFlags(); err != nil {
		return err
	}
	if o.limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, o.limit, fmt.Errorf("the time of --for, %v, is over", o.limit))
		defer cancel()
	}
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "touchline-engines-"); err != nil {
			return err
		}
		defer os.RemoveAll(o.dir)                      // nothing in it is of use later
		if err := os.Chmod(o.dir, 0o755); err != nil { // Postgres may run as another user
			return err
		}
	}
	started := &running{}
	defer func() { err = errors.Join(err, started.closeEngines()) }()
	began := time.Now()
	if err := o.startEngines(ctx, started); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "engines: all serve after %v, logs are in %s\n", elapsedSince(began), o.dir)
	if len(args) == 0 {
		fmt.Fprintln(out, "export "+strings.Join(started.environment(), "\nexport "))
		<-ctx.Done()
		return nil
	}
	return runCommandWith(ctx, args, started.environment())
}

// running are the engines that were started.
type running struct {
	mu      sync.Mutex // guards all: engines start side by side
	env     []string
	closers []io.Closer
}

func (r *running) addEngine(c io.Closer, env ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closers, r.env = append(r.closers, c), append(r.env, env...)
}

func (r *running) environment() []string { return append(r.env, "TOUCHLINE_TEST_REAL=1") }

func (r *running) closeEngines() error {
	var errs []error
	for i := len(r.closers) - 1; i >= 0; i-- {
		errs = append(errs, r.closers[i].Close())
	}
	return errors.Join(errs...)
}

// startEngines starts all that is asked for, side by side; the registry after its Kafka.
func (o options) startEngines(ctx context.Context, r *running) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute) // the first time engines are fetched
	defer cancel()
	var all sync.WaitGroup
	errs := make([]error, 4)
	for i, start := range []func(context.Context, *running) error{o.startKafka, o.startPostgres, o.startRedis,
		o.startMLflow} {
		all.Go(func() { errs[i] = start(ctx, r) })
	}
	all.Wait()
	return errors.Join(errs...)
}

func (o options) startKafka(ctx context.Context, r *running) error {
	if o.kafka == 0 {
		return nil
	}
	began := time.Now()
	kafka, err := local.StartKafka(ctx, local.KafkaConfig{Dir: filepath.Join(o.dir, "kafka"), Nodes: o.kafka,
		HeapMiB: o.heap, Log: discard()})
	if err != nil {
		return err
	}
	r.addEngine(kafka, "TOUCHLINE_KAFKA_BROKERS="+strings.Join(kafka.Brokers(), ","),
		fmt.Sprint("TOUCHLINE_KAFKA_REPLICATION=", o.kafka))
	progress(fmt.Sprint("Kafka, nodes: ", o.kafka), began)
	if !o.registry {
		return nil
	}
	began = time.Now()
	registry, err := local.StartRegistry(ctx, local.RegistryConfig{Dir: filepath.Join(o.dir, "registry"),
		Brokers: kafka.Brokers(), Log: discard()})
	if err != nil {
		return err
	}
	r.addEngine(registry, "TOUCHLINE_SCHEMA_REGISTRY_URL="+registry.URL())
	progress("schema registry", began)
	return nil
}

func (o options) startPostgres(ctx context.Context, r *running) error {
	if !o.postgres {
		return nil
	}
	began := time.Now()
	postgres, err := local.StartPostgres(ctx, local.PostgresConfig{Dir: filepath.Join(o.dir, "postgres"),
		Replica: o.replica, Log: discard()})
	if err != nil {
		return err
	}
	r.addEngine(postgres, "TOUCHLINE_POSTGRES_URL="+postgres.URL())
	if o.replica {
		r.addEngine(io.NopCloser(nil), "TOUCHLINE_POSTGRES_REPLICA_URLS="+postgres.ReplicaURL())
	}
	progress("Postgres", began)
	return nil
}

func (o options) startRedis(ctx context.Context, r *running) error {
	if o.redis == "" {
		return nil
	}
	began := time.Now()
	redis, err := local.StartRedis(ctx, local.RedisConfig{Dir: filepath.Join(o.dir, "redis"),
		Cluster: o.redis == "cluster", Log: discard()})
	if err != nil {
		return err
	}
	r.addEngine(redis, "TOUCHLINE_REDIS_URLS="+strings.Join(redis.URLs(), ","))
	progress("Redis, "+o.redis, began)
	return nil
}

func (o options) startMLflow(ctx context.Context, r *running) error {
	if !o.mlflow {
		return nil
	}
	began := time.Now()
	mlflow, err := local.StartMLflow(ctx, local.MLflowConfig{Dir: filepath.Join(o.dir, "mlflow"), Log: discard()})
	if err != nil {
		return err
	}
	r.addEngine(mlflow, "TOUCHLINE_TEST_MLFLOW_URL="+mlflow.URL(), "TOUCHLINE_TEST_MLFLOW_PYTHON="+mlflow.Python())
	progress("MLflow", began)
	return nil
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func progress(what string, began time.Time) {
	fmt.Fprintf(os.Stderr, "engines: %s serves after %v\n", what, elapsedSince(began))
}

func elapsedSince(began time.Time) time.Duration {
	return time.Since(began).Round(100 * time.Millisecond)
}

// runCommandWith runs the command in a process group of its own, asks all of it to end when ctx ends, and kills what is
// left of it.
func runCommandWith(ctx context.Context, args, env []string) error {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = machine.TiedAttributes(syscall.SIGKILL)
	ended := make(chan error, 1)
	if err := machine.StartTied(cmd, func(err error) { ended <- err }); err != nil {
		return err
	}
	group := -cmd.Process.Pid
	defer func() { _ = syscall.Kill(group, syscall.SIGKILL) }() // of what it started, most often nothing is left
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	err := fmt.Errorf("%s was ended: %w", args[0], context.Cause(ctx))
	if kill := syscall.Kill(group, syscall.SIGTERM); kill != nil {
		return errors.Join(err, kill)
	}
	select {
	case end := <-ended:
		return errors.Join(err, end)
	case <-time.After(commandStops):
	}
	return err
}
