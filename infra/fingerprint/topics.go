package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
)

// recordTopics returns the digest of each topic that the binary derives from the feed. The registrations of built-in
// models carry the time of the wall clock: of the topics in clockTopics only the count of records is compared.
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

// clockTopics are the topics whose values have times of the wall clock.
var clockTopics = map[string]bool{"football.models": true, "football.control": true}
