// Package catalogue is the line's topics as they should be on a cluster: it makes what is missing, refuses what is
// different, registers schemas and reports sizes and lag.
package catalogue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
)

// Catalogue is the line's topics as they should stand on a cluster.
type Catalogue struct {
	Topics      []wire.Topic
	Partitions  int32 // of every topic but the single ones
	Replication int16 // -1: the broker's default
}

// New returns the facts' topics, with the names that the chains are bound to, and the changelogs of the chains' stages.
// Without chains these are the names of the zero Namespace.
func New(partitions int32, replication int16, chains ...streams.Chain) Catalogue {
	c := Catalogue{Topics: namesOf(chains).Topics(), Partitions: partitions, Replication: replication}
	for _, chain := range chains {
		for _, stage := range chain {
			if stage.Stateful() {
				c.Topics = append(c.Topics, wire.Topic{
					Name: stage.Changelog(), Compacted: true, Key: "state key", Writer: stage.Name,
					For: "changelog of " + stage.Name,
				})
			}
		}
	}
	return c
}

// namesOf returns the names that the chains are bound to: the same for all.
func namesOf(chains []streams.Chain) wire.Namespace {
	if len(chains) == 0 {
		return wire.Namespace{}
	}
	return chains[0].Names()
}

func (c Catalogue) partitions(t wire.Topic) int32 {
	if t.Single {
		return 1
	}
	return c.Partitions
}

func topicSettings(t wire.Topic) map[string]*string {
	value := func(s string) *string { return &s }
	if t.Compacted {
		return map[string]*string{"cleanup.policy": value("compact")}
	}
	retention := "-1"
	if t.Retention > 0 {
		retention = strconv.FormatInt(t.Retention.Milliseconds(), 10)
	}
	return map[string]*string{"cleanup.policy": value("delete"), "retention.ms": value(retention),
		"retention.bytes": value("-1")}
}

// Ensure creates what is missing and refuses a topic that stands with another number of partitions or another cleanup
// policy: records would land in the wrong partition, or facts would be compacted away.
func (c Catalogue) Ensure(ctx context.Context, adm *kadm.Client) error {
	names := make([]string, len(c.Topics))
	for i, t := range c.Topics {
		names[i] = t.Name
	}
	have, err := adm.ListTopics(ctx, names...)
	if err != nil {
		return fmt.Errorf("list topics: %w", err)
	}
	var errs []error
	var created []string
	for _, t := range c.Topics {
		detail, ok := have[t.Name]
		if !ok || errors.Is(detail.Err, kerr.UnknownTopicOrPartition) {
			_, err := adm.CreateTopic(ctx, c.partitions(t), c.Replication, topicSettings(t), t.Name)
			if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
				errs = append(errs, fmt.Errorf("create topic %s: %w", t.Name, err))
			} else {
				created = append(created, t.Name)
			}
			continue
		}
		if n := int32(len(detail.Partitions)); n != c.partitions(t) {
			errs = append(errs, fmt.Errorf("topic %s has %d partitions, TOUCHLINE_PARTITIONS asks for %d: set it to "+
				"%d, or use other topics", t.Name, n, c.partitions(t), n))
		}
	}
	if err := c.checkPolicies(ctx, adm, have); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(append(errs, awaitLeaders(ctx, adm, created))...)
}

// awaitLeaders waits until the leaders of all partitions answer for new topics. The controller has created a topic
// before the brokers have heard of it; until then they say that they don't know it.
func awaitLeaders(ctx context.Context, adm *kadm.Client, topics []string) error {
	const within, every = 30 * time.Second, 50 * time.Millisecond
	if len(topics) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		ends, err := adm.ListEndOffsets(ctx, topics...)
		if err == nil {
			err = ends.Error()
		}
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for the leaders of new topics: %w", err)
		}
	}
}

