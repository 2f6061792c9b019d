package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// result is a row of a file that is edited; without goals it is a fixture.
type result struct {
	day        time.Time
	home, away string
	score      string
}

const resultHeader = "Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG,FTR\n"

// writeResults writes the rows as football-data.co.uk does, and returns how many of them have a result.
func writeResults(t *testing.T, folder string, rows []result) (settled int) {
	t.Helper()
	slices.SortStableFunc(rows, func(a, b result) int { return a.day.Compare(b.day) })
	var b strings.Builder
	b.WriteString(resultHeader)
	for _, r := range rows {
		fmt.Fprintf(&b, "E0,%s,15:00,%s,%s,%s\n", r.day.Format("02/01/2006"), r.home, r.away, r.score)
		if r.score != ",," {
			settled++
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "E0.csv"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return settled
}

// edit changes the rows as a week changes a file: a correction, a move, a match put in or taken out, a fixture played.
func edit(draw *rand.Rand, rows []result, spare []result) ([]result, []result) {
	rows = slices.Clone(rows)
	i := draw.IntN(len(rows))
	switch draw.IntN(5) {
	case 0:
		rows[i].score = fmt.Sprintf("%d,%d,", draw.IntN(5), draw.IntN(4))
	case 1:
		rows[i].day = rows[i].day.AddDate(0, 0, 1+draw.IntN(90))
	case 2:
		rows = slices.Delete(rows, i, i+1)
	case 3:
		if len(spare) > 0 {
			rows, spare = append(rows, spare[0]), spare[1:]
		}
	default:
		for j := range rows {
			if rows[j].score == ",," {
				rows[j].score = "1,1,D"
				break
			}
		}
	}
	return rows, spare
}

// TestAnEditedFileGivesWhatAFreshFolderGives folds one version of a file after another on one data folder, and compares
// what is derived and served in the end with a fresh folder.
func TestAnEditedFileGivesWhatAFreshFolderGives(t *testing.T) {
	draw := rand.New(rand.NewPCG(16, 2026))
	teams := []string{"Arsenal", "Fulham", "Leeds", "Everton", "Brentford", "Burnley"}
	var all []result
	day := time.Date(2026, 8, 15, 0, 0, 0, 0, time.UTC)
	for i, home := range teams {
		for j, away := range teams {
			if i != j {
				all = append(all, result{day, home, away, fmt.Sprintf("%d,%d,", (i+2*j)%4, (2*i+j)%3)})
				day = day.AddDate(0, 0, len(all)%4)
			}
		}
	}
	rows, spare := all[:24], all[24:]
	for i := 20; i < len(rows); i++ {
		rows[i].score = ",,"
	}
	folder, data, settled := t.TempDir(), t.TempDir(), 0
	run := func(data string) *running {
		up := start(t, data, folder)
		up.await("every match to be scored", func() bool { return up.evaluated("goals") == settled })
		return up
	}
	for range 4 {
		settled = writeResults(t, folder, rows)
		run(data).end()
		for range 1 + draw.IntN(3) {
			rows, spare = edit(draw, rows, spare)
		}
	}
	settled = writeResults(t, folder, rows)
	fresh := run(t.TempDir())
	defer fresh.end()
	if settled == len(rows) {
		t.Fatal("there is nothing to forecast")
	}
	want := fresh.digests()
	edited := run(data)
	defer edited.end()
	edited.await("what a fresh folder gives", func() bool { return reflect.DeepEqual(edited.digests(), want) })
	edited.await("what a fresh folder serves", func() bool {
		served, all := fresh.servedSeason(t, len(rows))
		got, _ := edited.servedSeason(t, len(rows))
		return all && got == served
	})
}

// servedSeason returns what people read of a season as JSON: the table, the list of matches, and the forecast of each
// that is still to be played. Where a forecast stands in the log is left out: that depends on how a line was batched.
// It reports whether so many matches are there, each with a result or a forecast.
func (r *running) servedSeason(t *testing.T, listed int) (text string, all bool) {
	t.Helper()
	var table, matches any
	r.get("/v1/competitions/E0/table", &table)
	r.get("/v1/competitions/E0/matches", &matches)
	forecasts := map[string]any{}
	phases := r.matchesByPhase("E0")
	all = len(phases["settled"])+len(phases["pre-match"]) == listed && r.played() == 2*len(phases["settled"])
	for _, id := range phases["pre-match"] {
		var prediction struct {
			Outcome       map[string]float64 `json:"outcome"`
			ExpectedGoals map[string]float64 `json:"expected_goals"`
		}
		all = r.get("/v1/matches/"+id+"/prediction?model=goals", &prediction) && len(prediction.Outcome) == 3 && all
		forecasts[id] = prediction
	}
	encoded, err := json.Marshal([]any{table, matches, forecasts})
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded), all
}
