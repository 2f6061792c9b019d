package api_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ours are the beginnings of the names of the metrics that the server registers.
var ours = []string{"touchline_http_", "touchline_live_", "touchline_forecast_"}

// Every metric of the server exists from the start on, before anything happened that it counts, and has its row in
// docs/operations.md.
func TestEveryDocumentedMetricExistsAtTheStart(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	row, name := regexp.MustCompile("(?m)^\\| (`touchline_.*`) \\|"), regexp.MustCompile(`touchline_[a-z_]+`)
	documented := metricNames(row, name, string(text))
	_, body := open(t).get("/metrics")
	served := metricNames(regexp.MustCompile(`(?m)^# TYPE (touchline_\S+)`), name, string(body))
	if !slices.Equal(served, documented) {
		t.Errorf("served     %q\ndocumented %q", served, documented)
	}
	for _, name := range documented { // a family without samples would have its type only
		if !regexp.MustCompile(`(?m)^` + name + `(_count)?[{ ]`).Match(body) {
			t.Errorf("%s has no sample", name)
		}
	}
}

// metricNames returns the server's metrics among the names in what lines matches, sorted.
func metricNames(lines, names *regexp.Regexp, text string) (found []string) {
	for _, line := range lines.FindAllStringSubmatch(text, -1) {
		for _, name := range names.FindAllString(line[1], -1) {
			if slices.ContainsFunc(ours, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
				found = append(found, name)
			}
		}
	}
	slices.Sort(found)
	return found
}
