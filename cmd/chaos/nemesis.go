package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/cmd/chaos/internal/engines"
	"github.com/touchline/touchline/cmd/chaos/internal/plan"
)

// nemesis carries out the plan.
type nemesis struct {
	plan     []plan.Fault
	engines  engines.Engines
	fleet    *fleet
	poison   *poisoner
	findings *findings
	out      io.Writer

	mu     sync.Mutex
	active []plan.Fault
}

// strike is a fault that was carried out: from the blow until everything was said to be well again.
type strike struct {
	plan.Fault
	From, To time.Time
	Skipped  bool // the engines can't break like that
}

// carryOutPlan carries out the plan and returns once the time is over and everything is healed. When ctx is done it
// heals and returns at once.
func (n *nemesis) carryOutPlan(ctx context.Context, length time.Duration) []strike {
	began := time.Now()
	struck := make([]strike, len(n.plan))
	var striking sync.WaitGroup
	for i, fault := range n.plan {
		if !fault.Beside {
			striking.Wait() // healing may take longer than planned: then the next one is late
		}
		if !waitFor(ctx, time.Until(began.Add(fault.At))) {
			break
		}
		if err := n.fleet.watchdog(); err != nil {
			n.findings.addFinding("what ended by itself does not start again: %v", err)
		}
		striking.Go(func() { struck[i] = n.runFault(ctx, fault) })
	}
	striking.Wait()
	waitFor(ctx, time.Until(began.Add(length)))
	return struck
}

// waitFor waits, and reports whether it was not interrupted.
func waitFor(ctx context.Context, d time.Duration) bool {
	if ctx.Err() != nil {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// runFault carries out one fault and heals it.
func (n *nemesis) runFault(ctx context.Context, fault plan.Fault) strike {
	fmt.Fprintln(n.out, "fault:", strings.TrimSpace(fault.String()))
	n.beginFault(fault)
	defer n.endFault(fault)
	s := strike{Fault: fault, From: time.Now()}
	err := n.inflict(ctx, fault)
	s.To = time.Now()
	switch {
	case errors.Is(err, engines.ErrUnsupported):
		s.Skipped = true
	case err != nil && ctx.Err() == nil:
		n.findings.addFinding("%s %s: %v", fault.Kind, fault.Target, err)
	default:
	}
	return s
}

func (n *nemesis) beginFault(fault plan.Fault) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.active = append(n.active, fault)
}

func (n *nemesis) endFault(fault plan.Fault) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range n.active {
		if n.active[i] == fault {
			n.active = append(n.active[:i], n.active[i+1:]...)
			return
		}
	}
}

// current says which faults last.
func (n *nemesis) current() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.active) == 0 {
		return "calm"
	}
	var names []string
	for _, f := range n.active {
		names = append(names, strings.TrimSpace(string(f.Kind)+" "+f.Target))
	}
	return strings.Join(names, " and ")
}

// inflict breaks something for as long as the fault says, heals it, and waits until it is well. A ctx that is done only
// cuts the time short.
func (n *nemesis) inflict(ctx context.Context, f plan.Fault) error {
	switch f.Kind {
	case plan.KillCollect, plan.KillProcess, plan.KillProject, plan.KillServe:
		return n.killRole(ctx, f)
	case plan.FreezeProcess, plan.FreezeProject, plan.FreezeServe:
		return n.freezeRole(ctx, f)
	case plan.AddWorker:
		return n.addWorker(ctx, f)
	case plan.KillBroker, plan.StopBroker, plan.KillPostgres, plan.KillRedis:
		return n.restart(ctx, f)
	case plan.MoveLeaders:
		return n.moveLeaders(ctx)
	case plan.FlushRedis:
		return n.flushRedis(ctx)
	case plan.Poison:
		return n.poison.sendPoison(ctx)
	default:
		return n.disconnect(ctx, f)
	}
}

func (n *nemesis) killRole(ctx context.Context, f plan.Fault) error {
	n.fleet.inspect(ctx, f.Target)
	if err := n.fleet.roleNamed(f.Target).Kill(); err != nil {
		return err
	}
	return n.fleet.reviveRole(ctx, f.Target)
}

