// Package international is the source of martj42/international_results: one CSV file of all matches of men's national
// teams, and beside it one of who won their shoot-outs.
//
// A match is published once for each moment of the history that it implies (docs/decisions/0001-facts.md), always as
// the header and its verbatim row. The file has no time of day, no half-time score and no odds. Its score is the one
// after extra time, where there was any, without the shoot-out: who won that is published after the result. Matches
// before 1971 are left out: the line's instants begin in 1970.
//
//	src := international.New(ref, "data/results.csv.gz")
package international

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
)

// Name is the source's name.
const Name = football.SourceInternational

const contentType = "text/csv"

// first is the first year whose matches are published.
const first = 1971

// fileNames are the files that are looked for in folders.
var fileNames = regexp.MustCompile(`^(results|shootouts)\.csv$`)

// Source reads files of results.
type Source struct {
	ref    *football.Reference
	places []string
}

// New returns the source of the files, folders and URLs.
func New(ref *football.Reference, places ...string) *Source { return &Source{ref, places} }

// Name returns "international".
func (*Source) Name() string { return Name }

// Open reads all files.
func (s *Source) Open(ctx context.Context) ([]source.Feed, error) {
	var rows []source.Row
	shootouts := map[string][]byte{}
	err := source.ReadAll(ctx, s.places, fileNames, func(f source.File, data []byte) error {
		if winners(data, shootouts) {
			return nil
		}
		found, err := s.readFile(f, data)
		rows = append(rows, found...)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range rows {
		rows[i].Shootout = shootouts[meeting(rows[i].Kickoff.Time().Format(time.DateOnly), rows[i].Home, rows[i].Away)]
	}
	return source.Rows(Name, contentType, rows), nil
}

// meeting names a match of either file.
func meeting(date, home, away string) string { return date + "," + home + "," + away }

// winners reads a file of shoot-outs into payloads by their matches, or reports that the file is none. A row that
// can't be read belongs to no match, and is left out.
func winners(data []byte, by map[string][]byte) bool {
	header, rest := line(data)
	names, err := fields(header)
	date, home, away := slices.Index(names, "date"), slices.Index(names, "home_team"), slices.Index(names, "away_team")
	if err != nil || min(date, home, away) < 0 || !slices.Contains(names, "winner") {
		return false
	}
	for len(rest) > 0 {
		var text []byte
		text, rest = line(rest)
		if cells, err := fields(text); err == nil && len(cells) == len(names) {
			by[meeting(cells[date], cells[home], cells[away])] = bytes.Join([][]byte{header, text}, []byte("\n"))
		}
	}
	return true
}

// layout gives the index of each column that dating and ordering need.
type layout struct {
	names                          int
	date, home, away, goals, title int
}

func newLayout(header []byte) (l layout, err error) {
	names, err := fields(header)
	if err != nil {
		return l, err
	}
	l.names = len(names)
	for name, at := range map[string]*int{"date": &l.date, "home_team": &l.home, "away_team": &l.away,
		"home_score": &l.goals, "tournament": &l.title} {
		if *at = slices.Index(names, name); *at < 0 {
			return l, fmt.Errorf("the header %.80q has no column %q", header, name)
		}
	}
	return l, nil
}

func (s *Source) readFile(f source.File, data []byte) ([]source.Row, error) {
	header, rest := line(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	l, err := newLayout(header)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.Name, err)
	}
	pool, other, err := s.catchAllCompetition()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.Name, err)
	}
	var rows []source.Row
	before := football.At(time.Date(first, time.January, 15, 0, 0, 0, 0, time.UTC))
	for number := 2; len(rest) > 0; number++ {
		var text []byte
		if text, rest = line(rest); len(text) == 0 {
			continue
		}
		row := l.readRow(text)
		row.Pool, row.Line, row.Header, row.Body = pool, fmt.Sprintf("%s:%d", f.Base(), number), header, text
		switch {
		case row.Unreadable:
			row.Kickoff = before
		case row.Kickoff < before && row.Kickoff.Time().Year() < first:
			continue
		}
		before = row.Kickoff
		row.Season = football.Season(strconv.Itoa(row.Kickoff.Time().Year()))
		if c, ok := s.ref.CompetitionByName(string(row.Competition)); ok && c.Pool == pool {
			row.Competition = c.ID
		} else {
			row.Competition = other
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// catchAllCompetition returns the pool of national teams, and its competition of all tournaments that have none of
// their own.
func (s *Source) catchAllCompetition() (football.PoolID, football.CompetitionID, error) {
	const id = football.CompetitionID("INT")
	c, ok := s.ref.Competition(id)
	if !ok {
		return "", "", fmt.Errorf("no competition %q is configured for tournaments without one of their own: add it with TOUCHLINE_REFERENCE", id)
	}
	return c.Pool, c.ID, nil
}

// readRow reads what dating and ordering need. The competition is the tournament's name still.
func (l layout) readRow(text []byte) source.Row {
	cells, err := fields(text)
	if err != nil || len(cells) != l.names {
		return source.Row{Unreadable: true}
	}
	at, ok := source.Kickoff(cells[l.date], "", time.UTC)
	row := source.Row{Home: cells[l.home], Away: cells[l.away], Kickoff: at,
		Competition: football.CompetitionID(cells[l.title])}
	row.FullTime = cells[l.goals] != "" && cells[l.goals] != "NA"
	row.Unreadable = !ok || row.Home == "" || row.Away == ""
	return row
}

func fields(text []byte) ([]string, error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.LazyQuotes = true
	return r.Read()
}

// line cuts the first line off, without its end.
func line(data []byte) (first, rest []byte) {
	first, rest, _ = bytes.Cut(data, []byte("\n"))
	return bytes.TrimSuffix(first, []byte("\r")), rest
}
