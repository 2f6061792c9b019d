package logtools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/cmd/touchline/internal/clients"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/quarantine"
)

func quarantineReplayCommand() *cobra.Command {
	var r repairs
	cmd := &cobra.Command{
		Use: "replay [ID...]", Short: "Append refused originals to raw-events again, and settle their entries",
		Long: `Append the originals of entries to football.raw-events again, with a header that names the entry,
and settle the entries in the same transaction. Mend the cause first: add the team's spelling,
deploy the fixed parser. A raw event that was never applied goes through as if it came for the first
time; what is refused again becomes a new entry. A raw event that its producer wrote to another
partition than its pool's is appended to the right one.

Not replayed, with a sentence each: what is settled; originals of which only the head was kept;
parts of an event whose rest was applied, and what a stage after normalize refused, for normalize
would drop them as duplicates. --force replays the last kind all the same. An event of a live feed
more than 10 minutes behind its pool's stream time is refused as late again.`,
		Example: `  touchline quarantine replay 0/17 3/4
  touchline quarantine replay --reason unknown-team --dry-run
  touchline quarantine replay --all --note "spellings of 2026-27"`,
		RunE: func(cmd *cobra.Command, ids []string) error { return r.runRepair(cmd, quarantine.Replayed, ids) },
	}
	r.bindFlags(cmd)
	cmd.Flags().BoolVar(&r.force, "force", false, "replay also what normalize will drop as a duplicate")
	return cmd
}

func quarantineDropCommand() *cobra.Command {
	var r repairs
	cmd := &cobra.Command{
		Use: "drop [ID...]", Short: "Settle entries without replaying them",
		Long: `Settle entries without replaying them: list shows them only with --all from then on. Nothing is
deleted; the originals stay as long as quarantine keeps them.`,
		Example: "  touchline quarantine drop 0/17 --note \"the provider withdrew it\"\n  touchline quarantine drop " +
			"--reason late",
		RunE: func(cmd *cobra.Command, ids []string) error { return r.runRepair(cmd, quarantine.Dropped, ids) },
	}
	r.bindFlags(cmd)
	return cmd
}

// repairs is one run of replay or drop.
type repairs struct {
	reason             football.RefusalReason
	stage, note        string
	all, dryRun, force bool

	out    io.Writer
	done   int
	live   int // of these, events of a live feed
	failed int
}

func (r *repairs) bindFlags(cmd *cobra.Command) {
	config.Bind(cmd.Flags(), config.Kafka, config.Registry)
	cmd.Flags().StringVar((*string)(&r.reason), "reason", "", "take the open entries of this reason")
	cmd.Flags().StringVar(&r.stage, "stage", "", "take the open entries that this stage refused")
	cmd.Flags().BoolVar(&r.all, "all", false, "take all open entries")
	cmd.Flags().StringVar(&r.note, "note", "", "why, for those who look later")
	cmd.Flags().BoolVar(&r.dryRun, "dry-run", false, "say what would be done, and do nothing")
}

// repairBatch is how many entries one transaction settles.
const repairBatch = 500

func (r *repairs) runRepair(cmd *cobra.Command, how string, ids []string) error {
	filtered := r.reason != "" || r.stage != "" || r.all
	if filtered == (len(ids) > 0) {
		return errors.New("name entries by their IDs, or take them by --reason, --stage or --all")
	}
	cfg, log, err := clients.LoadLog(cmd)
	if err != nil {
		return err
	}
	ref, err := clients.Reference(cfg)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	partitions, err := countPartitions(ctx, log.Kafka, log.Names.Topic(wire.TopicRawEvents))
	if err != nil {
		return err
	}
	r.out = cmd.OutOrStdout()
	repair := quarantine.NewRepair(quarantine.RepairConfig{Client: log.Kafka, Names: log.Names, Note: r.note,
		Force: r.force, DryRun: r.dryRun,
		Partition: func(pool football.PoolID) int32 { return ref.Partition(pool, partitions) }}, log.Serde)
	settle := repair.Replay
	if how == quarantine.Dropped {
		settle = repair.Drop
	}
	take := func(entries []quarantine.Entry) error {
		repaired, err := settle(ctx, entries)
		if err != nil {
			return err
		}
		return r.printRepaired(how, repaired)
	}
	if filtered {
		err = r.openEntries(ctx, log, take)
	} else {
		err = namedEntries(ctx, log, ids, take)
	}
	if err != nil {
		return err
	}
	return r.summary(how)
}

// namedEntries takes the entries of the ids, all in one transaction.
func namedEntries(
	ctx context.Context, log clients.Log, ids []string, take func([]quarantine.Entry) error,
) error {
	var entries []quarantine.Entry
	for _, id := range ids {
		entry, err := quarantine.EntryByID(ctx, log.Kafka, log.Names, log.Serde, id)
		if err != nil {
			return err
		}
		entries = append(entries, entry)
	}
	return take(entries)
}

// openEntries takes the open entries of the filters, in transactions of some hundred.
func (r *repairs) openEntries(
	ctx context.Context, log clients.Log, take func([]quarantine.Entry) error,
) error {
	settled, err := quarantine.ReadSettlements(ctx, log.Kafka, log.Names)
	if err != nil {
		return err
	}
	var entries []quarantine.Entry
	err = quarantine.Read(ctx, log.Kafka, log.Names, log.Serde, func(e quarantine.Entry) error {
		if _, ok := settled[e.ID()]; ok || r.reason != "" && e.Reason != r.reason || r.stage != "" &&
			e.Stage != r.stage {
			return nil
		}
		if entries = append(entries, e); len(entries) < repairBatch {
			return nil
		}
		full := entries
		entries = nil
		return take(full)
	})
	if err != nil || len(entries) == 0 {
		return err
	}
	return take(entries)
}

// printRepaired prints what became of each entry.
func (r *repairs) printRepaired(how string, repaired []*quarantine.Repaired) error {
	for _, one := range repaired {
		said := "would be " + how
		switch {
		case one.Refused != "":
			said = "left as it is: " + one.Refused
			r.failed++
		case !r.dryRun:
			said = strings.TrimSpace(how + " " + one.Settlement.To)
		}
		if one.Refused == "" {
			r.done++
			if one.Live {
				r.live++
			}
		}
		if _, err := fmt.Fprintf(r.out, "%s  %s  %s\n", one.Entry.ID(), one.Entry.Reason, said); err != nil {
			return err
		}
	}
	return nil
}

// summary counts. The exit status is 1 when an entry was left as it is.
func (r *repairs) summary(how string) error {
	would := ""
	if r.dryRun {
		would = "would be "
	}
	fmt.Fprintf(r.out, "\n%s%s: %d, left as they are: %d\n", would, how, r.done, r.failed)
	if r.live > 0 && how == quarantine.Replayed {
		fmt.Fprintf(r.out, "%d of them are events of a live feed: what is more than 10 minutes behind its pool's "+
			"stream time comes back as late\n", r.live)
	}
	if r.failed > 0 {
		return cli.ErrReported
	}
	return nil
}
