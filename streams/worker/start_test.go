package worker

import (
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/wire"
)

func TestChangelogOfAnotherLayoutIsRefused(t *testing.T) {
	w := newWorld(t)
	foreign := &kgo.Record{Topic: numberingChain()[0].Changelog(), Partition: 0, Key: []byte(positionKey),
		Value:   []byte("x"),
		Headers: []kgo.RecordHeader{{Key: wire.HeaderInputOffset, Value: []byte("another.topic/0/5")}}}
	if err := w.client.ProduceSync(testContext(t), foreign).FirstErr(); err != nil {
		t.Fatal(err)
	}
	stop := w.start("a")
	w.send("feed", 1, 1)
	<-w.ended
	if err := stop(); err == nil || !strings.Contains(err.Error(), "TOUCHLINE_LAYOUT") {
		t.Errorf("got %v, want a refusal that names TOUCHLINE_LAYOUT", err)
	}
}

func TestBrokenInputOffsetsAreRefused(t *testing.T) {
	for _, bad := range []string{"", "a/b", "t/1/x"} {
		record := &kgo.Record{Headers: []kgo.RecordHeader{{Key: wire.HeaderInputOffset, Value: []byte(bad)}}}
		if _, _, err := inputOffset(record); err == nil {
			t.Errorf("%q passes as an input offset", bad)
		}
	}
	if _, _, err := inputOffset(&kgo.Record{}); err == nil {
		t.Error("a record without the header passes")
	}
}