func (c Catalogue) checkPolicies(ctx context.Context, adm *kadm.Client, have kadm.TopicDetails) error {
	var names []string
	for _, t := range c.Topics {
		if detail, ok := have[t.Name]; ok && detail.Err == nil {
			names = append(names, t.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	configs, err := adm.DescribeTopicConfigs(ctx, names...)
	if err != nil {
		return fmt.Errorf("describe topic settings: %w", err)
	}
	var errs []error
	for _, t := range c.Topics {
		config, err := configs.On(t.Name, nil)
		if err != nil {
			continue
		}
		for _, entry := range config.Configs {
			if want := topicSettings(t)[entry.Key]; entry.Key == "cleanup.policy" && entry.Value != nil &&
				*entry.Value != *want {
				errs = append(errs, fmt.Errorf("topic %s has cleanup.policy=%s, it must be %s: change it with your "+
					"Kafka tools", t.Name, *entry.Value, *want))
			}
		}
	}
	return errors.Join(errs...)
}

// TopicReport is what stands in a topic.
type TopicReport struct {
	wire.Topic
	Partitions int
	Records    int64 // offsets between start and end: compaction and commit markers make it an upper bound
	Bytes      int64 // on disk, one replica; -1 where the broker does not tell
	Missing    bool
}

// GroupReport is how far a group is behind its input.
type GroupReport struct {
	Group string
	Topic string
	State string // of the group: "Stable", "Empty", ...
	Lag   int64  // records up to the last stable offset
}

// Describe reports the topics of the catalogue and the lag of the groups.
func (c Catalogue) Describe(
	ctx context.Context, adm *kadm.Client, groups ...string,
) ([]TopicReport, []GroupReport, error) {
	names := make([]string, len(c.Topics))
	for i, t := range c.Topics {
		names[i] = t.Name
	}
	start, err := adm.ListStartOffsets(ctx, names...)
	if err != nil {
		return nil, nil, fmt.Errorf("list start offsets: %w", err)
	}
	end, err := adm.ListEndOffsets(ctx, names...)
	if err != nil {
		return nil, nil, fmt.Errorf("list end offsets: %w", err)
	}
	bytes := map[string]int64{}
	if dirs, err := adm.DescribeAllLogDirs(ctx, nil); err == nil {
		for _, broker := range dirs {
			broker.EachPartition(func(p kadm.DescribedLogDirPartition) { bytes[p.Topic] += p.Size })
		}
	}
	reports := make([]TopicReport, 0, len(c.Topics))
	for _, t := range c.Topics {
		report := TopicReport{Topic: t, Bytes: -1}
		for id, e := range end[t.Name] {
			if e.Err != nil {
				continue
			}
			s, _ := start.Lookup(t.Name, id)
			report.Partitions++
			report.Records += e.Offset - s.Offset
		}
		report.Missing = report.Partitions == 0
		if n, ok := bytes[t.Name]; ok {
			report.Bytes = n
		}
		reports = append(reports, report)
	}
	var behind []GroupReport
	for _, group := range groups {
		lag, err := LagOf(ctx, adm, group)
		if err != nil {
			return nil, nil, err
		}
		behind = append(behind, lag...)
	}
	return reports, behind, nil
}

// LagOf reports how far a group is behind the last stable offset of each topic that it has offsets of. The markers of
// transactions count. It asks for the offsets themselves, for groups of either protocol.
func LagOf(ctx context.Context, adm *kadm.Client, group string) ([]GroupReport, error) {
	offsets, err := adm.FetchOffsets(ctx, group)
	if err != nil {
		if errors.Is(err, kerr.GroupIDNotFound) {
			return nil, nil
		}
		return nil, fmt.Errorf("offsets of group %s: %w", group, err)
	}
	var reports []GroupReport
	state := groupState(ctx, adm, group)
	for _, topic := range slices.Sorted(maps.Keys(offsets)) {
		ends, err := adm.ListCommittedOffsets(ctx, topic)
		if err != nil {
			return nil, fmt.Errorf("ends of %s: %w", topic, err)
		}
		report := GroupReport{Group: group, Topic: topic, State: state}
		for id, end := range ends[topic] {
			if end.Err != nil {
				continue
			}
			at := int64(0)
			if o, ok := offsets.Lookup(topic, id); ok && o.Err == nil {
				at = max(0, o.At)
			}
			report.Lag += max(0, end.Offset-at)
		}
		reports = append(reports, report)
	}
	return reports, nil
}

// groupState returns a group's state, whoever assigns its partitions; "Unknown" where the brokers do not tell.
func groupState(ctx context.Context, adm *kadm.Client, group string) string {
	if described, err := adm.DescribeConsumerGroups(ctx, group); err == nil && described[group].Err == nil {
		return described[group].State
	}
	if described, err := adm.DescribeGroups(ctx, group); err == nil && described[group].Err == nil {
		return described[group].State
	}
	return "Unknown"
}

// Register registers the schemas of the line's topics and of the chains' changelogs.
func Register(ctx context.Context, serde *wire.Serde, chains ...streams.Chain) error {
	for _, t := range namesOf(chains).Topics() {
		if err := serde.Register(ctx, wire.SubjectOfValues(t.Name), t.Schema); err != nil {
			return err
		}
	}
	for _, chain := range chains {
		for _, stage := range chain {
			for kind, schema := range stage.StateCodecs() {
				if err := serde.Register(ctx, stage.Changelog()+"-"+kind, schema); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
