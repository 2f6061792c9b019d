package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// KafkaConfig says where the embedded broker lives.
type KafkaConfig struct {
	Dir string // data folder

	// Listen is the broker's address; port 0 takes a free one. Default 127.0.0.1:0.
	Listen string

	// SessionTimeout is how long a group waits for a silent member. Too short and a busy machine loses members, too
	// long and partitions of a killed process stand still. Default 6 s.
	SessionTimeout time.Duration

	// MaxMessageBytes is the largest batch that a client may send. Default 4 MiB.
	MaxMessageBytes int

	// SyncWrites flushes each batch to the disk, against the loss of power. A killed process loses nothing without it.
	SyncWrites bool
}

func (c KafkaConfig) withDefaults() KafkaConfig {
	c.Listen = cmp.Or(c.Listen, "127.0.0.1:0")
	c.SessionTimeout = cmp.Or(c.SessionTimeout, 6*time.Second)
	c.MaxMessageBytes = cmp.Or(c.MaxMessageBytes, 4<<20)
	return c
}

// Kafka is one broker with its data in a folder.
type Kafka struct {
	dir     *folder
	cluster *kfake.Cluster
	journal *journal
	space   *spaceGuard
	address string
	mended  Mended

	broker *brokerLog // what the broker logs
}

// StartKafka opens the broker. After a kill it first mends the log (see mend), so that each transaction that was open
// is either committed everywhere or aborted everywhere. Then it compacts, and only then it lets clients in.
func StartKafka(ctx context.Context, cfg KafkaConfig, log *slog.Logger) (_ *Kafka, err error) {
	cfg = cfg.withDefaults()
	dir, err := openFolder(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("start embedded Kafka: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start embedded Kafka: %w", err), dir.unlockFolder())
		}
	}()
	door, err := openDoor(cfg.Listen)
	if err != nil {
		return nil, err
	}
	k := &Kafka{dir: dir, address: door.Addr().String(), space: newSpaceGuard(dir)}
	k.broker = &brokerLog{log: log, space: k.space}
	pending, err := k.prepare(log)
	if err != nil {
		return nil, errors.Join(err, door.Close())
	}
	if k.cluster, err = kfake.NewCluster(k.options(cfg, door)...); err != nil {
		return nil, errors.Join(err, door.Close())
	}
	k.space.watchRequests(k.cluster) // before the journal: it writes nothing of what is refused
	k.journal = keepJournal(k.cluster, dir.filePath(journalName))
	if err = k.settleCommit(ctx, door, pending); err != nil {
		k.cluster.Close()
		return nil, err
	}
	if k.mended.Killed {
		log.Warn("embedded Kafka had not saved its state, for its process was killed or got a second signal: its log "+
			"is "+
			"mended, and has all that was acknowledged", "committed", k.mended.Committed, "aborted", k.mended.Aborted,
			"cut_batches", k.mended.Cut)
	}
	debug.FreeOSMemory() // to load the log the broker reads all of it: as much memory as it is long, for a moment
	door.openDoor()
	return k, nil
}

// prepare brings the files of a killed broker in order, before the broker reads them.
func (k *Kafka) prepare(log *slog.Logger) (pending *commit, err error) {
	aside, err := setAside(k.dir)
	if err != nil {
		return nil, fmt.Errorf("set aside a log that lost writes: %w", err)
	}
	if aside != "" {
		log.Warn("the log of embedded Kafka lost writes, as its disk was full: it begins anew, and files are folded "+
			"anew",
			"folder", aside)
	}
	if err := undoCompaction(k.dir); err != nil {
		return nil, fmt.Errorf("undo a compaction that was cut off: %w", err)
	}
	killed, err := k.dir.markOpen()
	if err != nil || !killed {
		return nil, err
	}
	pending, err = readJournal(k.dir.filePath(journalName))
	if err != nil {
		return nil, err
	}
	if k.mended, err = mendLog(k.dir.filePath(logName), pending); err != nil {
		return nil, fmt.Errorf("mend the log of a killed broker: %w", err)
	}
	return pending, nil
}

// logName is the broker's own folder in the data folder.
const logName = "log"

