package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// match is what the test looks at of a match in a list of the API.
type match struct {
	ID   string
	Live struct{ Phase string }
}

// matchesByPhase returns the ids of a competition's matches in each phase.
func (r *running) matchesByPhase(competition string) map[string][]string {
	r.t.Helper()
	var listed struct{ Items []match }
	r.get("/v1/competitions/"+competition+"/matches", &listed)
	byPhase := map[string][]string{}
	for _, m := range listed.Items {
		byPhase[m.Live.Phase] = append(byPhase[m.Live.Phase], m.ID)
	}
	for _, ids := range byPhase {
		slices.Sort(ids)
	}
	return byPhase
}

// forecastBy reports whether the model has forecast each of the matches.
func (r *running) forecastBy(model string, ids []string) bool {
	r.t.Helper()
	return !slices.ContainsFunc(ids, func(id string) bool {
		var prediction struct{ Model struct{ ID string } }
		return !r.get("/v1/matches/"+id+"/prediction?model="+model, &prediction) || prediction.Model.ID != model
	})
}

// writeFiles writes the texts into the folder by their names.
func writeFiles(t *testing.T, folder string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFixturesAreForecastAndLaterResultsSettleThem starts up with matches to come, and again on the same folders when
// they have been played.
func TestFixturesAreForecastAndLaterResultsSettleThem(t *testing.T) {
	const arsenal, wrexham, leeds = "england.2026-27.arsenal.leeds.1", "england.2026-27.wrexham.bolton.1",
		"england.2026-27.leeds.arsenal.1"
	for _, c := range []struct {
		source        string
		before, after map[string]string
		models        []string
		coming        map[string][]string // of each competition, at first
		settled       []string            // of E0, in the end
		next          []string
	}{
		{
			source: "football-data",
			before: map[string]string{"fixtures.csv": "Div,Date,Time,HomeTeam,AwayTeam,AvgH,AvgD,AvgA\n" +
				"E0,22/08/2026,15:00,Arsenal,Leeds,1.3,5.5,9\nE2,22/08/2026,15:00,Wrexham,Bolton,2.1,3,4\n"},
			after: map[string]string{
				"fixtures.csv": "Div,Date,Time,HomeTeam,AwayTeam,AvgH,AvgD,AvgA\nE0,29/08/2026,15:00,Leeds,Arsenal,4,3.5,1.9\n",
				"E0.csv": "Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG,FTR,AvgH,AvgD,AvgA\n" +
					"E0,22/08/2026,15:00,Arsenal,Leeds,2,1,H,1.3,5.5,9\n",
				"E2.csv": "Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG,FTR\nE2,22/08/2026,15:00,Wrexham,Bolton,0,0,D\n",
			},
			models:  []string{"goals", "market-blend"},
			coming:  map[string][]string{"E0": {arsenal}, "E2": {wrexham}},
			settled: []string{arsenal}, next: []string{leeds},
		},
		{
			source: "openfootball",
			before: map[string]string{"2026-27/en.1.json": `{"name": "English Premier League 2026/27", "matches": [
				{"round": "Matchday 1", "date": "2026-08-22", "time": "15:00", "team1": "Arsenal FC", "team2": "Leeds United FC"},
				{"round": "Matchday 2", "date": "2026-08-29", "time": "15:00", "team1": "Leeds United FC", "team2": "Arsenal FC"}]}`},
			after: map[string]string{"2026-27/en.1.json": `{"name": "English Premier League 2026/27", "matches": [
				{"round": "Matchday 1", "date": "2026-08-22", "time": "15:00", "team1": "Arsenal FC", "team2": "Leeds United FC",
				 "score": {"ht": [1, 0], "ft": [2, 1]}},
				{"round": "Matchday 2", "date": "2026-08-29", "time": "15:00", "team1": "Leeds United FC", "team2": "Arsenal FC"}]}`},
			models:  []string{"goals"},
			coming:  map[string][]string{"E0": {arsenal, leeds}},
			settled: []string{arsenal}, next: []string{leeds},
		},
	} {
		t.Run(c.source, func(t *testing.T) {
			folder, data := t.TempDir(), t.TempDir()
			writeFiles(t, folder, c.before)
			up := start(t, data, folder, "--source", c.source)
			for competition, want := range c.coming {
				up.await("the fixtures of "+competition, func() bool {
					return slices.Equal(up.matchesByPhase(competition)["pre-match"], want)
				})
				for _, model := range c.models {
					up.await("the forecasts of "+model, func() bool { return up.forecastBy(model, want) })
				}
			}
			up.end()

			writeFiles(t, folder, c.after)
			up = start(t, data, folder, "--source", c.source)
			up.await("the result", func() bool { return slices.Equal(up.matchesByPhase("E0")["settled"], c.settled) })
			if got := up.matchesByPhase("E0")["pre-match"]; !slices.Equal(got, c.next) {
				t.Errorf("the matches to come are %v, want %v", got, c.next)
			}
			if all := slices.Concat(slices.Collect(maps.Values(up.matchesByPhase("E0")))...); len(all) != 2 {
				t.Errorf("got the matches %v, want the two", all)
			}
			up.await("the score of the forecast at kick-off", func() bool { return up.evaluated("goals") > 0 })
			up.end()
		})
	}
}

// TestHealthReportsWhatFilesLost reads a folder of which a row and a file can't be used.
func TestHealthReportsWhatFilesLost(t *testing.T) {
	folder, matches := season(t, "E0,2021-05-02,Chelsea,Everton,1") // the row is cut off
	writeFiles(t, folder, map[string]string{"page.csv": "<!doctype html><html></html>"})
	up := start(t, t.TempDir(), folder)
	up.await("every match to be scored", func() bool { return up.evaluated("goals") == matches })
	var ready struct {
		Status string
		Probes []struct{ Name, Status, Detail string }
	}
	up.await("readiness: what is lost of a file makes no part fail", func() bool {
		ready.Probes = nil
		return up.get("/readyz", &ready) && ready.Status == "ready"
	})
	for _, p := range ready.Probes {
		want := []string{}
		if p.Name == "collect" {
			want = []string{"30 of 31 rows read, 1 refused", "the row ends before FTAG", "page.csv: skipped"}
		}
		for _, text := range want {
			if !strings.Contains(p.Detail, text) {
				t.Errorf("%s reports %q, want it to name %q", p.Name, p.Detail, text)
			}
		}
		if (p.Detail == "") != (len(want) == 0) {
			t.Errorf("%s reports %q", p.Name, p.Detail)
		}
	}
	up.end()
}
