package mlflow_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
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
		Name: name, Run: "goals version 3", Artefact: []byte(`{"schema": "touchline.goals/1"}`), Kind: "goals",
		Note:   "without pi-ratings",
		Params: map[string]string{"before": "2019-07-01"}, Metrics: map[string]float64{"rps": 0.2047,
			"log_loss": 1.0002}, Tags: map[string]string{"touchline.version": "3"},
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
	if seen.Status != "FINISHED" || seen.Digest != artefacts.Digest(model.Artefact) ||
		seen.Params["before"] != "2019-07-01" ||
		seen.Metrics["rps"] != 0.2047 || seen.Tags["touchline.digest"] != seen.Digest ||
		seen.Description != model.Note {
		t.Errorf("MLflow's own client sees %+v", seen)
	}

	for version, want := range map[string]mlflow.Model{"1": model, "latest": second} {
		got, where, err := client.Import(ctx, name, version)
		if err != nil || string(got.Artefact) != string(want.Artefact) || got.Kind != "goals" ||
			got.Metrics["log_loss"] != 1.0002 || got.Params["digest"] != artefacts.Digest(want.Artefact) {
			t.Errorf("version %s: got %+v of %+v, %v", version, got, where, err)
		}
	}
	if _, _, err := client.Import(ctx, name, "champion"); err == nil || !strings.Contains(err.Error(), "champion") {
		t.Errorf("an alias that is not there: got %v", err)
	}
	replace(ctx, t, url, exported.RunID)
	var wrong *artefacts.DigestError
	if _, _, err := client.Import(ctx, name, "1"); !errors.As(err, &wrong) ||
		wrong.Want != artefacts.Digest(model.Artefact) {
		t.Errorf("a file that was replaced: got %v", err)
	}
}

// replace puts another file where an exported artefact is.
func replace(ctx context.Context, t *testing.T, url, run string) {
	t.Helper()
	var found struct {
		Run struct {
			Info struct {
				URI string `json:"artifact_uri"`
			} `json:"info"`
		} `json:"run"`
	}
	call(ctx, t, http.MethodGet, url+"/api/2.0/mlflow/runs/get?run_id="+run, "", &found)
	_, path, _ := strings.Cut(found.Run.Info.URI, ":")
	call(ctx, t, http.MethodPut, url+"/api/2.0/mlflow-artifacts/artifacts"+path+"/artefact.json", "another", nil)
}

// call asks a server without our client.
func call(ctx context.Context, t *testing.T, method, url, body string, out any) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s, %v: %s", method, url, resp.Status, err, text)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(text, out); err != nil {
		t.Fatal(err)
	}
}

// TestRealModelsOfOthersAreImported: made with MLflow's own client, and found by number and by alias.
func TestRealModelsOfOthersAreImported(t *testing.T) {
	realtest.Need(t)
	url, python := realtest.MLflow(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	path := filepath.Join(t.TempDir(), "artefact.json")
	if err := os.WriteFile(path, []byte(`{"by": "hand"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("by-hand-%d", os.Getpid())
	if out, err := exec.CommandContext(ctx, python, "../local/clients/make_model.py", url, name, path,
		"champion").CombinedOutput(); err != nil {
		t.Fatalf("MLflow's own client: %v\n%s", err, out)
	}
	client, err := mlflow.New(url)
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"1", "champion", "latest"} {
		got, where, err := client.Import(ctx, name, version)
		if err != nil || string(got.Artefact) != `{"by": "hand"}` || where.Version != "1" ||
			got.Params["made by"] != "hand" || got.Kind != "" {
			t.Errorf("version %s: got %+v of %+v, %v", version, got, where, err)
		}
	}
}

// TestRealNamesAreTakenAsTheyAre: with what a filter or an address has a meaning for.
func TestRealNamesAreTakenAsTheyAre(t *testing.T) {
	realtest.Need(t)
	url, _ := realtest.MLflow(t)
	client, err := mlflow.New(url)
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range map[string]string{"of the house": "of%20the%20house", "the house's": "the%20house%27s",
		`the "house"`: "the%20%22house%22", "%41": "%2541"} {
		name, page = fmt.Sprint(name, os.Getpid()), fmt.Sprint(page, os.Getpid())
		model := mlflow.Model{Name: name, Artefact: []byte(name)}
		first, err := client.Export(t.Context(), model)
		if want := url + "/#/models/" + page + "/versions/1"; err != nil ||
			strings.Replace(first.URL, "//#", "/#", 1) != want {
			t.Errorf("got %+v, %v, want the page %s", first, err, want)
		}
		if again, err := client.Export(t.Context(), model); err != nil || !again.WasThat {
			t.Errorf("%s again: got %+v, %v", name, again, err)
		}
		if got, _, err := client.Import(t.Context(), name, "latest"); err != nil || string(got.Artefact) != name {
			t.Errorf("%s: got %q, %v", name, got.Artefact, err)
		}
	}
}

// TestRealRunsThatFailEnd: with MLflow's own words, and no version is made.
func TestRealRunsThatFailEnd(t *testing.T) {
	realtest.Need(t)
	url, _ := realtest.MLflow(t)
	client, err := mlflow.New(url)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("failing-%d", os.Getpid())
	model := mlflow.Model{Name: name, Experiment: name, Artefact: []byte("x"),
		Params: map[string]string{"digest": "which stands there already"}}
	var said *mlflow.Error
	if _, err := client.Export(t.Context(), model); !errors.As(err, &said) || said.Code != "INVALID_PARAMETER_VALUE" ||
		!strings.Contains(said.Message, "digest") {
		t.Errorf("got %v", err)
	}
	if _, _, err := client.Import(t.Context(), name, "latest"); err == nil ||
		!strings.Contains(err.Error(), "it has none") {
		t.Errorf("got %v", err)
	}
	var experiment struct {
		Experiment struct {
			ID string `json:"experiment_id"`
		}
	}
	call(t.Context(), t, http.MethodGet, url+"/api/2.0/mlflow/experiments/get-by-name?experiment_name="+name, "",
		&experiment)
	var found struct {
		Runs []struct{ Info struct{ Status string } }
	}
	call(t.Context(), t, http.MethodPost, url+"/api/2.0/mlflow/runs/search",
		`{"experiment_ids": ["`+experiment.Experiment.ID+`"]}`, &found)
	if len(found.Runs) != 1 || found.Runs[0].Info.Status != "FAILED" {
		t.Errorf("got the runs %+v, want one that failed", found.Runs)
	}
}
