package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/touchline/touchline/streams/audit"
)

// command runs a command against the parts of up, and returns what it printed and its error.
func (r *running) command(args ...string) (stdout, stderr string, err error) {
	var out, progress bytes.Buffer
	cmd := rootCommand()
	cmd.SetOut(&out)
	cmd.SetErr(&progress)
	cmd.SetArgs(append(args, "--kafka-brokers", r.kafka, "--schema-registry-url", r.registry))
	err = cmd.Execute()
	return out.String(), progress.String(), err
}

// must runs a command that has to succeed.
func (r *running) must(args ...string) string {
	r.t.Helper()
	out, _, err := r.command(args...)
	if err != nil {
		r.t.Fatalf("touchline %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// fails runs a command that has to exit with 1 and to say the words.
func (r *running) fails(words string, args ...string) {
	r.t.Helper()
	out, _, err := r.command(args...)
	if err == nil || !strings.Contains(out+err.Error(), words) {
		r.t.Errorf("touchline %s: %v\n%s\nwant it to fail and to say %q", strings.Join(args, " "), err, out, words)
	}
}

func contains(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%s does not say %q:\n%s", what, word, text)
		}
	}
}

func TestAnOperatorExplainsReplaysComparesAndSettles(t *testing.T) {
	folder, matches := season(t,
		"E0,2021-05-01,Arsenal,Arsnal,1,0,H,0,0,D,1,1,1,1,2,3,4,2,3,4", // a team that nobody knows
		"E0,2021-05-02,Chelsea,Everton,1")                              // cut off
	up := start(t, t.TempDir(), folder)
	up.await("every match to be scored", func() bool {
		return up.evaluated("goals") == matches &&
			up.evaluated("market-blend") == matches
	})

	contains(t, "a sample", up.must("explain", "--sample", "100"),
		"explained 100: identical 100, differs 0, not re-derivable 0")
	var one audit.Explanation
	if err := json.Unmarshal([]byte(up.must("explain", "football.predictions.v1/0/3", "--json")), &one); err != nil {
		t.Fatal(err)
	}
	contains(t, "an explanation", up.must("explain", one.ID), one.ID+": identical", "prediction", "<- feature record",
		"<- match event", "<- raw event", "payload: Div,Date", "E0,2020-")
	contains(t, "a shallow one", up.must("explain", one.ID, "--shallow"), one.ID+": identical")
	up.fails("names no prediction", "explain", "arsenal~goals")
	up.fails("no prediction", "explain", one.ID+"999")
	up.fails("not both", "explain", one.ID, "--sample", "3")
	up.fails("is not there", "explain", "football.predictions.v1/0/9999999")
	up.fails("no topic of the predictions", "explain", "football.raw-events/0/1")

	contains(t, "a replay", up.must("replay", "--stage", "features,predict", "--version", "2", "--diff"),
		"written to football.predictions.v2", "football.predictions.v1 and football.predictions.v2: equal",
		"differ 0, only in the first 0, only in the second 0")
	contains(t, "a replay of a part", up.must("replay", "--stage", "predict", "--version", "3", "--until", "0/100",
		"--diff"), "outside the range of the second")
	contains(t, "topics diff", up.must("topics", "diff", "football.match-features.v1", "football.match-features.v2"),
		"differ 0")
	for words, args := range map[string][]string{
		"holds records already":  {"--stage", "predict", "--version", "2"},
		"is the current one":     {"--stage", "predict", "--version", "1"},
		"follow one another":     {"--stage", "normalize,predict", "--version", "4"},
		"no stage \"guess\"":     {"--stage", "guess", "--version", "3"},
		"want partition/offset":  {"--stage", "predict", "--version", "3", "--from", "x"},
		"give partition/offset":  {"--stage", "predict", "--version", "3", "--until", "soon"},
		"give a time such as":    {"--stage", "predict", "--version", "3", "--since", "soon"},
		"give the version":       {"--stage", "predict"},
		"name the stages to run": {"--version", "3"},
	} {
		up.fails(words, append([]string{"replay"}, args...)...)
	}

	contains(t, "a dry run", up.must("quarantine", "replay", "--reason", "unknown-team", "--dry-run"),
		"would be replayed")
	contains(t, "list", up.must("quarantine", "list"), "0 settled")
	contains(t, "drop", up.must("quarantine", "drop", "--reason", "unknown-team", "--note", "withdrawn"), "dropped: ")
	if left := up.must("quarantine", "list"); strings.Contains(left, "Arsnal") {
		t.Errorf("list shows what was dropped:\n%s", left)
	}
	contains(t, "list --all", up.must("quarantine", "list", "--all"), "Arsnal", "dropped on", "withdrawn")
	contains(t, "a replay", up.must("quarantine", "replay", "--all"), "replayed football.raw-events/0/")
	up.await("what is broken to come back", func() bool {
		return strings.Contains(up.must("quarantine", "list", "--json"), "malformed")
	})
	up.fails("name entries by their IDs", "quarantine", "replay")
	up.fails("it is settled: dropped on", "quarantine", "replay", "0/0", "0/2")
	up.end()
}
