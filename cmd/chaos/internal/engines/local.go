package engines

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"

	"github.com/touchline/touchline/cmd/chaos/internal/proxy"
	"github.com/touchline/touchline/infra/local"
)

// Nodes is the number of Kafka's nodes.
const nodes = 3

// localEngines are real engines on this machine.
type localEngines struct {
	proxies
	kafka *local.Kafka
	other *embeddedEngines

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
	if err := e.startKafka(ctx, dir, log); err != nil {
		return nil, err
	}
	other, err := StartEmbedded(ctx, dir, log)
	if err != nil {
		return nil, err
	}
	e.other = other.(*embeddedEngines)
	e.direct, e.proxied = e.other.direct, e.other.proxied
	e.direct.Brokers = e.kafka.Brokers()
	for _, p := range e.proxies[Kafka] {
		e.proxied.Brokers = append(e.proxied.Brokers, p.Addr())
	}
	e.proxied.Brokers = e.proxied.Brokers[1:]
	e.proxies[Postgres], e.proxies[Redis] = e.other.proxies[Postgres], e.other.proxies[Redis]
	return e, nil
}

// startKafka starts the brokers. Metadata must name the proxies, so these are opened first.
func (e *localEngines) startKafka(ctx context.Context, dir string, log *slog.Logger) (err error) {
	var listening []*proxy.Proxy
	var addresses []string
	for range nodes {
		p, err := proxy.Listen("127.0.0.1:0")
		if err != nil {
			return err
		}
		listening, addresses = append(listening, p), append(addresses, p.Addr())
	}
	e.proxies[Kafka] = listening
	e.kafka, err = local.StartKafka(ctx, local.KafkaConfig{Dir: filepath.Join(dir, "kafka-nodes"), Nodes: nodes, Proxied: addresses, Log: log})
	if err != nil {
		return err
	}
	for i, p := range listening {
		p.Serve(func() string { return e.kafka.Behind(i) })
	}
	return nil
}

func (e *localEngines) Direct() Addresses  { return e.direct }
func (e *localEngines) Proxied() Addresses { return e.proxied }
func (e *localEngines) Replication() int   { return nodes }

func (e *localEngines) Crash(part Part, node int) error {
	if part == Kafka {
		return e.kafka.Kill(node)
	}
	return ErrUnsupported
}

func (e *localEngines) Stop(ctx context.Context, part Part, node int) error {
	if part == Kafka {
		return e.kafka.Stop(ctx, node)
	}
	return ErrUnsupported
}

func (e *localEngines) Start(ctx context.Context, part Part, node int) error {
	if part == Kafka {
		return e.kafka.Start(ctx, node)
	}
	return nil
}

func (e *localEngines) Close() error {
	errs := []error{e.proxies.close()}
	if e.kafka != nil {
		errs = append(errs, e.kafka.Close())
	}
	if e.other != nil {
		errs = append(errs, e.other.Close())
	}
	return errors.Join(errs...)
}
