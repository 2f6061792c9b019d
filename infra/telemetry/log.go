package telemetry

import (
	"fmt"
	"io"
	"log/slog"
)

// LogKeys returns the keys of the program's log lines, each with what it is. One thing has one key; a test compares the
// list with the lines.
func LogKeys() map[string]string {
	return map[string]string{
		"aborted":         "open transactions that a killed broker left and that were aborted",
		"address":         "where a server listens",
		"assignor":        "strategy by which a group gives out its partitions",
		"behind":          "records that a reader is behind the last stable offset",
		"brokers":         "addresses of Kafka",
		"bytes":           "of an HTTP answer, as they were sent",
		"change":          "of a model: registered, promoted, ...",
		"collector":       "name of a collector",
		"committed":       "transactions that a killed broker had half committed and that were finished",
		"current":         "matches in the first image of the live feed",
		"cut_batches":     "torn batches that were cut off a killed broker's log",
		"data":            "data folder of Postgres",
		"elapsed":         "time since the work began",
		"error":           "why, as a wrapped error",
		"folder":          "folder of data: the program's, or one that was put aside",
		"furthest":        "who has most records left: a stage, or the topic of a read model",
		"group":           "Kafka consumer group",
		"group_offset":    "the offset that a group has committed",
		"instance":        "name of a process among those of its kind",
		"method":          "of an HTTP request",
		"model":           "name of a model",
		"next":            "most records that the next batch may have",
		"of_at_most":      "records that there are to restore, those left out included",
		"offset":          "of a record in its partition",
		"outputs_through": "last input offset of which there are outputs",
		"part":            "part of the program or of what it stands on",
		"partition":       "of a topic",
		"partitions":      "several of them",
		"path":            "of an HTTP request, or of a file",
		"pending":         "values that wait to be written",
		"percent":         "done, of 100",
		"pid":             "of a process",
		"pool":            "pool of competitions",
		"pools":           "several of them",
		"protocol":        "of a group: classic or consumer (KIP-848)",
		"reason":          "code of a refusal",
		"records":         "number of records",
		"remote":          "address of a client",
		"request":         "id of an HTTP request",
		"resume":          "command that ends a pause",
		"route":           "pattern of an HTTP route",
		"sequence":        "number of an event in its feed",
		"session_timeout": "time after which a group gives up a member that is silent",
		"setting":         "name of the setting that helps",
		"source":          "name of a source of events",
		"stack":           "goroutine's stack of a panic",
		"stage":           "name of a stage or of a chain of them",
		"status":          "of an HTTP answer",
		"summary":         "what was read of a source, in words",
		"to":              "where something is written",
		"topic":           "Kafka topic",
		"user":            "user of the operating system",
		"version":         "of a model, a stage or a program",
		"wait":            "time until the next try",
		"worker":          "number of a worker in its process",
	}
}

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
