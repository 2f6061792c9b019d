package roles

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/touchline/touchline/cmd/touchline/internal/clients"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/source"
	"github.com/touchline/touchline/streams/source/simulator"
)

var (
	// derivedTopics are the local names of the topics that follow from raw events: what a version of a stage writes, and its state. Facts
	// that no source can give again, such as those of models, have no version.
	derivedTopics = regexp.MustCompile(`^football\.[a-z-]+\.v\d+(?:-state)?$`)
	// stageGroups are the groups of the stages' workers, without the name of the installation.
	stageGroups = regexp.MustCompile(`^\.v\d+\.`)
)

// rebuildIfChanged drops the line's topics where the files of a recorded source are no longer what was folded, so that
// their history is folded anew: a correction of last season, or a match put in between, changes all that follows from
// it. Read models notice that the topics are others, and drop their rows. It is for a broker that nobody else uses.
func (a *app) rebuildIfChanged(ctx context.Context) error {
	if a.cfg.Source == simulator.Name {
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
		a.log.Warn("the files have changed within what was folded: the history is folded anew", "pools", changed)
		return dropLine(ctx, adm, names, topics)
	})
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
