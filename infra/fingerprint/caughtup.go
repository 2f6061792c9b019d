package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	// pollEvery is how often an installation is asked how far it is.
	pollEvery = time.Second
	// quietPolls is how many polls in a row must find all lag at 0 and no topic larger.
	quietPolls = 4
)

// lagMetrics count the records that stages, projections and the live feed have still to take, by partition. The lag
// that `touchline topics` prints won't do: it counts the markers of transactions, and is never 0.
var lagMetrics = []string{"touchline_stage_lag_records", "touchline_projection_lag_records",
	"touchline_live_lag_records"}

// waitUntilCaughtUp returns when the feed has ended and all that follows from it is written.
func waitUntilCaughtUp(ctx context.Context, in *installation) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	before, quiet := "", 0
	for quiet < quietPolls {
		select {
		case <-ctx.Done():
			return fmt.Errorf("still behind: %s: %w", before, context.Cause(ctx))
		case err := <-in.exited:
			in.exited <- err // for stop
			return errors.Join(errors.New("the binary ended"), err)
		case <-tick.C:
		}
		progress, behind, err := readProgress(ctx, in)
		if err != nil {
			return err
		}
		if behind == 0 && progress == before {
			quiet++
		} else {
			quiet = 0
		}
		before = progress
	}
	return nil
}

// readProgress returns the size of each topic and all lag as a text that changes when anything moves, and the sum of
// the lags in records. An installation without records is behind.
func readProgress(ctx context.Context, in *installation) (progress string, behind int64, err error) {
	listed, err := in.runTool(ctx, "topics", "--json")
	if err != nil {
		return "", 0, err
	}
	var topics struct {
		Topics []struct {
			Name    string
			Records int64
		} `json:"topics"`
	}
	if err := json.Unmarshal(listed, &topics); err != nil {
		return "", 0, fmt.Errorf("touchline topics --json: %w", err)
	}
	var text strings.Builder
	var records int64
	for _, t := range topics.Topics {
		records += t.Records
		fmt.Fprintf(&text, "%s %d, ", t.Name, t.Records)
	}
	answer, err := fetchAnswer(ctx, in.api, request{path: metricsRoute})
	if err != nil {
		return "", 0, err
	}
	for _, name := range lagMetrics {
		lag, found := sumMetric(answer.body, name)
		fmt.Fprintf(&text, "%s %d, ", name, lag)
		if !found {
			lag = 1 // the part has not begun
		}
		behind += lag
	}
	if records == 0 {
		behind++
	}
	return text.String(), behind, nil
}

// sumMetric adds up a metric over its labels; found is false when it has no sample.
func sumMetric(exposition []byte, name string) (sum int64, found bool) {
	for line := range bytes.Lines(exposition) {
		labels, value, ok := strings.Cut(strings.TrimSpace(string(line)), " ")
		if !ok || labels != name && !strings.HasPrefix(labels, name+"{") {
			continue
		}
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			sum, found = sum+int64(n), true
		}
	}
	return sum, found
}
