package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/infra/local/realtest"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/models"
)

// artefact writes an artefact of goals whose strength has another weight, and returns the file.
func artefact(t *testing.T, blend float64) string {
	t.Helper()
	a := predict.DefaultGoals()
	a.Weights.StrengthBlend = blend
	text, err := predict.Encode(a)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "goals.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAnOperatorChangesModels(t *testing.T) {
	folder, matches := season(t)
	up := start(t, t.TempDir(), folder)
	up.await("every match to be scored", func() bool { return up.evaluated("goals") == matches })

	pools := cli.CountOf(len(football.DefaultReference().Pools()), "pool")
	path := artefact(t, 0.7)
	contains(t, "register", up.must("models", "register", "goals", "--artefact", path, "--note", "weaker"),
		"goals version 3 is registered", "announced to "+pools, "digest ")
	up.fails("is goals version 3 already", "models", "register", "goals", "--artefact", path)
	contains(t, "shadow", up.must("models", "shadow", "goals", "3"), "goals version 3 is shadowed")
	contains(t, "compare", up.must("models", "compare", "goals", "2", "3"), "no match was forecast by both")
	contains(t, "split", up.must("models", "split", "goals", "3", "10%"), "goals version 3 is split")
	contains(t, "list", up.must("models", "list"), "90 %", "10 %", "goals or goals@3", "market-blend")
	contains(t, "promote", up.must("models", "promote", "goals", "3"), "goals version 3 is promoted")
	contains(t, "a rollback", up.must("models", "promote", "goals", "2", "--note", "back"),
		"goals version 2 is promoted")
	contains(t, "announce", up.must("models", "announce"), "is announced to "+pools)
	contains(t, "log", up.must("models", "log"), "split 10 %", "weaker", "back")
	contains(t, "list", up.must("models", "list", "--json"), `"name":"goals","version":3`, `"status":"shadowed"`,
		`"speaks":"goals@3"`)

	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	edited := filepath.Join(t.TempDir(), "edited.json")
	if err := os.WriteFile(edited, bytes.Replace(text, []byte("0.7"), []byte("0.70"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	for words, args := range map[string][]string{
		"edited or formatted by hand":        {"register", "goals", "--artefact", edited},
		"--kind market: the artefact has":    {"register", "goals", "--artefact", path, "--kind", "market"},
		"no kind of model is called":         {"register", "goals", "--artefact", path, "--kind", "oracle"},
		"--artefact FILE":                    {"register", "goals"},
		"no such file":                       {"register", "goals", "--artefact", path + "x"},
		"has more than the 67108864 bytes":   {"register", "goals", "--artefact", "/dev/zero"},
		"no name for a model":                {"register", "Goals!", "--artefact", artefact(t, 0.6)},
		"has no version 9":                   {"promote", "goals", "9"},
		"no model is called":                 {"shadow", "gaols", "1"},
		"is no version":                      {"promote", "goals", "two"},
		"is no share":                        {"split", "goals", "3", "100%"},
		"is served already":                  {"split", "goals", "2", "0.5"},
		"promote another version first":      {"retire", "goals", "2"},
		"name two versions":                  {"compare", "goals", "2", "2"},
		"--alpha":                            {"compare", "goals", "2", "3", "--alpha", "0"},
		"--checkpoint":                       {"compare", "goals", "2", "3", "--checkpoint", "dawn"},
		"give the address of the MLflow":     {"export", "goals", "3", "--mlflow", ""},
		"want http://host:5000":              {"import", "goals", "--mlflow", "somewhere"},
		"connection refused":                 {"import", "goals", "--mlflow", "http://127.0.0.1:1"},
		"`touchline models list` shows what": {"compare", "goals", "2", "7"},
	} {
		up.fails(words, append([]string{"models"}, args...)...)
	}
	contains(t, "retire", up.must("models", "retire", "goals", "3"), "goals version 3 is retired")
	up.fails("retired for good", "models", "promote", "goals", "3")
	contains(t, "register again", up.must("models", "register", "goals", "--artefact", path),
		"goals version 4 is registered")
	contains(t, "a sample", up.must("explain", "--sample", "100"),
		"explained 100: identical 100, differs 0, not re-derivable 0")
	up.end()
}

// large writes an artefact that is too large for the log, of teams that play in no league, and returns the file and its
// digest.
func large(t *testing.T) (path, digest string) {
	t.Helper()
	a := &predict.DixonColesArtefact{
		Competitions: map[football.CompetitionID]predict.DixonColesLevel{"E0": {Goals: 0.1, Home: 0.3}},
		Teams:        map[football.TeamID]predict.DixonColesTeam{},
		Play:         predict.DefaultPlay(),
	}
	for i := range 5000 {
		a.Teams[football.TeamID(fmt.Sprintf("team-%04d", i))] = predict.DixonColesTeam{}
	}
	text, err := predict.Encode(a)
	if err != nil || len(text) <= models.LargestInLog {
		t.Fatalf("%d bytes, %v", len(text), err)
	}
	path = filepath.Join(t.TempDir(), "large.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, predict.Digest(text)
}

// played returns the sum of the matches that the teams of the season have played.
func (r *running) played() (sum int) {
	var table struct {
		Rows []struct{ Played int }
	}
	r.get("/v1/competitions/E0/table", &table)
	for _, row := range table.Rows {
		sum += row.Played
	}
	return sum
}

// TestAMissingArtefactHoldsWhatNeedsItAndNothingElse: the process starts, serves what there is, and goes on once the
// artefact is back.
func TestAMissingArtefactHoldsWhatNeedsItAndNothingElse(t *testing.T) {
	folder, matches := season(t)
	file := filepath.Join(folder, "E0_2021.csv")
	rows, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	half := bytes.Join(bytes.SplitAfter(rows, []byte("\n"))[:1+matches/2], nil)
	if err := os.WriteFile(file, half, 0o600); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	up := start(t, data, folder)
	up.await("half of the season", func() bool { return up.evaluated("goals") == matches/2 })
	path, digest := large(t)
	up.fails("set TOUCHLINE_ARTEFACTS", "models", "register", "large", "--kind", "dixon-coles", "--artefact", path)
	store := filepath.Join(data, "artefacts")
	up.must("models", "register", "large", "--kind", "dixon-coles", "--artefact", path, "--artefacts", store)
	up.must("models", "promote", "large", "1", "--artefacts", store)
	up.fails("set TOUCHLINE_ARTEFACTS", "process", "--instance", "other", "--listen", "127.0.0.1:0")
	up.end()

	kept, away := filepath.Join(store, digest), filepath.Join(t.TempDir(), digest)
	if err := errors.Join(os.Rename(kept, away), os.WriteFile(file, rows, 0o600)); err != nil {
		t.Fatal(err)
	}
	up = start(t, data, folder)
	up.await("a table of all results", func() bool { return up.played() == 2*matches })
	if n := up.evaluated("goals"); n > matches/2 {
		t.Errorf("%d of %d matches were forecast without the model", n-matches/2, matches/2)
	}
	up.fails("no such artefact", "models", "list", "--artefacts", store)
	if err := os.Rename(away, kept); err != nil {
		t.Fatal(err)
	}
	up.await("the whole season", func() bool { return up.evaluated("goals") == matches })
	up.end()
}

// TestRealModelsTravelThroughMLflow: a version that was exported from one installation is imported into it again, with
// the same artefact.
func TestRealModelsTravelThroughMLflow(t *testing.T) {
	realtest.Need(t)
	url, _ := realtest.MLflow(t)
	for _, part := range []string{"KAFKA_BROKERS", "KAFKA_REPLICATION", "SCHEMA_REGISTRY_URL", "POSTGRES_URL",
		"POSTGRES_REPLICA_URLS", "REDIS_URLS"} {
		t.Setenv("TOUCHLINE_"+part, "") // the line's own parts are embedded here
	}
	folder, matches := season(t)
	up := start(t, t.TempDir(), folder)
	up.await("every match to be scored", func() bool { return up.evaluated("goals") == matches })
	name := fmt.Sprintf("touchline-house-%d", os.Getpid()) // the server outlives the test
	contains(t, "export", up.must("models", "export", "goals", "2", "--mlflow", url, "--as", name),
		"goals version 2 is now version 1 of "+name, url)
	contains(t, "export again", up.must("models", "export", "goals", "2", "--mlflow", url, "--as", name),
		"was already version 1")
	up.fails("that artefact is goals version 2 already", "models", "import", "goals", "--mlflow", url, "--from", name)
	out := up.must("models", "import", "house", "--mlflow", url, "--from", name)
	contains(t, "import", out, "house version 1 is registered")
	_, digest, _ := strings.Cut(out, "digest ")
	contains(t, "the built-in digest", predict.BuiltInRegistrations()[0].Digest, strings.TrimSpace(digest))
	contains(t, "promote", up.must("models", "promote", "house", "1"), "house version 1 is promoted")
	up.fails("alias champion not found", "models", "import", "goals", "--mlflow", url, "--from", name, "--version",
		"champion")
	up.end()
}
