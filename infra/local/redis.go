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

	"github.com/redis/go-redis/v9"

	"github.com/touchline/touchline/infra/machine"
)

// RedisConfig says whether one node runs or a Cluster.
type RedisConfig struct {
	Dir     string // log, and a Cluster's list of nodes
	Cluster bool   // three masters, without replicas; default is one node that is no Cluster

	Log *slog.Logger // default slog.Default()
}

// Redis is a Redis server or a Cluster of three. It keeps nothing: a killed one comes back empty, but a Cluster's nodes
// remember who has which slots.
type Redis struct {
	nodes   []*process
	ports   []int
	cluster bool
}

// clusterSlots is the number of hash slots that the masters of a Cluster share.
const clusterSlots = 16384

// StartRedis returns when each node answers and, of a Cluster, each one knows who has which slot.
func StartRedis(ctx context.Context, cfg RedisConfig) (_ *Redis, err error) {
	r := &Redis{cluster: cfg.Cluster}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start Redis: %w", err), r.Close())
		}
	}()
	if cfg.Dir == "" {
		return nil, errors.New("no Dir: name a folder for the log")
	}
	server, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, errors.New("redis-server is needed: install it (Debian: apt-get install redis-server)")
	}
	nodes := 1
	if cfg.Cluster {
		nodes = 3
	}
	ports, err := freePorts(2 * nodes)
	if err != nil {
		return nil, err
	}
	r.ports = ports[:nodes]
	for i := range nodes {
		dir, err := filepath.Abs(filepath.Join(cfg.Dir, fmt.Sprint("node-", i)))
		if err != nil {
			return nil, err
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
		args := []string{"--bind", loopback, "--port", strconv.Itoa(ports[i]), "--dir", dir, "--save", "",
			"--appendonly", "no",
			"--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru"}
		if cfg.Cluster {
			args = append(args, "--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(ports[nodes+i]),
				"--cluster-node-timeout", "2000")
		}
		r.nodes = append(r.nodes, &process{name: fmt.Sprint("Redis node ", i), log: filepath.Join(dir, "redis.log"),
			command: func() *exec.Cmd {
				cmd := exec.Command(server, args...)
				cmd.SysProcAttr = machine.TiedAttributes(syscall.SIGKILL)
				return cmd
			}})
	}
	if err := r.startNodes(ctx); err != nil {
		return nil, err
	}
	if err := r.makeCluster(ctx, ports[nodes:]); err != nil {
		return nil, err
	}
	if err := r.awaitWholeCluster(ctx); err != nil {
		return nil, err
	}
	cmp.Or(cfg.Log, slog.Default()).Info("Redis serves", "urls", r.URLs(), "cluster", cfg.Cluster)
	return r, nil
}

// URLs returns the addresses of all nodes.
func (r *Redis) URLs() []string {
	var urls []string
	for _, port := range r.ports {
		urls = append(urls, "redis://"+address(port))
	}
	return urls
}

// Kill ends all nodes as a power cut would, with all that they hold.
func (r *Redis) Kill() error {
	var errs []error
	for _, n := range r.nodes {
		errs = append(errs, n.killProcess())
	}
	return errors.Join(errs...)
}

// Start starts all nodes after Kill, on the same ports, and returns when they serve.
func (r *Redis) Start(ctx context.Context) error {
	if err := r.startNodes(ctx); err != nil {
		return err
	}
	return r.awaitWholeCluster(ctx)
}

// Close ends all nodes.
func (r *Redis) Close() error {
	var errs []error
	for _, n := range r.nodes {
		errs = append(errs, n.closeProcess())
	}
	return errors.Join(errs...)
}

// startNodes starts the processes and waits until each answers.
func (r *Redis) startNodes(ctx context.Context) error {
	for _, n := range r.nodes {
		if err := n.startProcess(); err != nil {
			return err
		}
	}
	return r.eachNode(func(n *process, c *redis.Client) error {
		return n.awaitReady(ctx, func(ctx context.Context) error { return c.Ping(ctx).Err() })
	})
}

// makeCluster makes a Cluster of the nodes: each gets a third of the slots and meets the first. bus are the nodes'
// ports for each other.
func (r *Redis) makeCluster(ctx context.Context, bus []int) error {
	if !r.cluster {
		return nil
	}
	i := -1
	return r.eachNode(func(n *process, c *redis.Client) error {
		i++
		share := clusterSlots / len(r.nodes)
		last := (i+1)*share - 1
		if i == len(r.nodes)-1 {
			last = clusterSlots - 1
		}
		if err := c.ClusterAddSlotsRange(ctx, i*share, last).Err(); err != nil {
			return fmt.Errorf("give slots to %s: %w", n.name, err)
		}
		if err := c.Do(ctx, "CLUSTER", "MEET", loopback, r.ports[0], bus[0]).Err(); err != nil {
			return fmt.Errorf("let %s join the Cluster: %w", n.name, err)
		}
		return nil
	})
}

// awaitWholeCluster waits until each node of a Cluster sees all slots served and all masters.
func (r *Redis) awaitWholeCluster(ctx context.Context) error {
	if !r.cluster {
		return nil
	}
	return r.eachNode(func(n *process, c *redis.Client) error {
		return n.awaitReady(ctx, func(ctx context.Context) error {
			info, err := c.ClusterInfo(ctx).Result()
			if err != nil {
				return err
			}
			for _, want := range []string{"cluster_state:ok", "cluster_slots_ok:" + strconv.Itoa(clusterSlots),
				"cluster_size:" + strconv.Itoa(len(r.nodes))} {
				if !strings.Contains(info, want) {
					return fmt.Errorf("%s is not true yet", want)
				}
			}
			return nil
		})
	})
}

func (r *Redis) eachNode(do func(*process, *redis.Client) error) error {
	for i, n := range r.nodes {
		client := redis.NewClient(&redis.Options{Addr: address(r.ports[i])})
		if err := errors.Join(do(n, client), client.Close()); err != nil {
			return err
		}
	}
	return nil
}
