package standings_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/touchline/touchline/processors/standings"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/footballtest"
)

// finalTable is the official table of a past season.
type finalTable struct {
	competition football.CompetitionID
	season      football.Season
	rows        []finalRow
}

// finalRow is a team of an official table; its goal difference only where known.
type finalRow struct {
	team       football.TeamID
	points     int32
	difference int32
	known      bool
}

// TestFinalTablesAreTheOfficialOnes makes the tables of past seasons from their matches and compares points, order and
// goal difference with the official tables. A season without a file of its matches is skipped.
func TestFinalTablesAreTheOfficialOnes(t *testing.T) {
	dir, ref := footballtest.Data(t), football.DefaultReference()
	compared, leagues := 0, map[football.CompetitionID]bool{}
	for _, want := range readFinalTables(t) {
		t.Run(fmt.Sprintf("%s %s", want.competition, want.season), func(t *testing.T) {
			matches := readMatches(t, ref, dir, want)
			rules, ok := ref.Rules(want.competition, want.season)
			if !ok {
				t.Fatalf("the reference has no rules for %s %s", want.competition, want.season)
			}
			rulings := ref.Rulings(want.competition, want.season)
			compareTable(t, standings.MakeTable(rules, rulings, matches), want)
			compared, leagues[want.competition] = compared+1, true
		})
	}
	t.Logf("%d seasons of %d leagues had both an official table and matches", compared, len(leagues))
}

// compareTable compares a table with the official one. Teams that nothing separates are compared as a group.
func compareTable(t *testing.T, got []standings.Row, want finalTable) {
	t.Helper()
	if len(got) != len(want.rows) {
		t.Fatalf("got %d teams, want %d", len(got), len(want.rows))
	}
	byTeam := map[football.TeamID]standings.Row{}
	for _, r := range got {
		byTeam[r.Team] = r
	}
	for i, w := range want.rows {
		r, ok := byTeam[w.team]
		if !ok {
			t.Errorf("%s played no match", w.team)
			continue
		}
		if r.Points != w.points {
			t.Errorf("%s: got %d points, want %d", w.team, r.Points, w.points)
		}
		if w.known && r.GoalDifference() != w.difference {
			t.Errorf("%s: got the goal difference %d, want %d", w.team, r.GoalDifference(), w.difference)
		}
		if at := i + 1; at < r.Position || at > r.Position && got[at-1].Position != r.Position {
			t.Errorf("%s: got position %d, want %d", w.team, r.Position, at)
		}
	}
}

// readFinalTables reads testdata/final-tables.txt.
func readFinalTables(t *testing.T) []finalTable {
	t.Helper()
	data, err := os.ReadFile("testdata/final-tables.txt")
	if err != nil {
		t.Fatal(err)
	}
	var tables []finalTable
	for _, block := range strings.Split(strings.TrimSpace(string(data)), "\n\n")[1:] {
		head, body, _ := strings.Cut(block, "\n")
		names := strings.Fields(head)
		if len(names) != 3 {
			t.Fatalf("got the heading %q, want a competition, a season and a source", head)
		}
		table := finalTable{competition: football.CompetitionID(names[0]), season: football.Season(names[1])}
		for _, cell := range strings.Split(strings.ReplaceAll(body, "\n", " "), ", ") {
			table.rows = append(table.rows, parseFinalRow(t, cell))
		}
		tables = append(tables, table)
	}
	return tables
}

func parseFinalRow(t *testing.T, cell string) finalRow {
	t.Helper()
	fields := strings.Fields(cell)
	if len(fields) < 2 {
		t.Fatalf("got %q, want a team and its points", cell)
	}
	number := func(i int) int32 {
		n, err := strconv.Atoi(fields[i])
		if err != nil {
			t.Fatalf("%q: %v", cell, err)
		}
		return int32(n)
	}
	row := finalRow{team: football.TeamID(fields[0]), points: number(1), known: len(fields) > 2}
	if row.known {
		row.difference = number(2)
	}
	return row
}

// readMatches reads the matches of a season from a file of results such as club/E0/E0_0506.csv.
func readMatches(t *testing.T, ref *football.Reference, dir string, of finalTable) []standings.Match {
	t.Helper()
	year := int(of.season.Year())
	name := fmt.Sprintf("%s_%02d%02d.csv", of.competition, year%100, (year+1)%100)
	path := filepath.Join(dir, "club", string(of.competition), name)
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("no match data: put the season's results at %s", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.FieldsPerRecord = -1
	records, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range records[0] {
		column[name] = i
	}
	c, _ := ref.Competition(of.competition)
	team := func(name string) football.TeamID {
		entry, ok := ref.Team(c.Pool, strings.TrimSpace(name))
		if !ok {
			t.Fatalf("%s: no team %q", c.Pool, name)
		}
		return entry.ID
	}
	var matches []standings.Match
	for _, record := range records[1:] {
		home, errHome := strconv.Atoi(record[column["FTHG"]])
		away, errAway := strconv.Atoi(record[column["FTAG"]])
		if errHome != nil || errAway != nil {
			continue // a match that was not played
		}
		matches = append(matches, standings.Match{Home: team(record[column["HomeTeam"]]),
			Away: team(record[column["AwayTeam"]]), HomeGoals: int32(home), AwayGoals: int32(away)})
	}
	return matches
}
