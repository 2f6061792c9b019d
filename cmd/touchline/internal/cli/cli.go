// Package cli has what all commands of the program share: settings, errors that were printed already, progress of long
// work, completion by the shell, and values as a person reads them.
package cli

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/touchline/touchline/infra/config"
)

// ErrReported ends a command whose output explains what is wrong: nothing more is printed.
var ErrReported = errors.New("reported already")

// LoadConfig reads the settings of a command.
func LoadConfig(cmd *cobra.Command) (config.Config, error) {
	return config.Load(cmd.Flags(), os.Environ())
}

// CountOf returns a number with its noun: "1 pool", "3 pools".
func CountOf(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// TableCell returns a text as one cell of a table. What others wrote must not make rows of its own, or command the
// terminal.
func TableCell(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}

func PrintJSONLines[T any](out io.Writer, all []T) error {
	encoder := json.NewEncoder(out)
	for _, one := range all {
		if err := encoder.Encode(one); err != nil {
			return err
		}
	}
	return nil
}
