package wire_test

import (
	"testing"

	"github.com/touchline/touchline/schemas/wire"
)

func TestVersionsNameTopics(t *testing.T) {
	versions := wire.Versions{"features": 2, "predict": 13}
	for topic, want := range map[string]string{
		wire.TopicMatchEvents:       "football.match-events.v1",
		wire.TopicMatchFeatures:     "football.match-features.v2",
		wire.TopicPredictions:       "football.predictions.v13",
		wire.TopicPredictionsLatest: "football.predictions-latest.v13",
		wire.TopicRawEvents:         wire.TopicRawEvents,
		wire.TopicQuarantine:        wire.TopicQuarantine,
		"another.v1":                "another.v1",
	} {
		if got := versions.Topic(topic); got != want {
			t.Errorf("%s: got %s, want %s", topic, got, want)
		}
		if got := (wire.Versions)(nil).Topic(topic); got != topic {
			t.Errorf("%s without versions: got %s", topic, got)
		}
	}
	if got, want := versions.String(), "features=2 predict=13"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
