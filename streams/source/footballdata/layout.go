package footballdata

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
)

// layout gives the index of each column that the collector reads; -1 where the file has no such column.
type layout struct {
	columns                          int
	division, date, time, home, away int
	halfTime, fullTime               int
	closing                          []int
}

// newLayout reads a header. A file without dates or teams is no result file.
func newLayout(header []byte) (layout, error) {
	l := layout{division: -1, date: -1, time: -1, home: -1, away: -1, halfTime: -1, fullTime: -1}
	for i, name := range fields(header) {
		switch strings.TrimSpace(name) {
		case "Div":
			l.division = i
		case "Date":
			l.date = i
		case "Time":
			l.time = i
		case "HomeTeam", "Home":
			l.home = i
		case "AwayTeam", "Away":
			l.away = i
		case "HTHG":
			l.halfTime = i
		case "FTHG", "HG":
			l.fullTime = i
		case "AvgCH", "PSCH", "B365CH", "AvgC>2.5", "PC>2.5", "B365C>2.5":
			l.closing = append(l.closing, i)
		}
		l.columns = i + 1
	}
	if l.date < 0 || l.home < 0 || l.away < 0 {
		return l, errors.New("its first line has no columns Date, HomeTeam and AwayTeam: it is no result file of football-data.co.uk")
	}
	return l, nil
}

// cell returns the cell of a row, "" where there is none.
func (l layout) cell(row []byte, at int) string {
	if at < 0 {
		return ""
	}
	if bytes.IndexByte(row, '"') >= 0 {
		if cells := fields(row); at < len(cells) {
			return strings.TrimSpace(cells[at])
		}
		return ""
	}
	for ; at > 0; at-- {
		var ok bool
		if _, row, ok = bytes.Cut(row, []byte(",")); !ok {
			return ""
		}
	}
	cell, _, _ := bytes.Cut(row, []byte(","))
	return string(bytes.TrimSpace(cell))
}

// fits reports whether a row has as many cells as the header; empty ones beyond do not count.
func (l layout) fits(row []byte) bool {
	if bytes.IndexByte(row, '"') >= 0 {
		return len(fields(row)) == l.columns
	}
	n := bytes.Count(row, []byte(",")) + 1
	for n > l.columns && bytes.HasSuffix(row, []byte(",")) {
		row, n = row[:len(row)-1], n-1
	}
	return n == l.columns
}

// fields splits a line, quoted or not; one that can't be split is a single field.
func fields(line []byte) []string {
	if bytes.IndexByte(line, '"') < 0 {
		return strings.Split(string(line), ",")
	}
	cells, err := csv.NewReader(bytes.NewReader(line)).Read()
	if err != nil {
		return []string{string(line)}
	}
	return cells
}
