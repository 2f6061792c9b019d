package logtools

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/cmd/touchline/internal/clients"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/streams/audit"
	"github.com/touchline/touchline/streams/catalogue"
)

func TopicsCommand() *cobra.Command {
	var asJSON, create, digest bool
	cmd := &cobra.Command{
		Use: "topics", Short: "List the topics of the line with their size, and the lag of its groups",
		Args: cobra.NoArgs,
		Long: `List the topics of the line: partitions, cleanup policy, records, bytes, writer; and how far each
consumer group is behind. With --create, create what is missing first, with the right partitions and
cleanup policy. With --digest, read the topics and print, one JSON line a topic, a hash over the
Avro bodies by key and in order: two replays of one log give the same, whatever their batches,
offsets and schema ids were. Of stages with several versions the current one is shown, which is
asked for with --schema-registry-url; --version shows another.`,
		Example: "  touchline topics --kafka-brokers 127.0.0.1:9092\n  touchline topics --create --kafka-brokers " +
			"kafka:9092\n  touchline topics --json | jq '.topics[].Name'",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := cli.LoadConfig(cmd)
			if err != nil {
				return err
			}
			if digest {
				return digestTopics(cmd.Context(), cmd.OutOrStdout(), cfg)
			}
			return listTopics(cmd.Context(), cmd.OutOrStdout(), cfg, asJSON, create)
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry, config.Process)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON instead of tables")
	cmd.Flags().BoolVar(&create, "create", false, "create the topics that are missing")
	cmd.Flags().BoolVar(&digest, "digest", false, "read the topics and print a hash of each")
	cmd.AddCommand(topicsDiffCommand())
	return cmd
}

func digestTopics(ctx context.Context, out io.Writer, cfg config.Config) error {
	log, err := clients.OpenLog(cfg)
	if err != nil {
		return err
	}
	catalogue, _, err := catalogueOf(ctx, cfg, log)
	if err != nil {
		return err
	}
	for _, topic := range catalogue.Topics {
		if strings.HasSuffix(topic.Name, "-state") {
			continue // a digest is of what the line says
		}
		digest, err := audit.DigestTopic(ctx, log.Kafka, topic)
		if err != nil {
			return err
		}
		if err := json.NewEncoder(out).Encode(digest); err != nil {
			return err
		}
	}
	return nil
}

func listTopics(ctx context.Context, out io.Writer, cfg config.Config, asJSON, create bool) error {
	log, err := clients.OpenLog(cfg)
	if err != nil {
		return err
	}
	client, err := kgo.NewClient(log.Kafka...)
	if err != nil {
		return err
	}
	defer client.Close()
	adm := kadm.NewClient(client)
	catalogue, chains, err := catalogueOf(ctx, cfg, log)
	if err != nil {
		return err
	}
	if create {
		if err := catalogue.Ensure(ctx, adm); err != nil {
			return err
		}
	}
	groups := make([]string, len(chains))
	for i, chain := range chains {
		groups[i] = chain.Group()
	}
	topics, lags, err := catalogue.Describe(ctx, adm, groups...)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(out).Encode(map[string]any{"topics": topics, "groups": lags})
	}
	return printTopics(out, topics, lags)
}

func printTopics(out io.Writer, topics []catalogue.TopicReport, lags []catalogue.GroupReport) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TOPIC\tPARTITIONS\tKEPT\tRECORDS\tSIZE\tKEY\tWRITER")
	for _, t := range topics {
		if t.Missing {
			fmt.Fprintf(w, "%s\tmissing\t\t\t\t%s\t%s\n", t.Name, t.Key, t.Writer)
			continue
		}
		kept := "for ever"
		switch {
		case t.Compacted:
			kept = "compacted"
		case t.Retention > 0:
			kept = fmt.Sprintf("%.0f days", t.Retention.Hours()/24)
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%d\t%s\t%s\t%s\n", t.Name, t.Partitions, kept, t.Records, formatSize(t.Bytes),
			t.Key, t.Writer)
	}
	fmt.Fprintln(w, "\nGROUP\tTOPIC\tSTATE\tLAG")
	for _, g := range lags {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\n", g.Group, g.Topic, g.State, g.Lag)
	}
	return w.Flush()
}

// formatSize formats bytes for people; "?" where they are not known.
func formatSize(n int64) string {
	switch {
	case n < 0:
		return "?"
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	default:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
}
