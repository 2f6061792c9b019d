package roles

import (
	"cmp"
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
	// derivedTopics are the local names of the topics that follow from raw events: what a version of a stage writes,
	// and its state. Facts that no source can give again, such as those of models, have no version.
	derivedTopics = regexp.MustCompile(`^football\.[a-z-]+\.v\d+(?:-state)?$`)
	// stageGroups are the groups of the stages' workers, without the name of the installation.
	stageGroups = regexp.MustCompile(`^\.v\d+\.`)
)

// rebuildIfChanged drops the line's topics where the files of a recorded source are no longer what was folded, so that
// their history is folded anew: a correction of last season, or a match put in between, changes all that follows from
// it. Read models notice that the topics are others, and drop their rows. It is for a broker that nobody else uses; and
// it drops nothing where the log has raw events that the files can't give again.
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
		changes, err := collector.FindChanges(ctx)
		if err != nil || len(changes.Pools) == 0 {
			return err
		}
		if changes.Foreign > 0 {
			a.log.Warn("the files have changed within what was folded, but the log has raw events that they "+
				"can't give again: it is kept, and takes changes of the last 30 days; give another data folder to "+
				"fold all anew",
				"pools", changes.Pools, "records", changes.Foreign)
			return nil
		}
		a.log.Warn("the files have changed within what was folded: the history is folded anew", "pools", changes.Pools)
		return dropLine(ctx, adm, names, topics)
	})
}

// dropLine deletes the groups of the installation's stages, the topics that follow from raw events, and at last those
// events: as long as they are there, a start after one that was cut off finds the same changes, and goes on.
func dropLine(ctx context.Context, adm *kadm.Client, names wire.Namespace, topics kadm.TopicDetails) error {
	var derived []string
	for name := range topics {
		local, ours := names.LocalName(name)
		if ours && (local == wire.TopicQuarantine || derivedTopics.MatchString(local)) {
			derived = append(derived, name)
		}
	}
	groups, err := adm.ListGroups(ctx)
	if err != nil {
		return fmt.Errorf("list groups: %w", err)
	}
	stages := slices.DeleteFunc(groups.Groups(), func(group string) bool {
		rest, ours := strings.CutPrefix(group, names.Name())
		return !ours || !stageGroups.MatchString(rest)
	})
	if err := dropGroups(ctx, adm, stages); err != nil {
		return fmt.Errorf("delete the groups of a history that has changed: %w", err)
	}
	for _, dropped := range [][]string{derived, {names.Topic(wire.TopicRawEvents)}} {
		deleted, err := adm.DeleteTopics(ctx, dropped...)
		if err == nil {
			err = deleted.Error()
		}
		if err != nil {
			return fmt.Errorf("delete the topics of a history that has changed: %w", err)
		}
	}
	return nil
}

// dropGroups deletes groups, and before that what they have committed: the embedded broker keeps on disk that an offset
// was deleted, but not that a group was. After a kill the group is back, and an offset of the history before would be
// beyond the end of the new one.
func dropGroups(ctx context.Context, adm *kadm.Client, groups []string) error {
	if len(groups) == 0 {
		return nil
	}
	for _, group := range groups {
		committed, err := adm.FetchOffsets(ctx, group)
		if err != nil {
			return err
		}
		if len(committed) == 0 {
			continue
		}
		deleted, err := adm.DeleteOffsets(ctx, group, committed.Partitions())
		if err = cmp.Or(err, deleted.Error()); err != nil {
			return err
		}
	}
	gone, err := adm.DeleteGroups(ctx, groups...)
	return cmp.Or(err, gone.Error())
}
