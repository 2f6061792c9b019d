package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/touchline/touchline/processors/predict"
)

// ran runs a command that needs no parts.
func ran(args ...string) (stdout, stderr string, err error) {
	var out, progress bytes.Buffer
	cmd := rootCommand()
	cmd.SetOut(&out)
	cmd.SetErr(&progress)
	cmd.SetArgs(args)
	err = cmd.Execute()
	return out.String(), progress.String(), err
}

func TestTrainWritesAnArtefactAndNamesItsDigest(t *testing.T) {
	folder, matches := season(t)
	for kind, flags := range map[string][]string{
		predict.KindGoals: {"--market", "0.25"}, predict.KindDixonColes: {"--half-life", "90d", "--variance", "0.2"},
	} {
		path := filepath.Join(t.TempDir(), "artefact.json")
		args := append([]string{"train", kind, "--source", "football-data", "--path", folder, "--out", path}, flags...)
		out, progress, err := ran(args...)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		artefact, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := predict.Decode(kind, artefact); err != nil {
			t.Errorf("%s: what was written can't be read: %v", kind, err)
		}
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if got := lines[len(lines)-1]; got != predict.Digest(artefact) {
			t.Errorf("%s: the last line is %q, want the digest %s", kind, got, predict.Digest(artefact))
		}
		contains(t, kind, out, "30 matches from 2020-09-12", "log likelihood of a score")
		contains(t, kind, progress, "events folded in")

		out, _, err = ran(append(args, "--before", "2020-10-12", "--json")...)
		var report struct {
			Digest  string
			Trained struct {
				Before  string
				Matches int
			}
		}
		if err == nil {
			err = json.Unmarshal([]byte(out), &report)
		}
		if err != nil || report.Trained.Before != "2020-10-12" || report.Trained.Matches == 0 ||
			report.Trained.Matches >= matches || len(report.Digest) != 64 {
			t.Errorf("%s: got %+v, %v", kind, report, err)
		}
		if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
			t.Errorf("%s left %v beside the artefact", kind, left)
		}
	}
}

func TestWhatIsWrongWithTrainingNamesTheFlag(t *testing.T) {
	folder, _ := season(t)
	out := filepath.Join(t.TempDir(), "a.json")
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no file":                 {[]string{"goals"}, "--out"},
		"a folder that is none":   {[]string{"goals", "--out", "/no/such/folder/a.json"}, "--out /no/such/folder"},
		"a file that is a folder": {[]string{"goals", "--out", folder}, "--out"},
		"a day that is none":      {[]string{"goals", "--out", out, "--from", "soon"}, "--from"},
		"an end that is none":     {[]string{"goals", "--out", out, "--before", "soon"}, "--before"},
		"an end before the start": {[]string{"goals", "--out", out, "--from", "2020-10-01", "--before", "2020-10-01"},
			"later date"},
		"a share that is none":    {[]string{"goals", "--out", out, "--market", "2"}, "--market"},
		"no matches":              {[]string{"dixon-coles", "--out", out, "--from", "2030-01-01"}, "--from 2030-01-01"},
		"a variance that is none": {[]string{"dixon-coles", "--out", out, "--variance", "-1"}, "--variance"},
		"a variance of NaN":       {[]string{"dixon-coles", "--out", out, "--variance", "NaN"}, "--variance"},
		"an infinite variance":    {[]string{"dixon-coles", "--out", out, "--variance", "Inf"}, "--variance"},
		"a share of NaN":          {[]string{"goals", "--out", out, "--market", "NaN"}, "--market NaN"},
		"a time that is none":     {[]string{"dixon-coles", "--out", out, "--half-life", "long"}, "400d"},
	} {
		args := append([]string{"train", c.args[0], "--source", "football-data", "--path", folder}, c.args[1:]...)
		if _, _, err := ran(args...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want it to say %q", name, err, c.want)
		}
	}
	if _, _, err := ran("train", "goals", "--out", out, "--source", "simulator"); err == nil ||
		!strings.Contains(err.Error(), "--source football-data") {
		t.Errorf("a source without past: got %v", err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("what failed left a file")
	}
	for want, args := range map[string][]string{
		"there is dixon-coles": {"--refit", "goals"}, "--every": {"--refit", "dixon-coles", "--every", "1m"},
		"--variance":     {"--refit", "dixon-coles", "--variance", "-1"},
		"--variance NaN": {"--refit", "dixon-coles", "--variance", "NaN"},
		"--from 2030-01-01, was forecast at kick-off": {"--from", "2030-01-01"},
		"leave --minutes and --ties out":              {"--refit", "dixon-coles", "--minutes"},
	} {
		if _, _, err := ran(append([]string{"backtest", "--source", "football-data", "--path", folder},
			args...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("backtest %v: got %v, want it to say %q", args, err, want)
		}
	}
}

func TestABacktestRefits(t *testing.T) {
	folder, _ := season(t)
	out, _, err := ran("backtest", "--source", "football-data", "--path", folder, "--refit", "dixon-coles", "--every",
		"3d", "--half-life", "36h", "--compare", "goals", "dixon-coles")
	if err != nil {
		t.Fatal(err)
	}
	contains(t, "a backtest", out, "dixon-coles", "dixon-coles-plain", "goals against dixon-coles at the")
}
