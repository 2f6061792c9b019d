package local

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/touchline/touchline/infra/mlflow"
)

func TestRealMLflowKeepsItsModelsWhenItIsKilledAndLeavesNothingBehind(t *testing.T) {
	ctx := needEngines(t)
	began := time.Now()
	m, err := StartMLflow(ctx, MLflowConfig{Dir: t.TempDir(), Log: quiet(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("MLflow serves after %v", time.Since(began).Round(10*time.Millisecond))
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	client, err := mlflow.New(m.URL())
	if err != nil {
		t.Fatal(err)
	}
	artefact := "an artefact"
	if _, err := client.Export(ctx, mlflow.Model{Name: "kept", Artefact: []byte(artefact)}); err != nil {
		t.Fatal(err)
	}
	// The kernel ends the process that is tied to us, and not those that it started: there must be none.
	pid := m.cmd.Process.Pid
	if children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid)); err != nil ||
		strings.TrimSpace(string(children)) != "" {
		t.Errorf("the server has the children %q (%v), want none", children, err)
	}
	if err := m.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := m.answers(ctx); err == nil {
		t.Error("a killed server answers")
	}
	if err := m.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if got, _, err := client.Import(ctx, "kept", "latest"); err != nil || string(got.Artefact) != artefact {
		t.Errorf("after a kill and a start: got %q, %v", got.Artefact, err)
	}
}
