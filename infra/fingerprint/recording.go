package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// attempts is how often a feed is run again that was quicker than the first cursor.
const attempts = 5

// recordFeed runs the binary over one feed and returns what came of it. Names of the entries begin with the source's.
func recordFeed(ctx context.Context, progress io.Writer, binary string, f feed) (r record, err error) {
	for range attempts {
		if r, err = recordOnce(ctx, progress, binary, f); !errors.Is(err, errTooQuick) {
			break
		}
	}
	for i := range r {
		r[i].name = f.source + " " + r[i].name
	}
	return r, err
}

func recordOnce(ctx context.Context, progress io.Writer, binary string, f feed) (_ record, err error) {
	in, err := startInstallation(ctx, binary, f)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.stopAndRemove()) }()
	cursor, early, err := firstCursor(ctx, in.api)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(progress, "%s: running\n", f.source)
	if err := waitUntilCaughtUp(ctx, in); err != nil {
		return nil, err
	}
	fmt.Fprintf(progress, "%s: caught up, recording\n", f.source)
	s, err := findSubjects(ctx, in.api)
	if err != nil {
		return nil, err
	}
	if bytes.Contains(early, []byte(s.lastMatch)) {
		return nil, errTooQuick
	}
	var all record
	for _, part := range []func() (record, error){
		func() (record, error) { return recordTopics(ctx, in) },
		func() (record, error) { return recordTables(ctx, in) },
		func() (record, error) { return recordRequests(ctx, in.api, s) },
		// Before the frames: a connection counts as closed some time after its end, and the counter begins with it.
		func() (record, error) { return recordMetricNames(ctx, in.api) },
		func() (record, error) { return recordFrames(ctx, in.api, s, cursor) },
	} {
		entries, err := part()
		if err != nil {
			return nil, err
		}
		all = append(all, entries...)
	}
	return all, nil
}

// recordMetricNames returns the names, types and help texts of the metrics, and no values.
func recordMetricNames(ctx context.Context, api string) (record, error) {
	a, err := fetchAnswer(ctx, api, request{path: metricsRoute})
	if err != nil {
		return nil, err
	}
	var described []string
	for line := range bytes.Lines(a.body) {
		if text := string(line); strings.HasPrefix(text, "# ") && strings.Contains(text, " touchline_") {
			described = append(described, text)
		}
	}
	slices.Sort(described)
	summary := fmt.Sprintf("lines=%d", len(described))
	return record{contentEntry("metrics names", summary, []byte(strings.Join(described, "")))}, nil
}
