package football_test

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/footballtest"
)

func TestTheBuiltInReferenceIsUnambiguous(t *testing.T) {
	ref := football.DefaultReference()          // it panics when a spelling stands for two teams of a pool
	seen := map[string]football.CompetitionID{} // by country and spelling
	for _, c := range ref.Competitions() {
		if _, ok := ref.Pool(c.Pool); !ok {
			t.Errorf("competition %s: no pool %s", c.ID, c.Pool)
		}
		for _, name := range append([]string{c.Name}, c.Aliases...) {
			key := football.Slug(c.Country) + "/" + football.Slug(name)
			if other, ok := seen[key]; ok && other != c.ID {
				t.Errorf("%s %q is %s and %s", c.Country, name, other, c.ID)
			}
			seen[key] = c.ID
			if got, ok := ref.CompetitionIn(c.Country, name); !ok || got.ID != c.ID {
				t.Errorf("%s %q: got %q, want %q", c.Country, name, got.ID, c.ID)
			}
		}
		if got, ok := ref.CompetitionByName(string(c.ID)); !ok || got.ID != c.ID {
			t.Errorf("competition %s is found as %q", c.ID, got.ID)
		}
	}
}

// TestPoolsSpreadOverPartitions checks that the pools of most matches have partitions of their own, and that twelve
// carry all pools without one of them carrying many more than the others.
func TestPoolsSpreadOverPartitions(t *testing.T) {
	ref := football.DefaultReference()
	carried := map[int32]int{}
	for i, pool := range []football.PoolID{
		"england", "spain", "germany", "italy", "france", "simulation", "simulation-b", "international",
	} {
		if got := ref.Partition(pool, 12); got != int32(i) {
			t.Errorf("pool %s: got partition %d, want %d", pool, got, i)
		}
	}
	for _, p := range ref.Pools() {
		carried[ref.Partition(p.ID, 12)]++
	}
	for partition := range int32(12) {
		if n, most := carried[partition], 2*len(ref.Pools())/12; n == 0 || n > most {
			t.Errorf("partition %d carries %d pools, want 1 to %d", partition, n, most)
		}
	}
}

