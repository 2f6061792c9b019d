package logtools

import (
	"bytes"
	"strings"
	"testing"

	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/audit"
	"github.com/touchline/touchline/streams/catalogue"
)

func TestSizesAsAPersonReadsThem(t *testing.T) {
	for n, want := range map[int64]string{-1: "?", 0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 3 << 19: "1.5 MiB"} {
		if got := formatSize(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func TestTablesOfTopicsAndDifferences(t *testing.T) {
	var out bytes.Buffer
	topics := []catalogue.TopicReport{
		{Topic: wire.Topic{Name: wire.TopicRawEvents, Writer: "collect"}, Partitions: 12, Records: 380, Bytes: 2048},
		{Topic: wire.Topic{Name: wire.TopicOutlooks, Writer: wire.StageOutlook}, Missing: true},
	}
	groups := []catalogue.GroupReport{{Group: "touchline.v1.features", Topic: wire.TopicMatchEvents, State: "Stable",
		Lag: 7}}
	if err := printTopics(&out, topics, groups); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{wire.TopicRawEvents, "380", "2.0 KiB", wire.TopicOutlooks, "missing",
		"touchline.v1.features", "7"} {
		if !strings.Contains(out.String(), word) {
			t.Errorf("the table lacks %q:\n%s", word, out.String())
		}
	}
	out.Reset()
	diff := &audit.TopicDiff{A: "a.v1", B: "a.v2", Equal: 3, Differ: 1, First: []audit.RecordDiff{
		{ID: "m~1", Differences: []audit.Difference{{Field: "outcome.home", Log: "0.5", Fold: "0.4"}}},
	}}
	if err := printDiff(&out, diff, false); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"equal 3", "differ 1", "m~1", "outcome.home"} {
		if !strings.Contains(out.String(), word) {
			t.Errorf("the difference lacks %q:\n%s", word, out.String())
		}
	}
}
