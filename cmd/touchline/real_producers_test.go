package main

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/touchline/touchline/infra/local"
	"github.com/touchline/touchline/infra/local/realtest"
)

// The examples of docs/producers.md publish a fixture each with the clients of their languages; both are forecast.
func TestRealOutsideProducersAreForecast(t *testing.T) {
	realtest.Need(t)
	folder, matches := season(t)
	r := newRoles(t)
	r.run("topics", "--create")
	r.start("process-a", "process")
	r.start("project", "project")
	r.start("serve", "serve")
	r.start("collect", "collect", "--source", "football-data", "--path", folder, "--speed", "max")
	up := &running{t: t, api: r.api, done: r.ended}
	up.await("every match of the files to be scored", func() bool { return up.evaluated("goals") == matches })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // the first time the libraries are fetched
	defer cancel()
	python, err := local.Python(ctx)
	if err != nil {
		t.Fatal(err)
	}
	produce := exec.CommandContext(ctx, python, "../../docs/producers/produce.py", r.brokers, realtest.Registry(t),
		"Arsenal", "Chelsea")
	if out, err := produce.CombinedOutput(); err != nil {
		t.Fatalf("produce.py: %v: %s", err, out)
	}
	produce = exec.CommandContext(ctx, "mvn", "-q", "-f", "../../docs/producers", "-Dbuild.dir="+t.TempDir(), "compile",
		"exec:java", "-Dexec.mainClass=Produce", "-Dexec.args="+r.brokers+" "+realtest.Registry(t)+" Liverpool Everton")
	if out, err := produce.CombinedOutput(); err != nil {
		t.Fatalf("Produce.java: %v: %s", err, out)
	}
	up.await("both fixtures to be forecast", func() bool {
		var listed struct{ Items []struct{ ID string } }
		up.get("/v1/competitions/E0/matches?status=pre-match", &listed)
		for _, match := range listed.Items {
			var forecast struct{ Outcome struct{ Home float64 } }
			up.get("/v1/matches/"+match.ID+"/prediction", &forecast)
			if forecast.Outcome.Home == 0 {
				return false
			}
		}
		return len(listed.Items) == 2
	})
}
