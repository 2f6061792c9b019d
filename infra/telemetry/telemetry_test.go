package telemetry_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/touchline/touchline/infra/telemetry"
)

func TestLogger(t *testing.T) {
	var out bytes.Buffer
	log, err := telemetry.NewLogger(&out, "warn", "json")
	if err != nil {
		t.Fatal(err)
	}
	log.Info("hidden")
	log.Warn("shown", "stage", "predict")
	if got := out.String(); !strings.Contains(got, `"stage":"predict"`) || strings.Contains(got, "hidden") {
		t.Errorf("got %s", got)
	}
	for _, wrong := range [][2]string{{"loud", "text"}, {"info", "xml"}} {
		if _, err := telemetry.NewLogger(&out, wrong[0], wrong[1]); err == nil {
			t.Errorf("%v was accepted", wrong)
		}
	}
}

func TestMetricsNameWhatWasBuilt(t *testing.T) {
	families, err := telemetry.NewMetrics("v1.2.3").Gather()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, f := range families {
		names[f.GetName()] = true
		if f.GetName() == "touchline_build_info" && !strings.Contains(f.String(), "v1.2.3") {
			t.Errorf("got %s", f)
		}
	}
	for _, want := range []string{"touchline_build_info", "go_goroutines", "process_open_fds"} {
		if !names[want] {
			t.Errorf("there is no %s", want)
		}
	}
}

func TestTracesAreSentToTheCollector(t *testing.T) {
	paths := make(chan string, 10)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter,
		r *http.Request) {
		paths <- r.URL.Path
	}))
	defer collector.Close()
	tracing, err := telemetry.NewTracing(t.Context(), collector.URL, "v1", "here")
	if err != nil {
		t.Fatal(err)
	}
	_, span := tracing.Tracer("test").Start(t.Context(), "work")
	span.End()
	if err := tracing.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := <-paths; got != "/v1/traces" {
		t.Errorf("got %s", got)
	}
}

func TestWithoutACollectorNothingIsTraced(t *testing.T) {
	tracing, err := telemetry.NewTracing(t.Context(), "", "v1", "here")
	if err != nil {
		t.Fatal(err)
	}
	if _, span := tracing.Tracer("test").Start(t.Context(), "work"); span.IsRecording() {
		t.Error("a span records")
	}
	if err := tracing.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}
