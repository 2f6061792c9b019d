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
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/machine"
)

// KafkaConfig says how many nodes run and where.
type KafkaConfig struct {
	Dir     string // data and logs; made if missing, reused with its data but not with its ports
	Nodes   int    // 1 or 3, each broker and controller; default 1
	HeapMiB int    // of a node; default 320, less than 200 makes it collect garbage most of the time

	// Proxied are the addresses of the caller's TCP proxies, one a node. Each node then opens a second listener for
	// clients (see Kafka.Behind), and metadata asked for through it names these addresses, so a client that starts from
	// a proxy never learns of a way around it. Without them there is no second listener.
	Proxied []string

	Log *slog.Logger // default slog.Default()

	dumping bool // write the archive of classes
}

func (c KafkaConfig) withDefaults() KafkaConfig {
	c.Nodes, c.HeapMiB, c.Log = cmp.Or(c.Nodes, 1), cmp.Or(c.HeapMiB, 320), cmp.Or(c.Log, slog.Default())
	return c
}

func (c KafkaConfig) validate() error {
	var errs []error
	if c.Dir == "" {
		errs = append(errs, errors.New("no Dir: name a folder for data and logs"))
	}
	if c.Nodes != 1 && c.Nodes != 3 {
		errs = append(errs, fmt.Errorf("the number of Nodes is %d: 1 or 3, for two lose their quorum with either",
			c.Nodes))
	}
	if len(c.Proxied) != 0 && len(c.Proxied) != c.Nodes {
		errs = append(errs, fmt.Errorf("%d addresses are Proxied: give one a node, %d", len(c.Proxied), c.Nodes))
	}
	return errors.Join(errs...)
}

// Kafka is a cluster of Apache Kafka in KRaft mode. Its methods may be called from several goroutines, but only one at
// a time for one node.
type Kafka struct {
	cfg   KafkaConfig
	nodes []*kafkaNode
}

type kafkaNode struct {
	process
	id                      int
	direct, behind, control int // ports
	dir, config, data       string
}

// StartKafka starts the nodes and returns when every one answers, is known to all the others and is not fenced. The
// first call on a machine fetches Kafka, which takes as long as 70 MB do.
func StartKafka(ctx context.Context, cfg KafkaConfig) (_ *Kafka, err error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("start Kafka: %w", err)
	}
	k := &Kafka{cfg: cfg}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start Kafka: %w", err), k.Close())
		}
	}()
	if err := k.prepare(ctx); err != nil {
		return nil, err
	}
	for _, n := range k.nodes {
		if err := n.startProcess(); err != nil {
			return nil, err
		}
	}
	for _, n := range k.nodes {
		if err := n.awaitReady(ctx, n.checkServing(len(k.nodes))); err != nil {
			return nil, err
		}
	}
	cfg.Log.Info("Kafka serves", "brokers", k.Brokers())
	return k, nil
}

