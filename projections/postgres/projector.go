package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/touchline/touchline/infra/retry"
	"github.com/touchline/touchline/projections/cache"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Config holds the projector's settings. Zero values mean the defaults.
type Config struct {
	// Group is the beginning of the consumer groups' names; the topic's local name follows. Default: the installation,
	// ".project." and the schema, as "touchline.project.touchline": projectors of different schemas must not share
	// partitions out among each other.
	Group string
	// Names returns the names of the installation's topics in their current versions; when a name changes, the rows are
	// built anew from the new topic. The installation must not change. Default: the zero Namespace.
	Names func() wire.Namespace
	// MaxBatch is the most records in a transaction. Default 20,000. Less makes a replay slower, more makes a batch
	// that fails dearer; live batches are as small as the feed is quiet.
	MaxBatch int
	// RebalanceTimeout is how long the group waits for a projector to finish its batch when partitions move. Default 30
	// s.
	RebalanceTimeout time.Duration
	// Topics are the topics to follow. Default all: match-events, match-features, predictions, evaluations, outlooks,
	// models, quarantine. A projector of its own for predictions is a way to scale.
	Topics []string
}

func (c Config) withDefaults(pool *pgxpool.Pool) Config {
	if c.Names == nil {
		c.Names = func() wire.Namespace { return wire.Namespace{} }
	}
	c.Group = cmp.Or(c.Group, c.Names().Name()+".project."+schemaOf(pool))
	c.MaxBatch = cmp.Or(c.MaxBatch, 20_000)
	c.RebalanceTimeout = cmp.Or(c.RebalanceTimeout, 30*time.Second)
	return c
}

func (c Config) validate() error {
	var errs []error
	if c.MaxBatch < 1 || c.MaxBatch > 1_000_000 {
		errs = append(errs, fmt.Errorf("MaxBatch is %d: want 1 to 1,000,000 records", c.MaxBatch))
	}
	if c.RebalanceTimeout < time.Second {
		errs = append(errs, fmt.Errorf("RebalanceTimeout is %v: want a second or more", c.RebalanceTimeout))
	}
	return errors.Join(errs...)
}

// follower is a stream, of whatever facts.
type follower interface {
	topicName() string
	followTopic(ctx context.Context) error
	readyChannel() <-chan struct{} // closes once the stream has its partitions for the first time
	checkHealth() error
}

// Projector follows the line's topics and writes the read models. Several share the partitions of a schema.
type Projector struct {
	pool    *pgxpool.Pool
	cache   *cache.Writer
	streams []follower
	logger  *slog.Logger
	ready   chan struct{}
}

// New returns a projector that connects with the Kafka options and writes through the pool, which must come from Open.
// The cache may be nil. Nothing is connected before Run.
func New(cfg Config, kafka []kgo.Opt, serde *wire.Serde, pool *pgxpool.Pool, cache *cache.Writer,
	reference *football.Reference, logger *slog.Logger, registerer prometheus.Registerer) (*Projector, error) {
	cfg = cfg.withDefaults(pool)
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("projector: %w", err)
	}
	metrics, err := newMetrics(registerer)
	if err != nil {
		return nil, fmt.Errorf("projector: %w", err)
	}
	p := &Projector{pool: pool, cache: cache, logger: logger, ready: make(chan struct{})}
	parts := streamParts{cfg: cfg, kafka: kafka, pool: pool, logger: logger, metrics: metrics, now: time.Now}
	now := func() football.Instant { return football.At(time.Now()) }
	for _, stream := range []follower{
		newStream(parts, newEventsProjection(serde, reference)),
		newStream(parts, newFeaturesProjection(serde, reference)),
		newStream(parts, newPredictionsProjection(serde, cache, now)),
		newStream(parts, newEvaluationsProjection(serde)),
		newStream(parts, newOutlooksProjection(serde)),
		newStream(parts, newModelsProjection(serde)),
		newStream(parts, newQuarantineProjection(serde)),
	} {
		if len(cfg.Topics) == 0 || slices.Contains(cfg.Topics, stream.topicName()) {
			p.streams = append(p.streams, stream)
			metrics.startAtZero(stream.topicName())
		}
	}
	if len(p.streams) == 0 {
		return nil, fmt.Errorf("projector: none of the topics %v is one that it can follow", cfg.Topics)
	}
	return p, nil
}

// Run migrates the tables and follows the topics until ctx is done. It returns nil then.
func (p *Projector) Run(ctx context.Context) error {
	waits := retry.New()
	for {
		err := Migrate(ctx, p.pool)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return nil
		}
		p.logger.Warn("tables can't be made, trying again", "error", err)
		_ = waits.Sleep(ctx) // ctx is looked at again
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, s := range p.streams {
		group.Go(func() error { return s.followTopic(ctx) })
	}
	group.Go(func() error {
		for _, s := range p.streams {
			select {
			case <-s.readyChannel():
			case <-ctx.Done():
				return nil
			}
		}
		close(p.ready)
		return nil
	})
	if p.cache != nil {
		group.Go(func() error { return p.cache.Run(ctx, p.warmCache) })
	}
	return group.Wait()
}

// Ready closes once every stream has its partitions for the first time.
func (p *Projector) Ready() <-chan struct{} { return p.ready }

// Healthy says what keeps the projector from writing, if anything: a Postgres or a registry that does not answer.
func (p *Projector) Healthy(context.Context) error {
	select {
	case <-p.ready:
	default:
		if err := p.checkStreams(); err != nil {
			return err
		}
		return errors.New("projector: waiting for its partitions")
	}
	return p.checkStreams()
}

func (p *Projector) checkStreams() error {
	var errs []error
	for _, s := range p.streams {
		errs = append(errs, s.checkHealth())
	}
	return errors.Join(errs...)
}

// warmCache offers the cache every forecast that was written since then: all that a key could be behind of.
func (p *Projector) warmCache(ctx context.Context, since time.Time, put cache.PutForecast) error {
	rows, err := p.pool.Query(ctx, `SELECT t.epoch, l.partition, l.log_offset, l.match, l.model, l.phase, l.frame
		FROM predictions_latest l CROSS JOIN topics t WHERE t.topic = $1 AND l.projected_at >= $2`,
		wire.TopicPredictions, since)
	if err != nil {
		return fmt.Errorf("read the latest forecasts: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		row, err := pgx.RowToStructByName[warmRow](rows)
		if err != nil {
			return fmt.Errorf("read the latest forecasts: %w", err)
		}
		position := wire.Position{Epoch: row.Epoch, Partition: row.Partition, Offset: row.LogOffset}
		put(position, row.Match, row.Model, row.Phase, row.Frame)
	}
	return rows.Err()
}

// warmRow is a forecast as the cache is warmed with it.
type warmRow struct {
	Epoch     int64
	Partition int32
	LogOffset int64
	Match     football.MatchID
	Model     string
	Phase     football.Phase
	Frame     []byte
}
