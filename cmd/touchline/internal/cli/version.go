package cli

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// imageCommit is set by the linker in images, whose build has no repository to read the commit from.
var imageCommit string

// VersionCommand prints what the Go tool stamped into the binary.
func VersionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version, the commit and the Go release", Example: "  touchline version",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), Version())
			return err
		},
	}
}

// Version reads what the Go tool stamped into the binary.
func Version() string {
	number, commit := "devel", cmp.Or(shortCommit(imageCommit), "unknown")
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" && info.Main.Version != "(devel)" {
			number = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = shortCommit(s.Value)
			}
		}
	}
	return fmt.Sprintf("touchline %s commit %s %s %s/%s", number, commit, runtime.Version(), runtime.GOOS,
		runtime.GOARCH)
}

func shortCommit(commit string) string { return commit[:min(12, len(commit))] }
