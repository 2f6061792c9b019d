// Package footballdata is the source of football-data.co.uk's result files: one CSV file a season and division.
//
// A row is published once for each moment of the history that it implies (docs/decisions/0001-facts.md), always as
// header line, newline, row. Its kick-off is local to the pool's zone, for these files UK time.
//
//	src := footballdata.New(ref, "data/club", "https://www.football-data.co.uk/mmz4281/2122/E0.csv")
package footballdata

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
)

// Name is the source's name.
const Name = football.SourceFootballData

const contentType = "text/csv"

// fileNames are the files that are looked for in folders: E0.csv, SP1_1516.csv, EC_2021-22.csv.
var fileNames = regexp.MustCompile(`^[A-Z]{1,3}[0-9]?(?:[_-]?\d{4}(?:-\d{2})?)?\.csv$`)

// Source reads result files.
type Source struct {
	ref    *football.Reference
	places []string
}

// New returns the source of the files, folders and URLs.
func New(ref *football.Reference, places ...string) *Source { return &Source{ref, places} }

// Name returns "football-data".
func (*Source) Name() string { return Name }

// Open reads all files.
func (s *Source) Open(ctx context.Context) ([]source.Feed, error) {
	zones, err := s.zones()
	if err != nil {
		return nil, err
	}
	var rows []source.Row
	err = source.ReadAll(ctx, s.places, fileNames, func(f source.File, data []byte) (err error) {
		rows, err = s.file(rows, f, data, zones)
		return err
	})
	if err != nil {
		return nil, err
	}
	return source.Rows(Name, contentType, rows), nil
}

// zones returns the time zone of each pool.
func (s *Source) zones() (map[football.PoolID]*time.Location, error) {
	zones := map[football.PoolID]*time.Location{}
	for _, c := range s.ref.Competitions() {
		zone, err := source.Zone(s.ref, c.Pool)
		if err != nil {
			return nil, err
		}
		zones[c.Pool] = zone
	}
	return zones, nil
}

// file appends the rows of one file.
func (s *Source) file(rows []source.Row, f source.File, data []byte,
	zones map[football.PoolID]*time.Location) ([]source.Row, error) {
	header, rest := line(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	l, err := newLayout(header)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.Name, err)
	}
	first, season := len(rows), source.SeasonNamed(f.Name)
	division, err := s.division(f, l, rest)
	if err != nil {
		return nil, err
	}
	for number := 2; len(rest) > 0; number++ {
		var text []byte
		if text, rest = line(rest); len(bytes.Trim(text, ", \t")) == 0 {
			continue // the files end in empty rows
		}
		row := s.row(l, text, division, zones)
		row.Line, row.Header, row.Body = fmt.Sprintf("%s:%d", f.Base(), number), header, text
		rows = append(rows, row)
	}
	date(rows[first:], season)
	return rows, nil
}

// division returns the competition of a file: the one in its name, else of its first row.
func (s *Source) division(f source.File, l layout, rest []byte) (football.CompetitionEntry, error) {
	code, _, _ := strings.Cut(strings.TrimSuffix(f.Base(), path.Ext(f.Base())), "_")
	if c, ok := s.ref.Competition(football.CompetitionID(code)); ok {
		return c, nil
	}
	row, _ := line(rest)
	if c, ok := s.ref.Competition(football.CompetitionID(l.cell(row, l.division))); ok {
		return c, nil
	}
	return football.CompetitionEntry{}, fmt.Errorf("read %s: no competition %q or %q is configured: add it with TOUCHLINE_REFERENCE",
		f.Name, code, l.cell(row, l.division))
}

// row reads what dating and ordering need.
func (s *Source) row(l layout, text []byte, division football.CompetitionEntry,
	zones map[football.PoolID]*time.Location) source.Row {
	if c, ok := s.ref.Competition(football.CompetitionID(l.cell(text, l.division))); ok {
		division = c // files of coming fixtures have several divisions
	}
	row := source.Row{
		Pool: division.Pool, Competition: division.ID,
		Home: l.cell(text, l.home), Away: l.cell(text, l.away),
		HalfTime: l.cell(text, l.halfTime) != "", FullTime: l.cell(text, l.fullTime) != "",
	}
	for _, at := range l.closing {
		row.Closing = row.Closing || l.cell(text, at) != ""
	}
	at, ok := source.Kickoff(l.cell(text, l.date), l.cell(text, l.time), zones[division.Pool])
	row.Kickoff = at
	row.Unreadable = !ok || row.Home == "" || row.Away == "" || !l.fits(text)
	return row
}

// date gives the rows of a file their season, and unreadable ones the instant of the row before.
func date(rows []source.Row, season football.Season) {
	for i := 0; season == "" && i < len(rows); i++ {
		if rows[i].Kickoff != 0 {
			season = source.SeasonOn(rows[i].Kickoff)
		}
	}
	before := source.SeasonStart(season)
	for i := range rows {
		rows[i].Season = season
		if rows[i].Kickoff == 0 {
			rows[i].Kickoff = before
		}
		before = rows[i].Kickoff
	}
}

// line cuts the first line off, without its end.
func line(data []byte) (first, rest []byte) {
	first, rest, _ = bytes.Cut(data, []byte("\n"))
	return bytes.TrimSuffix(first, []byte("\r")), rest
}
