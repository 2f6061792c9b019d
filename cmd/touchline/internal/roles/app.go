package roles

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/cmd/touchline/internal/clients"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/infra/connect"
	"github.com/touchline/touchline/infra/telemetry"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/projections/cache"
	"github.com/touchline/touchline/projections/postgres"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/catalogue"
	"github.com/touchline/touchline/streams/control"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/models"
	"github.com/touchline/touchline/streams/source"
	"github.com/touchline/touchline/streams/worker"
)

// roles are the parts of the line that a process plays.
type roles struct{ collect, process, project, serve bool }

// app is one process of Touchline. Its methods stand in the order of the line; run shows the order of life.
type app struct {
	cfg      config.Config
	roles    roles
	log      *slog.Logger
	registry *prometheus.Registry
	ref      *football.Reference
	models   *predict.Registry
	facts    *models.Log     // of models, which the registry folds
	chains   []streams.Chain // what this process runs; bound to the current versions once the log is ready
	control  *control.Control

	kafka   []kgo.Opt
	tracing *telemetry.Tracing
	serde   *wire.Serde
	pool    *pgxpool.Pool
	redis   redis.UniversalClient
	health  *health

	metrics *worker.Metrics // of workers

	ownsLog bool // the broker is this process's own: its history may be folded anew

	// awaitFailure returns why an embedded part can't go on, or nil when ctx is done. Nil: none is embedded.
	awaitFailure func(ctx context.Context) error

	sourceEnded chan struct{} // closed when the collector has published all that its source had

	prepared   chan struct{} // closed when the log is ready for the roles, or prepareErr says why it is not
	prepareErr error
	listening  chan string // gets the address when the listener is open; buffered
}

func makeApp(cfg config.Config, r roles) (*app, error) {
	if r.collect {
		if err := clients.CheckSource(cfg); err != nil {
			return nil, err
		}
	}
	log, err := telemetry.NewLogger(os.Stderr, cfg.LogLevel, cfg.LogFormat)
	if err != nil {
		return nil, err
	}
	ref, err := clients.Reference(cfg)
	if err != nil {
		return nil, err
	}
	a := &app{
		cfg: cfg, roles: r, log: log, ref: ref, models: predict.BuiltInRegistry(),
		registry: telemetry.NewMetrics(cli.Version()),
		health:   newHealth(), listening: make(chan string, 1),
		prepared: make(chan struct{}), sourceEnded: make(chan struct{}),
	}
	if r.process {
		a.metrics = worker.NewMetrics(a.registry)
	}
	a.chains, err = line.Chains(line.Layout(cfg.Layout), ref, a.models, a.namesAt(nil), cfg.Stages...)
	return a, err
}

// runRoles starts the process from the log upwards and stops it from the listeners downwards. It returns nil when it
// was asked to stop.
func (a *app) runRoles(ctx context.Context) error {
	if err := a.connect(ctx); err != nil {
		return err
	}
	defer a.closeClients()
	var layers []layer
	if a.awaitFailure != nil {
		layers = append(layers, layer{"embedded parts", a.awaitFailure})
	}
	if a.roles.project {
		a.health.expectProbes("project")
		layers = append(layers, layer{"project", a.project})
	}
	if a.roles.process {
		for i, chain := range a.chains {
			for n := range a.cfg.Workers {
				a.health.expectProbes("process-" + chain.Name())
				layers = append(layers, layer{"process " + chain.Name(),
					func(ctx context.Context) error { return a.process(ctx, i, n) }})
			}
		}
	}
	if a.roles.collect {
		a.health.expectProbes("collect")
		layers = append(layers, layer{"collect", a.collect})
	}
	go func() {
		defer close(a.prepared)
		a.prepareErr = a.prepareLog(ctx)
	}()
	layers = append(layers, layer{"control", a.followFacts}, layer{"progress", a.reportProgress},
		layer{"listen", a.listen})
	return openStack(ctx, a.log, a.cfg.StopTimeout+time.Second, layers...)
}

