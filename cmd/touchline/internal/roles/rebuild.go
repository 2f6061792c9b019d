package roles

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/cmd/touchline/internal/clients"
	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/source"
	"github.com/touchline/touchline/streams/source/simulator"
)

var (
	// derivedTopics are the local names of the topics that follow from raw events: what a version of a stage writes,
	// and its state. Facts that no source can give again, such as those of models, have no version.
	derivedTopics = regexp.MustCompile(`^football\.[a-z-]+\.v\d+(?:-state)?$`)
	// stageGroups are the groups of the stages' workers, without the name of the installation.
	stageGroups = regexp.MustCompile(`^\.v\d+\.`)
)

// rebuildIfChanged drops the line's topics where the files of a recorded source are no longer what was folded, so that
// their history is folded anew: a correction of last season, or a match put in between, changes all that follows from
// it. Read models notice that the topics are others, and drop their rows. It is for a broker that nobody else uses.
func (a *app) rebuildIfChanged(ctx context.Context) error {
	if slices.Contains(a.cfg.Source, simulator.Name) {
		return nil
	}
	src, _, err := clients.Source(a.cfg, a.ref)
	if err != nil {
		return err
	}
	return a.withAdmin(func(adm *kadm.Client) error {
		topics, err := adm.ListTopics(ctx)
		if err != nil {
			return fmt.Errorf("list topics: %w", err)
		}
		names := clients.NamesOf(a.cfg)
		raw, ok := topics[names.Topic(wire.TopicRawEvents)]
		if !ok {
			return nil // the first start
		}
		collector, err := source.NewCollector(source.Config{
			Client: a.kafka, Names: names, Partitions: int32(len(raw.Partitions)),
		}, a.ref, a.serde, a.log, prometheus.NewRegistry(), src)
		if err != nil {
			return err
		}
		changed, err := collector.ChangedPools(ctx)
		if err != nil || len(changed) == 0 {
			return err
		}
		if a.announcements, err = a.readAnnouncements(ctx); err != nil {
			return err
		}
		a.log.Warn("the files have changed within what was folded: the history is folded anew", "pools", changed)
		return dropLine(ctx, adm, names, topics)
	})
}

// readAnnouncements returns the last announcement of models to each pool: no file can give it again.
func (a *app) readAnnouncements(ctx context.Context) ([]*kgo.Record, error) {
	reader, err := kafkalog.Open(a.kafka)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	topic := clients.NamesOf(a.cfg).Topic(wire.TopicRawEvents)
	last := map[string]*kgo.Record{}
	err = reader.ReadToEnd(ctx, topic, func(r *kgo.Record) error {
		if _, collected := kafkalog.Header(r, source.HeaderCollector); collected {
			return nil
		}
		raw, err := wire.Decode(ctx, a.serde, wire.RawEvent, r.Value)
		if err == nil && raw.Source == football.SourceModels {
			own := kafkalog.Clone(r)
			last[string(r.Key)] = &kgo.Record{
				Topic: own.Topic, Partition: own.Partition, Key: own.Key, Value: own.Value,
			}
		}
		return nil //nolint:nilerr // what nobody can read announces nothing
	})
	if err != nil {
		return nil, fmt.Errorf("read back %s: %w", topic, err)
	}
	return slices.Collect(maps.Values(last)), nil
}

// announceAgain publishes the announcements that were read before the line's topics were dropped. They come before all
// events: a history that is folded anew is forecast by the models as they are.
func (a *app) announceAgain(ctx context.Context) error {
	if len(a.announcements) == 0 {
		return nil
	}
	client, err := kgo.NewClient(append(slices.Clone(a.kafka), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.ProduceSync(ctx, a.announcements...).FirstErr(); err != nil {
		return fmt.Errorf("announce models again: %w", err)
	}
	return nil
}

// dropLine deletes the installation's topics that follow from raw events, those events, and the groups that read them.
func dropLine(ctx context.Context, adm *kadm.Client, names wire.Namespace, topics kadm.TopicDetails) error {
	var dropped []string
	for name := range topics {
		local, ours := names.LocalName(name)
		if ours && (local == wire.TopicRawEvents || local == wire.TopicQuarantine || derivedTopics.MatchString(local)) {
			dropped = append(dropped, name)
		}
	}
	deleted, err := adm.DeleteTopics(ctx, dropped...)
	if err == nil {
		err = deleted.Error()
	}
	if err != nil {
		return fmt.Errorf("delete the topics of a history that has changed: %w", err)
	}
	groups, err := adm.ListGroups(ctx)
	if err != nil {
		return fmt.Errorf("list groups: %w", err)
	}
	stages := slices.DeleteFunc(groups.Groups(), func(group string) bool {
		rest, ours := strings.CutPrefix(group, names.Name())
		return !ours || !stageGroups.MatchString(rest)
	})
	if len(stages) == 0 {
		return nil
	}
	gone, err := adm.DeleteGroups(ctx, stages...)
	if err == nil {
		err = gone.Error()
	}
	if err != nil {
		return fmt.Errorf("delete the groups of a history that has changed: %w", err)
	}
	return nil
}