// prepare writes each node's settings and gives its data folder the cluster's identity.
func (k *Kafka) prepare(ctx context.Context) error {
	dir, err := filepath.Abs(k.cfg.Dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	log4j := filepath.Join(dir, "log4j2.properties")
	if err := os.WriteFile(log4j, []byte(logging), 0o644); err != nil {
		return err
	}
	run, err := kafkaJVM(ctx, k.cfg.HeapMiB, k.cfg.dumping)
	if err != nil {
		return err
	}
	run.options = append(run.options, "-Dlog4j2.configurationFile="+log4j)
	ports, err := freePorts(3 * k.cfg.Nodes)
	if err != nil {
		return err
	}
	for i := range k.cfg.Nodes {
		n := &kafkaNode{id: i, direct: ports[3*i], behind: ports[3*i+1], control: ports[3*i+2],
			dir: filepath.Join(dir, fmt.Sprint("node-", i))}
		n.config, n.data = filepath.Join(n.dir, "server.properties"), filepath.Join(n.dir, "data")
		n.name, n.log = fmt.Sprint("Kafka node ", i), filepath.Join(n.dir, "server.log")
		n.command = func() *exec.Cmd { return run.command("kafka.Kafka", n.config) }
		k.nodes = append(k.nodes, n)
	}
	tool := run
	tool.dump = false
	return k.formatStorage(ctx, tool)
}

// kafkaJVM returns what Kafka's programs run with. The first time on a machine it lets a node write an archive of its
// loaded classes, with which the later ones start with half of the work.
func kafkaJVM(ctx context.Context, heapMiB int, dumping bool) (jvm, error) {
	java, err := findJava(ctx)
	if err != nil {
		return jvm{}, err
	}
	dir, err := fetched(ctx, "kafka")
	if err != nil {
		return jvm{}, err
	}
	jars, err := filepath.Glob(filepath.Join(dir, "engine", "*.jar"))
	if err != nil {
		return jvm{}, err
	}
	run := jvm{java: java, options: []string{"-cp", strings.Join(jars, string(filepath.ListSeparator))},
		heapMiB: heapMiB,
		archive: filepath.Join(dir, "classes.jsa"), dump: dumping}
	if dumping {
		return run, nil
	}
	return run, run.archived(func(scratch string) error {
		k, err := StartKafka(ctx, KafkaConfig{Dir: scratch, HeapMiB: heapMiB, Log: slog.New(slog.DiscardHandler),
			dumping: true})
		if err != nil {
			return err
		}
		return errors.Join(k.Stop(ctx, 0), k.Close()) // the archive is written at the end
	})
}

// formatStorage lets the nodes' folders be made by Kafka's own tool, all at once.
func (k *Kafka) formatStorage(ctx context.Context, run jvm) error {
	errs := make([]error, len(k.nodes))
	var all sync.WaitGroup
	for i, n := range k.nodes {
		if err := n.configure(k); err != nil {
			return err
		}
		all.Go(func() {
			cmd := run.command("kafka.tools.StorageTool", "format", "--ignore-formatted", "--cluster-id", clusterID,
				"--config", n.config)
			ended := make(chan error, 1)
			out, err := os.Create(filepath.Join(n.dir, "format.log"))
			if err != nil {
				errs[i] = err
				return
			}
			defer out.Close()
			cmd.Stdout, cmd.Stderr = out, out
			if err := machine.StartTied(cmd, func(err error) { ended <- err }); err != nil {
				errs[i] = err
				return
			}
			if err := <-ended; err != nil {
				errs[i] = fmt.Errorf("format the folder of %s: %w:\n%s", n.name, err, logTail(out.Name()))
			}
		})
	}
	all.Wait()
	return errors.Join(append(errs, context.Cause(ctx))...)
}

// Brokers returns the addresses that clients start from, in the order of the nodes.
func (k *Kafka) Brokers() []string {
	var brokers []string
	for _, n := range k.nodes {
		brokers = append(brokers, address(n.direct))
	}
	return brokers
}

// Behind returns the address of the node's second listener, which the proxy of KafkaConfig.Proxied dials, or "" when
// there are no proxies. Nodes count from 0.
func (k *Kafka) Behind(node int) string {
	if len(k.cfg.Proxied) == 0 {
		return ""
	}
	return address(k.nodes[node].behind)
}

// Kill ends the node as a power cut would, and returns when it is gone.
func (k *Kafka) Kill(node int) error { return k.nodes[node].killProcess() }

// Stop lets the node hand over what it leads and end; when ctx ends first, it is killed.
func (k *Kafka) Stop(ctx context.Context, node int) error {
	return k.nodes[node].stopProcess(ctx, syscall.SIGTERM)
}

// Start starts a node that was killed or stopped, with the same data and ports, and returns when it answers.
func (k *Kafka) Start(ctx context.Context, node int) error {
	n := k.nodes[node]
	if err := n.startProcess(); err != nil {
		return err
	}
	return n.awaitReady(ctx, n.checkServing(1))
}

// Pause stops the node's clock, as a long garbage collection or a stalled disk does: connections stay open, nothing is
// answered.
func (k *Kafka) Pause(node int) error { return k.nodes[node].sendSignal(syscall.SIGSTOP, false) }

// Resume lets a paused node go on.
func (k *Kafka) Resume(node int) error { return k.nodes[node].sendSignal(syscall.SIGCONT, false) }

// Close kills all nodes, for nothing is kept of them. The data stays in the folder.
func (k *Kafka) Close() error {
	var errs []error
	for _, n := range k.nodes {
		errs = append(errs, n.closeProcess())
	}
	return errors.Join(errs...)
}

// checkServing returns a check that the node answers and knows itself and as many brokers as there should be. Brokers
// stand in the metadata only while they are registered and not fenced.
func (n *kafkaNode) checkServing(brokers int) func(context.Context) error {
	return func(ctx context.Context) error {
		client, err := kgo.NewClient(kgo.SeedBrokers(address(n.direct)), kgo.RequestRetries(0),
			kgo.DialTimeout(time.Second),
			kgo.RetryTimeout(2*time.Second))
		if err != nil {
			return err
		}
		defer client.Close()
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		meta, err := kadm.NewClient(client).BrokerMetadata(ctx)
		if err != nil {
			return err
		}
		known := false
		for _, b := range meta.Brokers {
			known = known || int(b.NodeID) == n.id
		}
		if !known || len(meta.Brokers) < brokers || meta.Controller < 0 {
			return fmt.Errorf("it knows %d brokers, want %d and itself among them", len(meta.Brokers), brokers)
		}
		return nil
	}
}