// connect opens the clients; nothing needs to answer yet.
func (a *app) connect(ctx context.Context) (err error) {
	reached, err := clients.OpenLog(a.cfg)
	if err != nil {
		return err
	}
	a.kafka, a.serde = reached.Kafka, reached.Serde
	if a.tracing, err = telemetry.NewTracing(ctx, a.cfg.OTLPEndpoint, cli.Version(), a.cfg.Instance); err != nil {
		return err
	}
	if a.cfg.OTLPEndpoint != "" {
		a.kafka = append(a.kafka, connect.Traced(a.tracing))
	}
	a.health.addProbe("kafka", func(ctx context.Context) error {
		return a.withAdmin(func(adm *kadm.Client) error { _, err := adm.ListBrokers(ctx); return err })
	})
	a.health.addProbe("schema-registry", func(ctx context.Context) error {
		_, err := reached.Registry.Subjects(ctx)
		return err
	})
	if a.roles.project || a.roles.serve {
		if a.pool, err = clients.OpenPostgres(ctx, a.cfg, a.cfg.PostgresURL); err != nil {
			return err
		}
		if !a.roles.serve { // the API asks Postgres itself
			a.health.addProbe("postgres", a.pool.Ping)
		}
		if a.redis, err = connect.Redis(a.cfg); err != nil {
			return err
		}
		a.health.addProbe("redis", func(ctx context.Context) error { return a.redis.Ping(ctx).Err() })
	}
	return nil
}

func (a *app) closeClients() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := a.tracing.Stop(ctx); err != nil {
		a.log.Warn("traces are lost", "error", err)
	}
	if a.pool != nil {
		a.pool.Close()
	}
	if a.redis != nil {
		_ = a.redis.Close() // the process ends; there is nobody to tell
	}
}

func (a *app) withAdmin(ask func(*kadm.Client) error) error {
	client, err := kgo.NewClient(a.kafka...)
	if err != nil {
		return err
	}
	defer client.Close()
	return ask(kadm.NewClient(client))
}

// prepareRoles waits until the log is ready.
func (a *app) prepareRoles(ctx context.Context) error {
	select {
	case <-a.prepared:
		return a.prepareErr
	case <-ctx.Done():
		return ctx.Err()
	}
}

// prepareLog waits for Kafka and the registry, and makes topics, schemas and model facts what they should be.
func (a *app) prepareLog(ctx context.Context) (err error) {
	if err := connect.Wait(ctx, a.log, "Kafka", "TOUCHLINE_KAFKA_BROKERS", a.health.runProbe("kafka")); err != nil {
		return err
	}
	if err := connect.Wait(ctx, a.log, "the schema registry", "TOUCHLINE_SCHEMA_REGISTRY_URL",
		a.health.runProbe("schema-registry")); err != nil {
		return err
	}
	if a.ownsLog {
		if err := a.rebuildIfChanged(ctx); err != nil {
			return err
		}
	}
	if a.control, err = control.Read(ctx, a.kafka, clients.NamesOf(a.cfg), a.serde, a.log); err != nil {
		return err
	}
	names := a.namesAt(a.control.Versions())
	all, err := line.Chains(line.Layout(a.cfg.Layout), a.ref, a.models, names)
	if err != nil {
		return err
	}
	if a.chains, err = line.Chains(line.Layout(a.cfg.Layout), a.ref, a.models, names, a.cfg.Stages...); err != nil {
		return err
	}
	topics := catalogue.New(int32(a.cfg.Partitions), int16(a.cfg.KafkaReplication), all...)
	if err := a.withAdmin(func(adm *kadm.Client) error { return topics.Ensure(ctx, adm) }); err != nil {
		return err
	}
	if err := catalogue.Register(ctx, a.serde, a.chains...); err != nil {
		return err
	}
	if !a.roles.process {
		return nil
	}
	return a.readModels(ctx, names)
}

// readModels reads the facts about models, has the stages follow them, and registers the built-in models.
func (a *app) readModels(ctx context.Context, names wire.Namespace) error {
	store, err := clients.ArtefactStore(a.cfg)
	if err != nil {
		return err
	}
	facts, err := line.ReadModels(ctx, a.models, store, a.kafka, names, a.serde, a.log)
	var unapplied *models.UnappliedError
	// a store that is away holds the pools that need it, and nothing else
	if errors.As(err, &unapplied) && store != nil {
		a.log.Warn("what is said of a model can't be taken: pools that need it wait", "topic", unapplied.Topic,
			"offset", unapplied.Offset, "error", unapplied.Err)
	} else if err != nil {
		return err
	}
	a.facts = facts
	for _, chain := range a.chains {
		for i, stage := range chain {
			chain[i] = stage.Reading(a.facts)
		}
	}
	if unapplied != nil {
		return nil // what this program is built with is registered by the next start
	}
	return a.facts.Register(ctx, builtInModels()...)
}