func TestClosedDoors(t *testing.T) {
	league, _ := football.DefaultReference().Competition("D1")
	for day, want := range map[string]bool{
		"2020-03-08T14:30:00Z": false, "2020-05-16T13:30:00Z": true, "2021-05-31T23:59:00Z": true,
		"2021-08-13T18:30:00Z": false,
	} {
		at, err := time.Parse(time.RFC3339, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := league.ClosedDoorsAt(football.At(at)); got != want {
			t.Errorf("%s: got %v, want %v", day, got, want)
		}
	}
	_, err := football.ParseReference([]byte(`{"pools": [{"id": "x"}], "competitions": [
		{"id": "X1", "pool": "x", "closed_doors": [{"from": "2021-05-31", "to": "2020-05-16"}]},
		{"id": "X2", "pool": "x", "closed_doors": [{"from": "May", "to": "2020-05-16"}]}]}`))
	if err == nil || !strings.Contains(err.Error(), `"X1"`) || !strings.Contains(err.Error(), `"X2"`) {
		t.Errorf("got %v, want both spans refused", err)
	}
}

func TestSpellingsOfOtherSources(t *testing.T) {
	ref := football.DefaultReference()
	for _, c := range []struct{ pool, name, want string }{
		{"england", "Manchester United", "man-united"},
		{"england", "Brighton & Hove Albion FC", "brighton"},
		{"england", "Wrexham", "wrexham"},
		{"germany", "Bayer Leverkusen", "leverkusen"},
		{"germany", "Darmstadt 98", "darmstadt"},
		{"germany", "1. FC Köln", "fc-koln"},
		{"germany", "Heidenheim", "heidenheim"},
		{"spain", "Atlético Madrid", "ath-madrid"},
		{"italy", "Inter Milan", "inter"},
		{"france", "Paris Saint-Germain", "paris-sg"},
		{"france", "Paris FC", "paris-fc"},
	} {
		if got, ok := ref.Team(football.PoolID(c.pool), c.name); !ok || string(got.ID) != c.want {
			t.Errorf("%s in %s: got %q, want %q", c.name, c.pool, got.ID, c.want)
		}
	}
	if _, ok := ref.Team("england", "Arsnal"); ok {
		t.Error("a misspelling became a team")
	}
}

func TestEveryTeamOfTheDataIsKnown(t *testing.T) {
	dir := footballtest.Data(t)
	ref := football.DefaultReference()
	known := func(pool football.PoolID, file, name string) {
		if _, ok := ref.Team(pool, name); !ok {
			t.Errorf("%s: no team of %s is called %q", file, pool, name)
		}
	}
	for _, file := range glob(t, dir, "club/*/*.csv") {
		c, ok := ref.Competition(football.CompetitionID(filepath.Base(filepath.Dir(file))))
		if !ok {
			t.Fatalf("no competition for %s", file)
		}
		for _, row := range table(t, file) {
			known(c.Pool, file, row["HomeTeam"])
			known(c.Pool, file, row["AwayTeam"])
		}
	}
	for _, file := range glob(t, dir, "openfootball/*.json") {
		var season struct {
			Name    string
			Matches []struct{ Team1, Team2 string }
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &season); err != nil {
			t.Fatal(err)
		}
		c, ok := ref.CompetitionByName(season.Name[:strings.LastIndexByte(season.Name, ' ')])
		if !ok {
			t.Errorf("no competition is called %q", season.Name)
		}
		for _, m := range season.Matches {
			known(c.Pool, file, m.Team1)
			known(c.Pool, file, m.Team2)
		}
	}
	for _, row := range table(t, filepath.Join(dir, "statsbomb", "matches_index.csv")) {
		name, _, _ := strings.Cut(row["competition"], " ")
		c, ok := ref.CompetitionByName(name)
		if !ok {
			t.Fatalf("no competition is called %q", name)
		}
		for _, column := range []string{"home", "away", "home_fd", "away_fd"} {
			known(c.Pool, "matches_index.csv", row[column])
		}
		for _, side := range []string{"home", "away"} {
			long, _ := ref.Team(c.Pool, row[side])
			if short, _ := ref.Team(c.Pool, row[side+"_fd"]); short.ID != long.ID {
				t.Errorf("%q is %s, %q is %s", row[side], long.ID, row[side+"_fd"], short.ID)
			}
		}
		file := filepath.Join(dir, "statsbomb", "events", row["match_id"]+".json.gz")
		for _, name := range eventTeams(t, file) {
			known(c.Pool, file, name)
		}
	}
}

func glob(t *testing.T, dir, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("the match data in %s lacks %s: %v", dir, pattern, err)
	}
	return files
}

// table reads a CSV file with a header.
func table(t *testing.T, file string) []map[string]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]map[string]string, 0, len(lines))
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// eventTeams returns the names of the two teams in a file of StatsBomb events.
func eventTeams(t *testing.T, file string) []string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	packed, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	dec := json.NewDecoder(packed)
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	for len(names) < 2 {
		var e struct{ Team struct{ Name string } }
		if err := dec.Decode(&e); err != nil {
			t.Fatal(err)
		}
		names = append(names, e.Team.Name)
	}
	return names
}

