package refdata_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/touchline/touchline/cmd/touchline/internal/refdata"
)

const ownLeagues = `{"pools": [{"id": "p"}], "competitions": [
	{"id": "XA", "name": "Plain", "pool": "p", "level": 1},
	{"id": "XB", "name": "Cup", "pool": "p", "cup": true},
	{"id": "XC", "name": "Twice", "pool": "p", "level": 1,
		"seasons": [{"from": "2001-02", "teams": 12, "meetings": 2}]},
	{"id": "XD", "name": "Split", "pool": "p", "level": 1,
		"seasons": [{"from": "2001-02", "teams": 12, "split": {"after": 33, "top": 6}}]},
	{"id": "XE", "name": "Ended", "pool": "p", "level": 1,
		"seasons": [{"from": "2001-02", "teams": 12}, {"from": "2011-12", "teams": 0}]},
	{"id": "XF", "name": "Bare", "pool": "p", "level": 1, "seasons": [{"from": "2001-02", "teams": 12}]},
	{"id": "XW", "name": "Old", "pool": "p", "level": 1, "seasons": [{"from": "1981-82", "teams": 12, "win": 2}]},
	{"id": "XG", "name": "Whole", "pool": "p", "level": 1, "seasons": [
		{"from": "1999-00", "teams": 12, "meetings": 2},
		{"from": "2001-02", "teams": 16, "places": [{"name": "relegation", "first": 16, "last": 16}]},
		{"from": "2005-06", "teams": 18, "places": [{"name": "relegation", "first": 16, "last": 18}]}]}]}`

func TestShowTellsWhetherOutlooksAreMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "leagues.json")
	if err := os.WriteFile(file, []byte(ownLeagues), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd := refdata.ReferenceCommand()
	cmd.SetOut(&out)
	cmd.SetArgs([]string{"show", "--reference", file})
	if err := cmd.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, line := range strings.Split(out.String(), "\n") {
		id, _, _ := strings.Cut(line, " ")
		got[id] = line
	}
	for id, want := range map[string]string{
		"XA": "none: the rules of its table are not known",
		"XB": "none: a cup",
		"XC": "none: each pair meets 2 times at each ground",
		"XD": "none: the table is split after 33 matches",
		"XE": "none since 2011-12: the rules of its table are not known",
		"XF": "since 2001-02; going up and down is not known",
		"XW": "none: a win is worth 2 points",
		"XG": "since 2001-02",
		"E0": "since 1992-93",
		"WC": "none: national teams",
	} {
		if !strings.HasSuffix(got[id], "  "+want) {
			t.Errorf("%s: got %q, want it to end with %q", id, got[id], want)
		}
	}
}
