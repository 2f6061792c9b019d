package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
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
		if err != nil || report.Trained.Before != "2020-10-12" || report.Trained.Matches == 0 || report.Trained.Matches >= matches || len(report.Digest) != 64 {
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
		"an end before the start": {[]string{"goals", "--out", out, "--from", "2020-10-01", "--before", "2020-10-01"}, "later date"},
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
	if _, _, err := ran("train", "goals", "--out", out, "--source", "simulator"); err == nil || !strings.Contains(err.Error(), "--source football-data") {
		t.Errorf("a source without past: got %v", err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("what failed left a file")
	}
	for want, args := range map[string][]string{
		"there is dixon-coles": {"--refit", "goals"}, "--every": {"--refit", "dixon-coles", "--every", "1m"},
		"--variance": {"--refit", "dixon-coles", "--variance", "-1"}, "--variance NaN": {"--refit", "dixon-coles", "--variance", "NaN"},
		"--from 2030-01-01, was forecast at kick-off": {"--from", "2030-01-01"}, "leave --minutes and --ties out": {"--refit", "dixon-coles", "--minutes"},
	} {
		if _, _, err := ran(append([]string{"backtest", "--source", "football-data", "--path", folder}, args...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("backtest %v: got %v, want it to say %q", args, err, want)
		}
	}
}

func TestABacktestRefits(t *testing.T) {
	folder, _ := season(t)
	out, _, err := ran("backtest", "--source", "football-data", "--path", folder, "--refit", "dixon-coles", "--every", "3d", "--half-life", "36h", "--compare", "goals", "dixon-coles")
	if err != nil {
		t.Fatal(err)
	}
	contains(t, "a backtest", out, "dixon-coles", "dixon-coles-plain", "goals against dixon-coles at the")
}

func TestDurationsInDays(t *testing.T) {
	for text, want := range map[string]string{"7d": "7d", "0d": "0d", "36h": "36h0m0s", "0.5d": "12h0m0s", "48h": "2d"} {
		var d days
		if err := d.Set(text); err != nil || d.String() != want || d.Type() != "duration" {
			t.Errorf("%s: got %s, %v", text, d.String(), err)
		}
	}
	for _, text := range []string{"", "d", "-1d", "soon", "1e9d", "NaNd", "infd"} {
		if err := new(days).Set(text); err == nil {
			t.Errorf("%q passes", text)
		}
	}
}

// screen is a terminal that keeps what is written to it.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}
func (s *screen) ReadFrom(r io.Reader) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.ReadFrom(r)
}
func (s *screen) IsTerminal() bool               { return true }
func (s *screen) GetTermSize() (int, int, error) { return 100, 20, nil }
func (s *screen) Flush(int) error                { return nil }
func (s *screen) shows() string                  { s.mu.Lock(); defer s.mu.Unlock(); return s.text.String() }

func TestAWalkShowsHowFarItIs(t *testing.T) {
	begin := football.At(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))
	day := func(n int) football.Instant { return begin.Add(time.Duration(n) * 24 * time.Hour) }
	feeds := []source.Feed{{Pool: "england", Until: day(100)}, {Pool: "spain", Until: day(50)}}

	var out bytes.Buffer
	w := newWalk(&out, feeds)
	w.reportProgress(0, day(0), 10)
	w.reportProgress(0, day(50), 10)
	w.reportProgress(1, day(0), 0)
	w.reportProgress(1, day(50), 20)
	if got := w.progressText(30 * time.Second); got != "40 events folded, 1 a second, 75 % done, 10s left" {
		t.Errorf("got %q", got)
	}
	w.endWalk()
	if got := out.String(); !strings.HasPrefix(got, "40 events folded in ") || strings.Contains(got, "\r") {
		t.Errorf("where there is no terminal: %q", got)
	}
	if got := newWalk(&out, []source.Feed{{Pool: "endless"}}).progressText(time.Second); got != "0 events folded, 0 a second" {
		t.Errorf("a feed without end: %q", got)
	}

	terminal := &screen{}
	w = newWalk(io.Discard, feeds)
	w.drawProgress(terminal)
	w.reportProgress(0, day(0), 10)
	w.reportProgress(0, day(60), 10)
	w.reportProgress(1, day(0), 10)
	w.reportProgress(1, day(50), 10)
	w.endWalk()
	contains(t, "the terminal", terminal.shows(), "england 2020-03-01", "60 %", "spain", "2020-02-20", "done")
}