// TestAnOpenPoolKnowsEveryName, and gives ids that no club can have.
func TestAnOpenPoolKnowsEveryName(t *testing.T) {
	ref := football.DefaultReference()
	for name, want := range map[string]football.TeamID{"Côte d'Ivoire": "nt-ivory-coast", " Monaco ": "nt-monaco",
		"São Tomé and Príncipe": "nt-sao-tome-and-principe", "Türkiye": "nt-turkey", "Île Rousse": "nt-ile-rousse"} {
		team, ok := ref.Team("international", name)
		if !ok || team.ID != want || team.Pool != "international" {
			t.Errorf("%q: got %+v, %v, want %s", name, team, ok, want)
		}
		if again, ok := ref.TeamByID(want); !ok || again.Pool != "international" || again.Name == "" {
			t.Errorf("%s: got %+v, %v", want, again, ok)
		}
	}
	if club, _ := ref.Team("france", "Monaco"); club.ID != "monaco" {
		t.Errorf("the club: got %+v", club)
	}
	if team, _ := ref.TeamByID("nt-ile-rousse"); team.Name != "Ile Rousse" {
		t.Errorf("got the name %q", team.Name)
	}
	for _, id := range []football.TeamID{"nt", "nt-", "xt-monaco", ""} {
		if team, ok := ref.TeamByID(id); ok {
			t.Errorf("%q: got %+v", id, team)
		}
	}
	if team, ok := ref.Team("international", " !"); ok {
		t.Errorf("a name without letters: got %+v", team)
	}
	if _, ok := ref.Team("simulation", "Nowhere United"); ok {
		t.Error("a pool that is not open knows every name")
	}
}

// TestASlipOfThePenIsNoNewTeam checks what an open pool of clubs makes of names that it does not know.
func TestASlipOfThePenIsNoNewTeam(t *testing.T) {
	ref := football.DefaultReference()
	for name, want := range map[string]football.TeamID{
		"Arsenal": "arsenal", "AFC Arsenal": "arsenal", "Brentford F.C.": "brentford",
		"Nowhere United":    "eng-nowhere-united",
		"FC Nowhere United": "eng-nowhere-united", "Arsnal": "", "Arsenla": "", "Chelsee": "", "Arsenall": "",
		"Ware": "eng-ware", // too short to be like another
	} {
		team, ok := ref.Team("england", name)
		if ok != (want != "") || team.ID != want {
			t.Errorf("%q: got %q, %v, want %q", name, team.ID, ok, want)
		}
	}
	if ref.IsConfigured("eng-nowhere-united") || !ref.IsConfigured("arsenal") {
		t.Error("configured and admitted teams are not told apart")
	}
}

// TestALeagueThatTheReferenceLacks checks that its ids follow from its country and name, and lead back to them.
func TestALeagueThatTheReferenceLacks(t *testing.T) {
	ref := football.DefaultReference()
	c, ok := football.ProvisionalCompetition("ZZ", "ZZ2")
	if !ok || c.ID != "x-zz--zz2" || c.Pool != "x-zz" || c.Level != 2 {
		t.Fatalf("got %+v, %v", c, ok)
	}
	if again, ok := ref.Competition(c.ID); !ok || again.Pool != c.Pool || again.Level != 2 {
		t.Errorf("got %+v, %v", again, ok)
	}
	pool, ok := ref.Pool("x-zz")
	if !ok || pool.Open == "" || !football.IsProvisional("x-zz") || football.IsProvisional("england") {
		t.Errorf("got %+v, %v", pool, ok)
	}
	team, ok := ref.Team("x-zz", "FC Alpha")
	if !ok || team.ID != "x-zz--alpha" || team.Name != "FC Alpha" {
		t.Errorf("got %+v, %v", team, ok)
	}
	if again, ok := ref.TeamByID("x-zz--alpha"); !ok || again.Pool != "x-zz" || again.Name != "Alpha" {
		t.Errorf("got %+v, %v", again, ok)
	}
	if alone, _ := football.ProvisionalCompetition("", "Sunday League"); alone.Pool != "x-sunday-league" {
		t.Errorf("a league without a country: got %+v", alone)
	}
	if _, ok := football.ProvisionalCompetition("ZZ", "?"); ok {
		t.Error("a league without a letter has an id")
	}
	for _, id := range []football.CompetitionID{"x-", "x---", "x-zz", "x-zz--", "--", ""} {
		if c, ok := ref.Competition(id); ok {
			t.Errorf("%q: got %+v", id, c)
		}
	}
}
