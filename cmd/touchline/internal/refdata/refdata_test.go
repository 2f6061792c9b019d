package refdata_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/touchline/touchline/cmd/touchline/internal/refdata"
	"github.com/touchline/touchline/schemas/football"
)

// runReference runs `touchline reference` and returns what it prints.
func runReference(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := refdata.ReferenceCommand()
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&bytes.Buffer{})
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

// writeFile writes a file into a folder of its own and returns its path.
func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestShowPrintsEntriesAsAFileHasThem(t *testing.T) {
	out, err := runReference(t, "show")
	if lines := strings.Split(strings.TrimSpace(out), "\n"); err != nil ||
		len(lines) != 1+len(football.DefaultReference().Competitions()) {
		t.Errorf("got %d lines, %v, want one a competition and a header", len(lines), err)
	}
	for _, name := range []string{"E0", "Premier League"} {
		out, err := runReference(t, "show", name)
		var entry football.CompetitionEntry
		if err != nil || json.Unmarshal([]byte(out), &entry) != nil || entry.ID != "E0" || entry.Pool != "england" {
			t.Errorf("%s: got %s, %v, want the entry of E0", name, out, err)
		}
	}
	out, err = runReference(t, "show", "man-united")
	var team football.TeamEntry
	if err != nil || json.Unmarshal([]byte(out), &team) != nil || team.ID != "man-united" {
		t.Errorf("got %s, %v, want the entry of man-united", out, err)
	}
	if _, err := runReference(t, "show", "Nowhere"); err == nil || !strings.Contains(err.Error(), `"Nowhere"`) {
		t.Errorf("an unknown name: got %v, want an error that names it", err)
	}
}

func TestCheckNamesWhatIsWrongInAFile(t *testing.T) {
	good := writeFile(t, "good.json", `{"pools":[{"id":"moon","name":"Moon"}],
		"competitions":[{"id":"M0","name":"Moon League","country":"Moon","pool":"moon","level":1}]}`)
	if out, err := runReference(t, "check", good); err != nil || !strings.Contains(out, "nothing is wrong") {
		t.Errorf("got %s, %v, want nothing wrong", out, err)
	}
	bad := writeFile(t, "bad.json", `{"competitions":[{"id":"M1","name":"Dark Side","pool":"mars","level":2}]}`)
	if _, err := runReference(t, "check", good, bad); err == nil || !strings.Contains(err.Error(), "mars") {
		t.Errorf("a competition without its pool: got %v, want an error that names it", err)
	}
	if _, err := runReference(t, "check", good+"x"); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a missing file: got %v, want an error", err)
	}
}

// TestWhatIsMissingBecomesAReferenceFile lists a league that nobody knows and a club that is new in a known one, and
// gives the file that is written to the program.
func TestWhatIsMissingBecomesAReferenceFile(t *testing.T) {
	results := t.TempDir()
	for name, text := range map[string]string{
		"ZZ9.csv": "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR\nZZ9,17/08/24,Lunar,Crater,1,0,H\nZZ9,24/08/24,Crater,Lunar,0,0,D\n",
		"E0.csv":  "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR\nE0,17/08/24,Arsenal,Newcomers Town,1,0,H\n",
	} {
		if err := os.WriteFile(filepath.Join(results, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "leagues.json")
	source := []string{"--source", "football-data", "--path", results}
	out, err := runReference(t, append([]string{"missing", "--out", file}, source...)...)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Lunar", "Crater", "Newcomers Town", "2 matches", "league"} {
		if !strings.Contains(out, want) {
			t.Errorf("got %s, want %q in it", out, want)
		}
	}
	if strings.Contains(out, "Arsenal") {
		t.Errorf("got %s, want no team that the reference has", out)
	}
	if out, err := runReference(t, "check", file); err != nil {
		t.Errorf("the file that was written: got %s, %v, want nothing wrong", out, err)
	}
	out, err = runReference(t, append([]string{"missing", "--reference", file}, source...)...)
	if err != nil || !strings.Contains(out, "has every league and every team") {
		t.Errorf("with the file: got %s, %v, want nothing missing", out, err)
	}
	unwritable := filepath.Join(file, "x.json")
	if _, err := runReference(t, append([]string{"missing", "--out", unwritable}, source...)...); err == nil ||
		!strings.Contains(err.Error(), "--out "+unwritable) {
		t.Errorf("a file that can't be written: got %v, want an error that names the flag", err)
	}
}
