// Command fingerprint proves that a change of the code changed nothing that a user can see. It runs a touchline binary
// over recorded matches and writes down what came of them; two such records, of the binary before the change and of the
// binary after it, are then compared.
//
//	go run ./infra/fingerprint record --bin before/touchline --feed football-data=results/ --out before
//	go run ./infra/fingerprint record --bin bin/touchline --feed football-data=results/ --out after
//	go run ./infra/fingerprint compare before after
//
// A record holds, for each feed: the digest of each topic (`touchline topics --digest`), the rows of each table of the
// read models, the answers of the REST API to a list of requests that has each route at least once, the frames of the
// live feed, and the names of the metrics. What may differ between two runs of one binary (offsets, times of the wall
// clock) is left out by name; the record lists what was left out.
//
// The tool drives the binary from outside and imports nothing of the line: it must be able to judge any version of it.
// A feed must end by itself, so the simulator, which plays for ever, can't be recorded.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := rootCommand().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "fingerprint:", err)
		os.Exit(1)
	}
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use: "fingerprint", Short: "Record what a touchline binary makes of recorded matches, and compare two records",
		SilenceUsage: true, SilenceErrors: true,
	}
	root.AddCommand(recordCommand(), compareCommand())
	return root
}

func recordCommand() *cobra.Command {
	var binary, out string
	var feeds []string
	var patience time.Duration
	cmd := &cobra.Command{
		Use: "record", Short: "Run a binary over recorded matches and write down what came of them", Args: cobra.NoArgs,
		Long: `Run a binary over each feed, in a new installation with embedded parts, until everything has caught up;
then write fingerprint.txt, one line for each topic, table, request and part of the live feed, and the contents
beside it, so that
a difference can be looked at.`,
		Example: "  go run ./infra/fingerprint record --bin bin/touchline --out after \\\n" +
			"      --feed football-data=results/ --feed statsbomb=events/3753986.json.gz",
		RunE: func(cmd *cobra.Command, _ []string) error {
			parsed, err := parseFeeds(feeds)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), patience)
			defer cancel()
			var record record
			for _, f := range parsed {
				entries, err := recordFeed(ctx, cmd.ErrOrStderr(), binary, f)
				if err != nil {
					return fmt.Errorf("record %s: %w", f.source, err)
				}
				record = append(record, entries...)
			}
			return record.saveRecord(out)
		},
	}
	cmd.Flags().StringVar(&binary, "bin", "bin/touchline", "the touchline binary")
	cmd.Flags().StringVar(&out, "out", "", "folder that the record is written to")
	cmd.Flags().StringArrayVar(&feeds, "feed", nil, "SOURCE=PATH of recorded matches; may be given several times")
	cmd.Flags().DurationVar(&patience, "timeout", 10*time.Minute, "how long all feeds together may take")
	for _, name := range []string{"feed", "out"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the name is not one of the flags above
		}
	}
	return cmd
}

func compareCommand() *cobra.Command {
	return &cobra.Command{
		Use: "compare BEFORE AFTER", Short: "Print what differs between two records; fail if anything does",
		Args: cobra.ExactArgs(2), Example: "  go run ./infra/fingerprint compare before after",
		RunE: func(cmd *cobra.Command, args []string) error {
			before, err := loadRecord(args[0])
			if err != nil {
				return err
			}
			after, err := loadRecord(args[1])
			if err != nil {
				return err
			}
			differences := compareRecords(before, after)
			for _, difference := range differences {
				fmt.Fprintln(cmd.OutOrStdout(), difference)
			}
			if len(differences) > 0 {
				return fmt.Errorf("%d of %d entries differ", len(differences), max(len(before), len(after)))
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d entries are equal\n", len(before))
			return nil
		},
	}
}

// feed is one source of recorded matches.
type feed struct{ source, path string }

func parseFeeds(texts []string) ([]feed, error) {
	var feeds []feed
	for _, text := range texts {
		source, path, ok := strings.Cut(text, "=")
		if !ok || source == "" || path == "" {
			return nil, fmt.Errorf("--feed %q: want SOURCE=PATH", text)
		}
		if source == "simulator" {
			return nil, errors.New("--feed simulator: it plays for ever, so there is no end at which two runs are " +
				"equal")
		}
		feeds = append(feeds, feed{source, path})
	}
	return feeds, nil
}
