package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/twmb/franz-go/pkg/sr"
)

// RegistryConfig says what the registry keeps its schemas in.
type RegistryConfig struct {
	Dir     string   // log
	Brokers []string // of the Kafka that has the schemas

	Log *slog.Logger // default slog.Default()

	dumping bool // write the archive of classes, on a storage in memory
}

// Registry is an Apicurio Registry, which speaks Confluent's protocol. It keeps its schemas in a topic, so they outlive
// it.
type Registry struct {
	process
	port int
}

// registryHeapMiB is enough for some hundred schemas.
const registryHeapMiB = 320

// StartRegistry returns when the registry has read its topic and answers.
func StartRegistry(ctx context.Context, cfg RegistryConfig) (_ *Registry, err error) {
	r := &Registry{process: process{name: "schema registry"}}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start schema registry: %w", err), r.closeProcess())
		}
	}()
	if cfg.Dir == "" || len(cfg.Brokers) == 0 && !cfg.dumping {
		return nil, errors.New("no Dir or no Brokers: name a folder for the log, and the brokers that keep the schemas")
	}
	run, err := registryJVM(ctx, cfg.dumping)
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(1)
	if err != nil {
		return nil, err
	}
	r.port = ports[0]
	r.log = filepath.Join(cfg.Dir, "registry.log")
	r.command = func() *exec.Cmd {
		cmd := run.command("io.quarkus.runner.GeneratedMain")
		cmd.Env = append(os.Environ(), r.environment(cfg)...)
		return cmd
	}
	if err := r.Start(ctx); err != nil {
		return nil, err
	}
	if err := r.requireCompatibility(ctx); err != nil {
		return nil, err
	}
	cmp.Or(cfg.Log, slog.Default()).Info("schema registry serves", "url", r.URL())
	return r, nil
}

func (r *Registry) environment(cfg RegistryConfig) []string {
	env := []string{
		"QUARKUS_HTTP_HOST=" + loopback, "QUARKUS_HTTP_PORT=" + strconv.Itoa(r.port),
		"QUARKUS_LOG_LEVEL=WARN", "QUARKUS_LOG_CONSOLE_COLOR=false",
		// As Confluent's registry does, so that a client which looks a schema up finds it whatever its white space.
		"APICURIO_CCOMPAT_USE_CANONICAL_HASH=true",
	}
	if cfg.dumping {
		return env
	}
	return append(env, "APICURIO_STORAGE_KIND=kafkasql",
		"APICURIO_KAFKASQL_BOOTSTRAP_SERVERS="+strings.Join(cfg.Brokers, ","))
}

// registryJVM returns what the registry runs with; see kafkaJVM.
func registryJVM(ctx context.Context, dumping bool) (jvm, error) {
	java, err := findJava(ctx)
	if err != nil {
		return jvm{}, err
	}
	dir, err := fetched(ctx, "registry")
	if err != nil {
		return jvm{}, err
	}
	jars, err := filepath.Glob(filepath.Join(dir, "engine", "*-runner.jar"))
	if err != nil {
		return jvm{}, err
	}
	if len(jars) != 1 {
		return jvm{}, fmt.Errorf("%s has %d programs, want one: remove the folder, and it is fetched again", dir,
			len(jars))
	}
	run := jvm{java: java, options: []string{"-Djava.util.logging.manager=org.jboss.logmanager.LogManager", "-cp",
		jars[0]},
		heapMiB: registryHeapMiB, archive: filepath.Join(dir, "classes.jsa"), dump: dumping}
	if dumping {
		return run, nil
	}
	return run, run.archived(func(scratch string) error {
		r, err := StartRegistry(ctx, RegistryConfig{Dir: scratch, Log: slog.New(slog.DiscardHandler), dumping: true})
		if err != nil {
			return err
		}
		return r.stopProcess(ctx, syscall.SIGTERM)
	})
}

// URL returns the address that clients of a Confluent registry take.
func (r *Registry) URL() string { return "http://" + address(r.port) + "/apis/ccompat/v7" }

// Kill ends the registry at once, and returns when it is gone.
func (r *Registry) Kill() error { return r.killProcess() }

// Start starts a registry that was killed, on the same port, and returns when it has read its topic and answers.
func (r *Registry) Start(ctx context.Context) error {
	if err := r.startProcess(); err != nil {
		return err
	}
	return r.awaitReady(ctx, r.answers)
}

// Close ends the registry.
func (r *Registry) Close() error { return r.closeProcess() }

// requireCompatibility makes the registry refuse a schema that can't read what any version before it wrote. It keeps
// that in its topic.
func (r *Registry) requireCompatibility(ctx context.Context) error {
	client, err := sr.NewClient(sr.URLs(r.URL()))
	if err != nil {
		return err
	}
	return client.SetCompatibility(ctx, sr.SetCompatibility{Level: sr.CompatBackwardTransitive})[0].Err
}

func (r *Registry) answers(ctx context.Context) error { return checkAnswer(ctx, r.URL()+"/subjects") }
