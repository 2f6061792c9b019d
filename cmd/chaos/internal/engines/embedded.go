package engines

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/touchline/touchline/infra/embedded"
)

// embeddedEngines are the parts of `touchline up`, in this process. Its broker has one node and no proxy, and nothing
// of it crashes: it is for trying the harness where there is no Kafka.
type embeddedEngines struct {
	proxies
	direct, proxied Addresses
	parts           closers
}

// StartEmbedded starts the embedded parts with their data in a folder.
func StartEmbedded(ctx context.Context, dir string, log *slog.Logger) (_ Engines, err error) {
	e := &embeddedEngines{proxies: proxies{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.Close())
		}
	}()
	kafka, err := embedded.StartKafka(ctx, embedded.KafkaConfig{Dir: filepath.Join(dir, "kafka")}, log)
	if err != nil {
		return nil, err
	}
	e.parts = append(e.parts, patiently(kafka.Stop))
	registry, err := embedded.StartRegistry(ctx, embedded.RegistryConfig{Dir: filepath.Join(dir, "registry")}, log)
	if err != nil {
		return nil, err
	}
	e.parts = append(e.parts, patiently(registry.Stop))
	postgres, err := embedded.StartPostgres(ctx, embedded.PostgresConfig{Dir: filepath.Join(dir, "postgres")}, log)
	if err != nil {
		return nil, err
	}
	e.parts = append(e.parts, patiently(postgres.Stop))
	redis, err := embedded.StartRedis(ctx, embedded.RedisConfig{})
	if err != nil {
		return nil, err
	}
	e.parts = append(e.parts, patiently(redis.Stop))
	e.direct = Addresses{kafka.Brokers(), registry.URL(), postgres.URL(), []string{redis.URL()}}
	e.proxied = e.direct
	if e.proxied.Postgres, err = e.openProxy(Postgres, e.direct.Postgres); err != nil {
		return nil, err
	}
	url, err := e.openProxy(Redis, redis.URL())
	e.proxied.Redis = []string{url}
	return e, err
}

func patiently(stop func(context.Context) error) func() error {
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		return stop(ctx)
	}
}

func (e *embeddedEngines) Direct() Addresses  { return e.direct }
func (e *embeddedEngines) Proxied() Addresses { return e.proxied }
func (e *embeddedEngines) Replication() int   { return 1 }

func (e *embeddedEngines) Crash(part Part, _ int) error {
	return fmt.Errorf("crash embedded %s: %w", part, ErrUnsupported)
}

func (e *embeddedEngines) Stop(_ context.Context, part Part, _ int) error {
	return fmt.Errorf("stop embedded %s: %w", part, ErrUnsupported)
}

func (e *embeddedEngines) Start(context.Context, Part, int) error { return nil }

func (e *embeddedEngines) Close() error { return errors.Join(e.closeAll(), e.parts.closeAll()) }
