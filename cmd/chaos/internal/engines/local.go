package engines

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/touchline/touchline/cmd/chaos/internal/proxy"
	"github.com/touchline/touchline/infra/local"
)

// nodes is the number of Kafka's nodes.
const nodes = 3

// localEngines are real engines on this machine.
type localEngines struct {
	proxies
	kafka           *local.Kafka
	postgres        *local.Postgres
	redis           *local.Redis
	parts           closers
	direct, proxied Addresses
}

// StartLocal starts the engines with their data in a folder, each behind its proxies.
func StartLocal(ctx context.Context, dir string, log *slog.Logger) (_ Engines, err error) {
	e := &localEngines{proxies: proxies{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.Close())
		}
	}()
	if err := e.startKafka(ctx, filepath.Join(dir, "kafka"), log); err != nil {
		return nil, err
	}
	registry, err := local.StartRegistry(ctx, local.RegistryConfig{Dir: filepath.Join(dir, "registry"),
		Brokers: e.kafka.Brokers(), Log: log})
	if err != nil {
		return nil, err
	}
	e.parts = append(e.parts, registry.Close)
	if e.postgres, err = local.StartPostgres(ctx, local.PostgresConfig{Dir: filepath.Join(dir, "postgres"),
		Log: log}); err != nil {
		return nil, err
	}
	e.parts = append(e.parts, e.postgres.Close)
	if e.redis, err = local.StartRedis(ctx, local.RedisConfig{Dir: filepath.Join(dir, "redis"), Log: log}); err != nil {
		return nil, err
	}
	e.parts = append(e.parts, e.redis.Close)
	e.direct = Addresses{e.kafka.Brokers(), registry.URL(), e.postgres.URL(), e.redis.URLs()}
	return e, e.putProxies()
}

// startKafka starts the brokers. Their metadata must name the proxies, so these are opened first.
func (e *localEngines) startKafka(ctx context.Context, dir string, log *slog.Logger) (err error) {
	for range nodes {
		p, err := proxy.Listen("127.0.0.1:0")
		if err != nil {
			return err
		}
		e.proxies[Kafka] = append(e.proxies[Kafka], p)
		e.proxied.Brokers = append(e.proxied.Brokers, p.Addr())
	}
	e.kafka, err = local.StartKafka(ctx, local.KafkaConfig{Dir: dir, Nodes: nodes, Proxied: e.proxied.Brokers,
		Log: log})
	if err != nil {
		return err
	}
	e.parts = append(e.parts, e.kafka.Close)
	for i, p := range e.proxies[Kafka] {
		p.Serve(func() string { return e.kafka.Behind(i) })
	}
	return nil
}

// putProxies puts proxies before Postgres and Redis. The registry has none: once a role has the schemas, it rarely
// asks.
func (e *localEngines) putProxies() (err error) {
	e.proxied.Registry = e.direct.Registry
	if e.proxied.Postgres, err = e.openProxy(Postgres, e.direct.Postgres); err != nil {
		return err
	}
	for _, url := range e.direct.Redis {
		through, err := e.openProxy(Redis, url)
		if err != nil {
			return err
		}
		e.proxied.Redis = append(e.proxied.Redis, through)
	}
	return nil
}

func (e *localEngines) Direct() Addresses  { return e.direct }
func (e *localEngines) Proxied() Addresses { return e.proxied }
func (e *localEngines) Replication() int   { return nodes }

func (e *localEngines) Crash(part Part, node int) error {
	switch part {
	case Kafka:
		return e.kafka.Kill(node)
	case Postgres:
		return e.postgres.Kill()
	case Redis:
		return e.redis.Kill()
	default:
		return fmt.Errorf("crash %s: %w", part, ErrUnsupported)
	}
}

func (e *localEngines) Stop(ctx context.Context, part Part, node int) error {
	if part != Kafka {
		return fmt.Errorf("stop %s: %w", part, ErrUnsupported)
	}
	return e.kafka.Stop(ctx, node)
}

func (e *localEngines) Start(ctx context.Context, part Part, node int) error {
	switch part {
	case Kafka:
		return e.kafka.Start(ctx, node)
	case Postgres:
		return e.postgres.Start(ctx)
	case Redis:
		return e.redis.Start(ctx)
	default:
		return fmt.Errorf("start %s: %w", part, ErrUnsupported)
	}
}

func (e *localEngines) Close() error { return errors.Join(e.closeAll(), e.parts.closeAll()) }