func (n *nemesis) freezeRole(ctx context.Context, f plan.Fault) error {
	role := n.fleet.roleNamed(f.Target)
	if err := role.Freeze(); err != nil {
		return err
	}
	waitFor(ctx, f.For)
	if err := role.Thaw(); err != nil {
		return err
	}
	return n.fleet.awaitSettled(ctx, f.Target)
}

func (n *nemesis) addWorker(ctx context.Context, f plan.Fault) error {
	if err := n.fleet.reviveRole(ctx, f.Target); err != nil {
		return err
	}
	waitFor(ctx, f.For)
	n.fleet.inspect(ctx, f.Target)
	return n.fleet.roleNamed(f.Target).Stop(20 * time.Second)
}

// restart ends a part, with or without warning, and brings it back.
func (n *nemesis) restart(ctx context.Context, f plan.Fault) error {
	part, node := engines.Kafka, 0
	switch f.Kind {
	case plan.KillPostgres:
		part = engines.Postgres
	case plan.KillRedis:
		part = engines.Redis
	default:
		if _, err := fmt.Sscan(f.Target, &node); err != nil {
			return fmt.Errorf("broker %q: %w", f.Target, err)
		}
	}
	var err error
	if f.Kind == plan.StopBroker {
		err = n.engines.Stop(ctx, part, node)
	} else {
		err = n.engines.Crash(part, node)
	}
	if err != nil {
		return err
	}
	waitFor(ctx, f.For)
	healing, cancel := context.WithTimeout(context.WithoutCancel(ctx), healPatience)
	defer cancel()
	return n.engines.Start(healing, part, node)
}

// disconnect does something to the connections between the roles and a part.
func (n *nemesis) disconnect(ctx context.Context, f plan.Fault) error {
	verb, part, _ := strings.Cut(string(f.Kind), " ")
	proxies := n.engines.Proxies(engines.Part(part))
	if len(proxies) == 0 {
		return fmt.Errorf("no proxy before %s: %w", part, engines.ErrUnsupported)
	}
	for _, p := range proxies {
		switch verb {
		case "cut":
			p.Cut()
		case "delay":
			p.Delay(f.Delay)
		case "silence":
			p.BlackHole()
		default:
			return fmt.Errorf("no such fault: %s", f.Kind)
		}
	}
	waitFor(ctx, f.For)
	for _, p := range proxies {
		p.Heal()
	}
	return nil
}

// flushRedis empties the cache.
func (n *nemesis) flushRedis(ctx context.Context) error {
	for _, url := range n.engines.Direct().Redis {
		options, err := redis.ParseURL(url)
		if err != nil {
			return err
		}
		client := redis.NewClient(options)
		err = errors.Join(client.FlushAll(ctx).Err(), client.Close())
		if err != nil && !strings.HasPrefix(err.Error(), "READONLY") { // a replica: its master is among the others
			return fmt.Errorf("flush Redis: %w", err)
		}
	}
	return nil
}

// moveLeaders reverses the order of each partition's replicas and elects the first: leadership of every partition
// moves.
func (n *nemesis) moveLeaders(ctx context.Context) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(n.engines.Direct().Brokers...))
	if err != nil {
		return err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	details, err := admin.ListTopics(ctx)
	if err != nil {
		return fmt.Errorf("list the topics: %w", err)
	}
	var move kadm.AlterPartitionAssignmentsReq
	var all kadm.TopicsSet
	for _, topic := range details.Sorted() {
		if topic.IsInternal {
			continue
		}
		for _, p := range topic.Partitions.Sorted() {
			if len(p.Replicas) < 2 {
				return fmt.Errorf("%s has one replica: %w", topic.Topic, engines.ErrUnsupported)
			}
			move.Assign(topic.Topic, p.Partition, append(p.Replicas[1:len(p.Replicas):len(p.Replicas)], p.Replicas[0]))
			all.Add(topic.Topic, p.Partition)
		}
	}
	moved, err := admin.AlterPartitionAssignments(ctx, move)
	if err == nil {
		err = moved.Error()
	}
	if err != nil {
		return fmt.Errorf("order replicas anew: %w", err)
	}
	if _, err := admin.ElectLeaders(ctx, kadm.ElectPreferredReplica, all); err != nil {
		return fmt.Errorf("elect leaders: %w", err)
	}
	return nil
}
