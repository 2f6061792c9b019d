package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/cmd/chaos/internal/feed"
	"github.com/touchline/touchline/cmd/chaos/internal/plan"
	"github.com/touchline/touchline/cmd/chaos/internal/verify"
	"github.com/touchline/touchline/schemas/wire"
)

// withAdmin calls ask with an administrator that connects directly.
func (r *run) withAdmin(ask func(*kadm.Client) error) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(r.engines.Direct().Brokers...))
	if err != nil {
		return err
	}
	defer client.Close()
	return ask(kadm.NewClient(client))
}

// measureLag returns how many records, markers included, the groups of the stages are behind.
func (r *run) measureLag(ctx context.Context) (total int64, err error) {
	err = r.withAdmin(func(admin *kadm.Client) error {
		groups, err := stageGroups(ctx, admin)
		if err != nil {
			return err
		}
		ends, err := admin.ListEndOffsets(ctx, projected()...)
		if err != nil {
			return fmt.Errorf("ask for the ends of the topics: %w", err)
		}
		for _, group := range groups {
			offsets, err := admin.FetchOffsets(ctx, group)
			if err != nil {
				return fmt.Errorf("ask how far %s is: %w", group, err)
			}
			offsets.Each(func(o kadm.OffsetResponse) {
				end, _ := ends.Lookup(o.Topic, o.Partition)
				total += max(0, end.Offset-o.At)
			})
		}
		return nil
	})
	return total, err
}

// stageGroups returns the consumer groups of the stages.
func stageGroups(ctx context.Context, admin *kadm.Client) ([]string, error) {
	listed, err := admin.ListGroups(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the groups: %w", err)
	}
	var names []string
	for _, name := range listed.Groups() {
		if strings.HasPrefix(name, "touchline.v") {
			names = append(names, name)
		}
	}
	return names, nil
}

// drainLine stops the source and waits until all that went in has come out: every stage has folded its input, and the
// tables have taken it.
func (r *run) drainLine(ctx context.Context) error {
	if err := r.fleet.watchdog(); err != nil {
		return err
	}
	if err := r.fleet.awaitReady(ctx); err != nil {
		return err
	}
	fmt.Fprintln(r.out, "stopping the source and draining the line")
	if err := r.fleet.roleNamed(plan.Collect).Stop(30 * time.Second); err != nil {
		r.findings.addFinding("%v", err)
	}
	log, err := verify.OpenLog(ctx, r.engines.Direct().Brokers, projected(), nil)
	if err != nil {
		return err
	}
	defer log.Close()
	what := ""
	err = waitUntil(ctx, "all that went in came out", func(ctx context.Context) (_ bool, err error) {
		if err := log.ReadToEnd(ctx); err != nil {
			return false, err
		}
		what, err = r.describeLag(ctx, log)
		return what == "", err
	})
	if what != "" {
		r.findings.addFinding("the line did not drain: %s", what)
		return nil // and is checked all the same: that shows what is missing
	}
	return err
}

// projected are the topics that somebody follows.
func projected() []string {
	return []string{wire.TopicRawEvents, wire.TopicMatchEvents, wire.TopicMatchFeatures, wire.TopicPredictions,
		wire.TopicEvaluations,
		wire.TopicQuarantine}
}

// describeLag says who has not yet taken all that the log holds, or "".
func (r *run) describeLag(ctx context.Context, log *verify.Log) (what string, err error) {
	err = r.withAdmin(func(admin *kadm.Client) error {
		groups, err := stageGroups(ctx, admin)
		if err != nil {
			return err
		}
		for _, group := range groups {
			offsets, err := admin.FetchOffsets(ctx, group)
			if err != nil {
				return fmt.Errorf("ask how far %s is: %w", group, err)
			}
			offsets.Each(func(o kadm.OffsetResponse) {
				if after, ok := log.After(o.Topic)[o.Partition]; ok && o.At < after {
					what = fmt.Sprintf("%s is at %d of %s/%d, which has %d", group, o.At, o.Topic, o.Partition, after)
				}
			})
		}
		return nil
	})
	if err != nil || what != "" {
		return what, err
	}
	if what, err = r.tablesBehind(ctx, log); err != nil || what != "" {
		return what, err
	}
	for _, c := range r.clients {
		if !c.CaughtUp(feed.Predictions, log.After(wire.TopicPredictions)) ||
			!c.CaughtUp(feed.Events, log.After(wire.TopicMatchEvents)) {
			return fmt.Sprintf("the subscriber %s has not seen everything", c.Name), nil
		}
	}
	return "", nil
}

// tablesBehind says which checkpoint has not yet reached the end of its partition, or "".
func (r *run) tablesBehind(ctx context.Context, log *verify.Log) (string, error) {
	conn, err := pgx.Connect(ctx, r.engines.Direct().Postgres)
	if err != nil {
		return "", fmt.Errorf("connect to Postgres: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, topic := range projected()[1:] {
		for p, after := range log.After(topic) {
			var next int64
			err := conn.QueryRow(ctx,
				`SELECT coalesce(max(next_offset), 0) FROM touchline.checkpoints WHERE topic = $1 AND partition = $2`,
				topic, p).Scan(&next)
			if err != nil {
				return "", fmt.Errorf("read checkpoints: %w", err)
			}
			if next < after {
				return fmt.Sprintf("the tables are at %d of %s/%d, which has %d", next, topic, p, after), nil
			}
		}
	}
	return "", nil
}
