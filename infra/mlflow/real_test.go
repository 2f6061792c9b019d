package mlflow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/touchline/touchline/infra/artefacts"
	"github.com/touchline/touchline/infra/local/realtest"
	"github.com/touchline/touchline/infra/mlflow"
)

// TestRealModelsGoToMLflowAndBack exports to a real server, reads there with MLflow's own client, and imports again.
func TestRealModelsGoToMLflowAndBack(t *testing.T) {
	realtest.Need(t)
	url, python := realtest.MLflow(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	client, err := mlflow.New(url)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("touchline-goals-%d", os.Getpid()) // the server outlives the test
	model := mlflow.Model{
		Name: name, Run: "goals version 3", Artefact: []byte(`{"schema": "touchline.goals/1"}`), Kind: "goals", Note: "without pi-ratings",
		Params: map[string]string{"before": "2019-07-01"}, Metrics: map[string]float64{"rps": 0.2047, "log_loss": 1.0002}, Tags: map[string]string{"touchline.version": "3"},
	}
	if _, _, err := client.Import(ctx, name, "latest"); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("a model that nobody exported: got %v", err)
	}
	exported, err := client.Export(ctx, model)
	if err != nil || exported.Version != "1" || exported.WasThat {
		t.Fatalf("got %+v, %v", exported, err)
	}
	if again, err := client.Export(ctx, model); err != nil || !again.WasThat || again.Version != "1" {
		t.Errorf("the same artefact again: got %+v, %v", again, err)
	}
	second := model
	second.Artefact = []byte(`{"schema": "touchline.goals/1", "other": 1}`)
	if v, err := client.Export(ctx, second); err != nil || v.Version != "2" {
		t.Errorf("another artefact: got %+v, %v", v, err)
	}

	out, err := exec.CommandContext(ctx, python, "../local/clients/read_model.py", url, name, "1").Output()
	if err != nil {
		t.Fatalf("MLflow's own client: %v\n%s", err, out)
	}
	var seen struct {
		Status, Description, Digest string
		Params, Tags                map[string]string
		Metrics                     map[string]float64
	}
	if err := json.Unmarshal(out, &seen); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if seen.Status != "FINISHED" || seen.Digest != artefacts.Digest(model.Artefact) || seen.Params["before"] != "2019-07-01" ||
		seen.Metrics["rps"] != 0.2047 || seen.Tags["touchline.digest"] != seen.Digest || seen.Description != model.Note {
		t.Errorf("MLflow's own client sees %+v", seen)
	}

	for version, want := range map[string]mlflow.Model{"1": model, "latest": second} {
		got, where, err := client.Import(ctx, name, version)
		if err != nil || string(got.Artefact) != string(want.Artefact) || got.Kind != "goals" || got.Metrics["log_loss"] != 1.0002 || got.Params["digest"] != artefacts.Digest(want.Artefact) {
			t.Errorf("version %s: got %+v of %+v, %v", version, got, where, err)
		}
	}
	if _, _, err := client.Import(ctx, name, "champion"); err == nil || !strings.Contains(err.Error(), "champion") {
		t.Errorf("an alias that is not there: got %v", err)
	}
}

// TestWhatIsNoMLflowIsSaid: addresses and answers that can't be a server's.
func TestWhatIsNoMLflowIsSaid(t *testing.T) {
	for _, address := range []string{"", "mlflow:5000", "ftp://mlflow"} {
		if _, err := mlflow.New(address); err == nil || !strings.Contains(err.Error(), "want http://host:5000") {
			t.Errorf("%q: got %v", address, err)
		}
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "<html>Bad Gateway</html>", http.StatusBadGateway)
	}))
	defer proxy.Close()
	client, err := mlflow.New(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Export(t.Context(), mlflow.Model{Name: "x", Artefact: []byte("x")}); err == nil || !strings.Contains(err.Error(), "502") || !strings.Contains(err.Error(), "nothing else in between") {
		t.Errorf("got %v", err)
	}
	if _, err := client.Export(t.Context(), mlflow.Model{Name: "x"}); err == nil {
		t.Error("a model without an artefact is exported")
	}
}
