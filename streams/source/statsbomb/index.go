package statsbomb

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
)

const indexName = "matches_index.csv"

// indexed is what an index knows of a match.
type indexed struct {
	competition string // without its season
	season      football.Season
	date        string
}

// indexes caches the indexes of folders.
type indexes map[string]map[string]indexed

// competitionSeason is the season in "PL 2015-16" and what follows it.
var competitionSeason = regexp.MustCompile(`\s+\d{4}[-/]\d{2,4}\b.*$`)

// indexOf returns the index beside a file or one folder up, by match id; nil where there is none.
func (x indexes) indexOf(file string) map[string]indexed {
	folder := filepath.Dir(filepath.FromSlash(file))
	if index, ok := x[folder]; ok {
		return index
	}
	for _, place := range []string{folder, filepath.Dir(folder)} {
		if f, err := os.Open(filepath.Join(place, indexName)); err == nil {
			lines, err := csv.NewReader(f).ReadAll()
			_ = f.Close() // it was only read
			if err == nil {
				x[folder] = readIndex(lines)
				return x[folder]
			}
		}
	}
	x[folder] = nil
	return nil
}

func readIndex(lines [][]string) map[string]indexed {
	index := map[string]indexed{}
	if len(lines) == 0 {
		return index
	}
	column := map[string]int{}
	for i, name := range lines[0] {
		column[name] = i + 1
	}
	cell := func(line []string, name string) string {
		if at := column[name]; at > 0 && at <= len(line) {
			return strings.TrimSpace(line[at-1])
		}
		return ""
	}
	for _, line := range lines[1:] {
		competition := cell(line, "competition")
		index[cell(line, "match_id")] = indexed{
			competition: competitionSeason.ReplaceAllString(competition, ""),
			season:      source.SeasonNamed(competition),
			date:        cell(line, "date"),
		}
	}
	return index
}
