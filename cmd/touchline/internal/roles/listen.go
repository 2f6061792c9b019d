package roles

import (
	"cmp"
	"context"
	"net"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/touchline/touchline/api"
	"github.com/touchline/touchline/api/gate"
	"github.com/touchline/touchline/api/live"
	"github.com/touchline/touchline/api/rest"
	"github.com/touchline/touchline/cmd/touchline/internal/clients"
	"github.com/touchline/touchline/projections/cache"
	"github.com/touchline/touchline/projections/readmodel"
)

// listen serves the API and the page where the process has that role, and health and metrics in every role.
func (a *app) listen(ctx context.Context) error {
	settings := api.Config{
		Listen:  a.cfg.Listen,
		Origins: a.cfg.CORSOrigins,
		Gate: gate.Config{
			AccessLog:    a.cfg.AccessLog,
			BodyLimit:    int64(a.cfg.BodyLimit),
			ReadTimeout:  a.cfg.RequestTimeout,
			WriteTimeout: a.cfg.WriteTimeout,
		},
	}
	if !a.roles.serve {
		server, err := api.NewOps(settings, a.health.probeAll(), a.log, a.registry)
		if err != nil {
			return err
		}
		return a.announce(ctx, server)
	}
	replicas, err := a.replicas(ctx)
	if err != nil {
		return err
	}
	settings.REST = rest.Config{CacheEntries: cmp.Or(a.cfg.CacheEntries, -1), // 0 is off here, and the default there
		CacheTTL: a.cfg.CacheTTL, DefaultModel: defaultModel, Timeout: a.cfg.RequestTimeout}
	settings.Live = live.Config{CursorKey: []byte(a.cfg.CursorKey.Reveal()), Names: a.current}
	server, err := api.New(settings, api.Deps{
		Kafka: a.kafka, Serde: a.serde, Store: readmodel.New(a.pool, replicas...), Reference: a.ref,
		Logger: a.log, Metrics: a.registry, Tracing: a.tracing,
		Cache:  cache.NewReader(clients.CacheConfig(a.cfg), a.redis),
		Topics: a.prepared, Probes: a.health.probeAll(),
	})
	if err != nil {
		return err
	}
	return a.announce(ctx, server)
}

// listener is a server of either kind.
type listener interface {
	Run(ctx context.Context) error
	Ready() <-chan struct{}
	Addr() net.Addr
}

// announce runs the server and passes its address on once it listens.
func (a *app) announce(ctx context.Context, l listener) error {
	go func() {
		select {
		case <-l.Ready():
			a.listening <- l.Addr().String()
		case <-ctx.Done():
		}
	}()
	return l.Run(ctx)
}

// replicas opens the pools that queries are read from; none means the primary. They close with the process.
func (a *app) replicas(ctx context.Context) ([]*pgxpool.Pool, error) {
	var pools []*pgxpool.Pool
	for _, url := range a.cfg.PostgresReplicaURLs {
		pool, err := clients.OpenPostgres(ctx, a.cfg, url)
		if err != nil {
			return nil, err
		}
		pools = append(pools, pool)
	}
	return pools, nil
}

// defaultModel answers the API's requests that name no model.
const defaultModel = "goals"