func (k *Kafka) options(cfg KafkaConfig, door *door) []kfake.Opt {
	session := strconv.FormatInt(cfg.SessionTimeout.Milliseconds(), 10)
	heartbeat := strconv.FormatInt(max(cfg.SessionTimeout.Milliseconds()/6, 100), 10)
	options := []kfake.Opt{
		kfake.NumBrokers(1),
		kfake.ClusterID("touchline-embedded"),
		kfake.DataDir(k.dir.filePath(logName)),
		kfake.ListenFn(func(string, string) (net.Listener, error) { return door, nil }),
		kfake.WithLogger(k.broker),
		kfake.GroupMinSessionTimeout(time.Second),
		kfake.BrokerConfigs(map[string]string{
			"default.replication.factor":           "1",
			"group.consumer.heartbeat.interval.ms": heartbeat,
			"group.consumer.session.timeout.ms":    session,
			"group.min.session.timeout.ms":         "1000",
			"message.max.bytes":                    strconv.Itoa(cfg.MaxMessageBytes),
			"log.retention.ms":                     "-1",
			"offsets.retention.minutes":            strconv.Itoa(math.MaxInt32), // a laptop may sleep for a month
			"log.segment.bytes":                    strconv.Itoa(16 << 20),
			// Never while clients are in: compaction takes the values of open transactions for committed ones, so an
			// abort would leave a key with neither; and it removes segments before it writes them anew. See compact.
			"log.cleaner.backoff.ms": strconv.FormatInt(int64(10*365*24*time.Hour/time.Millisecond), 10),
		}),
	}
	if cfg.SyncWrites {
		options = append(options, kfake.SyncWrites())
	}
	return options
}

// Brokers returns the address to start clients with.
func (k *Kafka) Brokers() []string { return []string{k.address} }

// Cluster returns the broker itself, for tests that inject faults.
func (k *Kafka) Cluster() *kfake.Cluster { return k.cluster }

// Mended says what the start had to mend.
func (k *Kafka) Mended() Mended { return k.mended }

// AwaitFailure returns nil when ctx is done, or why the broker takes no more records before that: its disk is full.
func (k *Kafka) AwaitFailure(ctx context.Context) error {
	select {
	case <-k.space.failed:
		return k.space.err
	case <-ctx.Done():
		return nil
	}
}

// Stop saves all and frees the folder. Clients are cut off. It waits for the save at most until ctx ends. After an
// error the folder is that of a killed broker: the next start mends it.
func (k *Kafka) Stop(ctx context.Context) error {
	saved := make(chan struct{})
	go func() { k.cluster.Close(); close(saved) }()
	select {
	case <-saved:
	case <-ctx.Done():
		return fmt.Errorf("stop embedded Kafka: %w", context.Cause(ctx))
	}
	err := k.broker.saveError()
	if err == nil {
		if err = k.dir.markClosed(); errors.Is(err, os.ErrNotExist) {
			err = nil // a note that writes were lost has taken its place
		}
	}
	if err = errors.Join(err, k.journal.closeJournal(), k.dir.unlockFolder()); err != nil {
		return fmt.Errorf("stop embedded Kafka: %w", err)
	}
	return nil
}

// brokerLog passes on what the broker logs, and keeps what it tells nowhere else: that a write failed, and that its
// state could not be saved at the end.
type brokerLog struct {
	log   *slog.Logger
	space *spaceGuard

	mu      sync.Mutex
	unsaved []error
}

// Logf keeps the broker's warnings at debug: they tell of requests that clients retry.
func (l *brokerLog) Logf(level kfake.LogLevel, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if format == "persist to disk: %v" || format == "save session state: %v" { // only a stop logs these
		l.mu.Lock()
		defer l.mu.Unlock()
		l.unsaved = append(l.unsaved, errors.New(text))
		return
	}
	l.space.noteBrokerMessage(format, args)
	at := slog.LevelDebug
	if level == kfake.LogLevelError {
		at = slog.LevelError
	}
	if level <= kfake.LogLevelWarn && l.log.Enabled(context.Background(), at) {
		l.log.Log(context.Background(), at, "kafka: "+text)
	}
}

// saveError returns why the broker's state could not be saved when it was stopped.
func (l *brokerLog) saveError() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.unsaved) == 0 {
		return nil
	}
	return fmt.Errorf("its state could not be saved, the next start mends the log: %w", errors.Join(l.unsaved...))
}
