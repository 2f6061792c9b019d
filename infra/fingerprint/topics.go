package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
)

// recordTopics returns the digest of each topic of the line, and of those in clockTopics the counts only.
func recordTopics(ctx context.Context, in *installation) (record, error) {
	listed, err := in.runTool(ctx, "topics", "--digest")
	if err != nil {
		return nil, err
	}
	var topics record
	for line := range bytes.Lines(listed) {
		var digest struct {
			Topic   string `json:"topic"`
			Records int    `json:"records"`
			Keys    int    `json:"keys"`
			Twice   int    `json:"twice"`
			SHA256  string `json:"sha256"`
		}
		if err := json.Unmarshal(line, &digest); err != nil {
			return nil, fmt.Errorf("touchline topics --digest: %w", err)
		}
		summary := fmt.Sprintf("records=%d keys=%d twice=%d", digest.Records, digest.Keys, digest.Twice)
		if clockTopics[digest.Topic] {
			summary += " sha256=left-out"
		} else {
			summary += " sha256=" + digest.SHA256
		}
		topics = append(topics, entry{name: "topic " + digest.Topic, summary: summary})
	}
	return topics, nil
}

// clockTopics are the topics whose values have times of the wall clock: when a payload was fetched, when a built-in
// model was registered, when an operator gave a command.
var clockTopics = map[string]bool{"football.raw-events": true, "football.models": true, "football.control": true}
