package roles

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// TestAProcessLogsThatItCatchesUp: nothing while it is close behind, a line every ten seconds while it is far behind,
// and one when next to nothing is left, at two looks in a row.
func TestAProcessLogsThatItCatchesUp(t *testing.T) {
	var text bytes.Buffer
	p := progress{log: slog.New(slog.NewTextHandler(&text, nil))}
	now := time.Unix(1_000_000, 0)
	look := func(after time.Duration, records ...float64) string {
		text.Reset()
		now = now.Add(after)
		var lags []lag
		for _, r := range records {
			lags = append(lags, lag{"outlook", r})
		}
		p.follow(now, lags)
		return text.String()
	}
	for _, tt := range []struct {
		name    string
		after   time.Duration
		records []float64
		want    string
	}{
		{"close behind", time.Second, []float64{4999}, ""},
		{"nothing to catch up with", time.Second, []float64{0}, ""},
		{"nothing again", time.Second, []float64{0}, ""},
		{"far behind", time.Second, []float64{4000, 1000}, ""},
		{"soon after", 9 * time.Second, []float64{9000}, ""},
		{"ten seconds later", time.Second, []float64{9000, 1000},
			"catching up\" records=10000 furthest=outlook elapsed=10s"},
		{"close behind again", 10 * time.Second, []float64{60}, ""},
		{"a gap between two batches", time.Second, []float64{0}, ""},
		{"a little more", time.Second, []float64{51}, ""},
		{"next to nothing", time.Second, []float64{25, 25}, ""},
		{"next to nothing at the next look", time.Second, []float64{50}, "caught up\" elapsed=24s"},
		{"nothing still", time.Second, []float64{0}, ""},
	} {
		if got := look(tt.after, tt.records...); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestTheEndOfASourceIsFollowedByALine, however little there was.
func TestTheEndOfASourceIsFollowedByALine(t *testing.T) {
	var text bytes.Buffer
	p := progress{log: slog.New(slog.NewTextHandler(&text, nil))}
	now := time.Unix(1_000_000, 0)
	p.follow(now, nil)
	p.follow(now, nil)
	p.expectEnd(now)
	for i, want := range []string{"", "caught up", ""} {
		text.Reset()
		p.follow(now.Add(time.Duration(i)*time.Second), nil)
		if got := text.String(); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("look %d: got %q, want %q", i, got, want)
		}
	}
}

// TestLagIsSummedByReader over partitions, the furthest behind first; other metrics are no lag.
func TestLagIsSummedByReader(t *testing.T) {
	registry := prometheus.NewRegistry()
	gauge := func(name string, labels ...string) *prometheus.GaugeVec {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: "-"}, labels)
		registry.MustRegister(g)
		return g
	}
	stages := gauge("touchline_stage_lag_records", "stage", "partition")
	stages.WithLabelValues("predict", "0").Set(3)
	stages.WithLabelValues("predict", "1").Set(4)
	stages.WithLabelValues("outlook", "0").Set(9)
	gauge("touchline_projection_lag_records", "topic", "partition").WithLabelValues("predictions", "0").Set(8)
	gauge("touchline_stage_lag_seconds", "stage").WithLabelValues("predict").Set(99)
	got := lagOf(registry)
	want := []lag{{"outlook", 9}, {"predictions", 8}, {"predict", 7}}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: got %v, want %v", i, got[i], want[i])
		}
	}
}
