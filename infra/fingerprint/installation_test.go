package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/touchline/touchline/infra/machine"
)

// writeSeason writes a small season of four teams, with a row that is refused, in football-data's layout.
func writeSeason(t *testing.T) (folder string) {
	t.Helper()
	teams := []string{"Arsenal", "Chelsea", "Everton", "Liverpool"}
	text := "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR,HTHG,HTAG,HTR,AvgH,AvgD,AvgA\n"
	day := time.Date(2020, 9, 12, 0, 0, 0, 0, time.UTC)
	for _, home := range teams {
		for _, away := range teams {
			if home != away {
				text += fmt.Sprintf("E0,%s,%s,%s,2,1,H,1,1,D,2.1,3.4,3.6\n", day.Format(time.DateOnly), home, away)
				day = day.AddDate(0, 0, 3)
			}
		}
	}
	folder = t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "E0_2021.csv"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestARunOfTheProgramIsRecorded(t *testing.T) {
	if len(machine.FindPostgres(t.Context(), machine.PostgresFolders())) == 0 {
		t.Skip("no Postgres binaries on this machine: install PostgreSQL 15 or later")
	}
	binary := filepath.Join(t.TempDir(), "touchline")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../../cmd/touchline")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	got, err := recordFeed(ctx, t.Output(), binary, feed{"football-data", writeSeason(t)})
	if err != nil {
		t.Fatal(err)
	}
	summaries := map[string]string{}
	for _, e := range got {
		if _, twice := summaries[e.name]; twice {
			t.Errorf("two entries have the name %q", e.name)
		}
		summaries[e.name] = e.summary
	}
	for name, want := range map[string]string{
		"football-data topic football.evaluations.v1":                   "records=",
		"football-data table touchline.matches":                         "rows=12 ",
		"football-data rest GET /v1/competitions/E0/table":              "status=200 ",
		"football-data rest GET /v1/matches/nonsense":                   "status=400 ",
		"football-data websocket image of a match":                      "frames=1 ",
		"football-data websocket resume of a match":                     "frames=",
		"football-data events image of a match":                         "event=1 ",
		"football-data metrics names":                                   "lines=",
		"football-data rest GET /v1/stream?match=nonsense":              "status=404 ",
		"football-data websocket resume of a match, compact, one model": "frames=",
	} {
		if !strings.HasPrefix(summaries[name], want) {
			t.Errorf("%s: got %q, want %q", name, summaries[name], want)
		}
	}
}

func TestABinaryThatEndsIsReportedWithItsLog(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "touchline")
	if err := os.WriteFile(binary, []byte("#!/bin/sh\necho 'no such path' >&2\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := startInstallation(t.Context(), binary, feed{"football-data", "nowhere"})
	if err == nil || !strings.Contains(err.Error(), "no such path") {
		t.Errorf("got %v, want an error with the log of the binary", err)
	}
}
