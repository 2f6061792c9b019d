package cli

import (
	"github.com/spf13/cobra"

	"github.com/touchline/touchline/schemas/football"
)

// Checkpoints are the values of --checkpoint.
func Checkpoints() []string {
	return []string{string(football.CheckpointOpening), string(football.CheckpointKickOff),
		string(football.CheckpointHalfTime)}
}

// CompleteFlag lets the shell complete a flag with one of the values, and not with files.
func CompleteFlag(cmd *cobra.Command, flag string, values ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values,
		cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // there is no such flag
	}
}