// namesAt returns the names that this process works with: the installation's, in the current versions and in its own of
// the stages that it runs.
func (a *app) namesAt(current wire.Versions) wire.Namespace {
	versions := maps.Clone(current)
	names := clients.NamesOf(a.cfg)
	if !a.roles.process || a.cfg.Version == 0 {
		return names.At(versions)
	}
	if versions == nil {
		versions = wire.Versions{}
	}
	stages := a.cfg.Stages
	if len(stages) == 0 {
		stages = wire.StageNames()
	}
	for _, stage := range stages {
		versions[stage] = a.cfg.Version
	}
	return names.At(versions)
}

// current returns the names of the topics that readers follow. It may be asked once the log is ready; of a log that
// could not be made ready nothing is known, and the program ends.
func (a *app) current() wire.Namespace {
	if a.control == nil {
		return clients.NamesOf(a.cfg)
	}
	return a.control.Names()
}

// followFacts hears what operators say of the stages and what is said of models.
func (a *app) followFacts(ctx context.Context) error {
	if err := a.prepareRoles(ctx); err != nil {
		return stopped(ctx, err)
	}
	if a.facts == nil {
		return a.control.Run(ctx)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.facts.Run(ctx) })
	group.Go(func() error { return a.control.Run(ctx) })
	return group.Wait()
}

// collect publishes the source's raw events. A source that ends leaves the process running: its forecasts are served.
func (a *app) collect(ctx context.Context) error {
	if err := a.prepareRoles(ctx); err != nil {
		return stopped(ctx, err)
	}
	src, pace, err := clients.Source(a.cfg, a.ref)
	if err != nil {
		return err
	}
	collector, err := source.NewCollector(source.Config{
		Client: a.kafka, Names: clients.NamesOf(a.cfg), Partitions: int32(a.cfg.Partitions), Pace: pace,
		StopTimeout: a.cfg.StopTimeout, Strict: a.cfg.Strict,
		Opening: models.Opening(a.kafka, clients.NamesOf(a.cfg), a.serde),
	}, a.ref, a.serde, a.log, a.registry, src)
	if err != nil {
		return err
	}
	a.health.addProbe("collect", started(collector.Ready()))
	a.health.addReport("collect", collector.FileLosses)
	if err := collector.Run(ctx); err != nil {
		return stopped(ctx, err)
	}
	if ctx.Err() == nil {
		a.log.Info("the source has ended; its forecasts stay", "source", src.Name())
		close(a.sourceEnded)
		<-ctx.Done()
	}
	return nil
}

// process runs the n-th worker of the i-th chain.
func (a *app) process(ctx context.Context, i, n int) error {
	if err := a.prepareRoles(ctx); err != nil {
		return stopped(ctx, err)
	}
	chain := a.chains[i]
	worker, err := worker.New(worker.Config{
		Client: a.kafka, Instance: a.cfg.Instance, Worker: n, Partitions: int32(a.cfg.Partitions),
		MaxBatch: a.cfg.MaxPollRecords, TransactionTimeout: a.cfg.TransactionTimeout, StopTimeout: a.cfg.StopTimeout,
		NoStandby: !a.cfg.Standby, Control: a.control,
	}, chain, a.serde, a.log, a.metrics)
	if err != nil {
		return err
	}
	a.health.addProbe("process-"+chain.Name(), started(worker.Ready()))
	return worker.Run(ctx)
}

// project follows the topics into Postgres and Redis.
func (a *app) project(ctx context.Context) error {
	if err := a.prepareRoles(ctx); err != nil {
		return stopped(ctx, err)
	}
	if err := connect.Wait(ctx, a.log, "Postgres", "TOUCHLINE_POSTGRES_URL", a.pool.Ping); err != nil {
		return stopped(ctx, err)
	}
	writer := cache.NewWriter(clients.CacheConfig(a.cfg), a.redis, a.log)
	projector, err := postgres.New(postgres.Config{Names: a.current}, a.kafka, a.serde, a.pool, writer, a.ref, a.log,
		a.registry)
	if err != nil {
		return err
	}
	a.health.addProbe("project", projector.Healthy)
	return projector.Run(ctx)
}

// stopped drops the error of work that was cut off because it was asked to stop.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// builtInModels are the registrations of the built-in models.
func builtInModels() []*football.ModelFact {
	facts := predict.BuiltInRegistrations()
	for _, f := range facts {
		f.At, f.Note = football.At(time.Now()), "built into the predict stage"
	}
	return facts
}

// started is a probe that passes once the channel is closed.
func started(ready <-chan struct{}) func(context.Context) error {
	return func(context.Context) error {
		select {
		case <-ready:
			return nil
		default:
			return errors.New("starting")
		}
	}
}
