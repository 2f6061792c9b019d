package worker

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/control"
)

// Config is what a worker needs to know. Zero values mean the default.
type Config struct {
	// Client options that reach the brokers: seed brokers, TLS, SASL, hooks. Required: at least the seed brokers.
	Client []kgo.Opt

	// Instance names this process among all that run the same chain; a restart must use the same name, which fences
	// what the process left behind. Two processes with one name stop each other. Required.
	Instance string

	// Worker numbers the workers of one process that run the same chain, from 0.
	Worker int

	// Partitions of the line's topics. Default wire.DefaultPartitions. Fixed for the life of a version.
	Partitions int32

	// MaxBatch is the greatest number of input records in one transaction. Too few wastes commits when catching up; too
	// many makes batches that outlast BatchTime and are halved. Default 4,000.
	MaxBatch int

	// BatchTime is how long the folding of one batch may take before it is aborted and retried with half the records.
	// Must be well under TransactionTimeout. Default 2 s.
	BatchTime time.Duration

	// TransactionTimeout is when the broker aborts a transaction whose worker is gone. Until then a killed worker's
	// outputs hold back readers of its partitions. Default 5 s.
	TransactionTimeout time.Duration

	// SessionTimeout is when the group gives a silent worker's partitions to others. Default 6 s, Kafka's least. Where
	// the broker assigns partitions itself (KIP-848), it is the broker's group.consumer.session.timeout.ms that counts.
	SessionTimeout time.Duration

	// Control is what operators say of the stages: a paused one takes no input. Nil: nobody pauses.
	Control *control.Control

	// NoStandby leaves out the warm copies of the state of partitions that other workers have. With them every worker
	// holds the whole state of its stage in memory, and takes a partition over without reading its changelog anew.
	NoStandby bool

	// StopTimeout bounds the commit of the last batch after Run was asked to stop. Default 10 s.
	StopTimeout time.Duration
}

func (c Config) withDefaults() Config {
	or := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	if c.Partitions == 0 {
		c.Partitions = wire.DefaultPartitions
	}
	if c.MaxBatch == 0 {
		c.MaxBatch = 4000
	}
	or(&c.BatchTime, 2*time.Second)
	or(&c.TransactionTimeout, 5*time.Second)
	or(&c.SessionTimeout, 6*time.Second)
	or(&c.StopTimeout, 10*time.Second)
	return c
}

func (c Config) validate() error {
	var errs []error
	if len(c.Client) == 0 {
		errs = append(errs, errors.New("no Kafka client options: set TOUCHLINE_KAFKA_BROKERS"))
	}
	if c.Instance == "" {
		errs = append(errs, errors.New("no instance name: set TOUCHLINE_INSTANCE to a name that is unique among "+
			"running processes and survives a restart"))
	}
	if c.BatchTime >= c.TransactionTimeout {
		errs = append(errs, fmt.Errorf("a batch may take %v but its transaction times out after %v: lower the batch "+
			"time", c.BatchTime, c.TransactionTimeout))
	}
	return errors.Join(errs...)
}

// transactionalID is "touchline.v1.features.host-0.0": installation, version, chain, instance, worker.
func (c Config) transactionalID(chain streams.Chain) string {
	return fmt.Sprintf("%s.%s.%d", chain.Group(), c.Instance, c.Worker)
}

// Worker runs one chain on one Kafka client. Create it with New; it is used by one Run.
type Worker struct {
	cfg     Config
	chain   streams.Chain
	serde   *wire.Serde
	log     *slog.Logger
	metrics *Metrics
	copies  *replicas
	fenced  time.Time // when a young transaction of ours was last fenced
	ready   chan struct{}
}

// New returns a worker of the chain, or what is wrong with the settings. The serde must have the schemas of the
// chain registered: see Register.
func New(cfg Config, chain streams.Chain, serde *wire.Serde, log *slog.Logger, metrics *Metrics) (*Worker, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	metrics.startAtZero(chain)
	chain = chain.OnPartitions(cfg.Partitions)
	return &Worker{
		cfg: cfg, chain: chain, serde: serde, metrics: metrics,
		log:    log.With("stage", chain.Name(), "instance", cfg.Instance, "worker", cfg.Worker),
		copies: newReplicas(), ready: make(chan struct{}),
	}, nil
}

// Ready is closed when the worker has restored its first assignment and folds records.
func (w *Worker) Ready() <-chan struct{} { return w.ready }
