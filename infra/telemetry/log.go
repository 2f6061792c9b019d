package telemetry

import (
	"fmt"
	"io"
	"log/slog"
)

// Keys of log lines. One thing has one key in the whole program.
const (
	KeyStage     = "stage"
	KeyTopic     = "topic"
	KeyPartition = "partition"
	KeyOffset    = "offset"
	KeyMatch     = "match"
	KeyError     = "error"
)

// NewLogger writes lines of the level and above to w: level is debug, info, warn or error, format is text or json.
func NewLogger(w io.Writer, level, format string) (*slog.Logger, error) {
	options := &slog.HandlerOptions{}
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("log level %q: give debug, info, warn or error", level)
	}
	options.Level = least
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, options)), nil
	default:
		return nil, fmt.Errorf("log format %q: give text or json", format)
	}
}
