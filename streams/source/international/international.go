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
	"fmt"
	"regexp"
	"time"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/resultfile"
	"github.com/touchline/touchline/streams/source"
)

// Name is the source's name.
const Name = football.SourceInternational

const contentType = "text/csv"

// first is the first year whose matches are published.
const first = 1971

// tournamentsApart is how many years may be between a file's matches: a file may have one tournament only, which is
// played every fourth year.
const tournamentsApart = 8

// fileNames are the files that are looked for in folders.
var fileNames = regexp.MustCompile(`(?i)^(.*[_-])?(results|shootouts)([_-].*)?\.csv$`)

// Source reads files of results.
type Source struct {
	ref     *football.Reference
	places  []string
	reports source.Reports
}

// New returns the source of the files, folders and URLs.
func New(ref *football.Reference, places ...string) *Source { return &Source{ref: ref, places: places} }

// Name returns "international".
func (*Source) Name() string { return Name }

// Reports returns what the last Open read of each file.
func (s *Source) Reports() source.Reports { return s.reports }

// Open reads all files.
func (s *Source) Open(ctx context.Context) ([]source.Feed, error) {
	catchAll, err := s.catchAllCompetition()
	if err != nil {
		return nil, err
	}
	var rows []source.Row
	shootouts, files := map[string][]byte{}, 0
	reports, err := source.ReadFiles(ctx, s.places, fileNames,
		func(f source.File, data []byte, report *source.Report) error {
			text, encoding, err := source.DecodeText(data)
			if err != nil {
				return err
			}
			if encoding != source.UTF8 {
				report.Note("it is written in %s", encoding)
			}
			if readWinners(text, shootouts) {
				return nil
			}
			files++
			found, err := s.readTournaments(f, text, catchAll, report)
			for i := range found {
				found[i].File = files
			}
			rows = append(rows, found...)
			return err
		})
	s.reports = reports
	if err != nil {
		return nil, err
	}
	for i := range rows {
		rows[i].Shootout = shootouts[pairing(rows[i].Kickoff.Time().Format(time.DateOnly), rows[i].Home, rows[i].Away)]
	}
	return source.Rows(Name, contentType, rows), nil
}

// pairing names a match of either file.
func pairing(date, home, away string) string { return date + "," + home + "," + away }

// readWinners reads a file of shoot-outs into payloads by their matches, or reports that the file is none. A row that
// can't be read belongs to no match, and is left out.
func readWinners(text []byte, by map[string][]byte) bool {
	header, rest := source.CutLine(text)
	delimiter, ok := resultfile.DelimiterOf(header)
	layout := resultfile.NewLayout(header, delimiter)
	if !ok || !layout.Has("winner") {
		return false
	}
	for len(rest) > 0 {
		var line []byte
		line, rest = source.CutLine(rest)
		cells := layout.Cut(line, nil)
		day, _ := source.Kickoff(cells.Cell(resultfile.Date), "12:00", time.UTC)
		home, away := cells.Cell(resultfile.HomeTeam), cells.Cell(resultfile.AwayTeam)
		if day != 0 && cells.Cell("winner") != "" {
			by[pairing(day.Time().Format(time.DateOnly), home, away)] = bytes.Join([][]byte{header, line}, []byte("\n"))
		}
	}
	return true
}

// readTournaments returns the rows of a file of results from the first year on.
func (s *Source) readTournaments(f source.File, text []byte, catchAll football.CompetitionEntry,
	report *source.Report) ([]source.Row, error) {
	header, rest := source.CutLine(text)
	delimiter, ok := resultfile.DelimiterOf(header)
	layout := resultfile.NewLayout(header, delimiter)
	for _, column := range [...]string{resultfile.FullTimeHome, resultfile.FullTimeAway, resultfile.League} {
		if !ok || !layout.Has(column) {
			return nil, fmt.Errorf("the header %.80q has not the columns date, home_team, away_team, home_score, "+
				"away_score and tournament", header)
		}
	}
	var rows []source.Row
	for number := 2; len(rest) > 0; number++ {
		var line []byte
		if line, rest = source.CutLine(rest); resultfile.Blank(line) || layout.IsHeader(line) {
			continue
		}
		row := readRow(layout, line)
		if row.Kickoff != 0 && row.Kickoff.Time().Year() < first {
			continue
		}
		row.Pool, row.Competition, row.Line = catchAll.Pool, s.tournament(string(row.Competition), catchAll),
			fmt.Sprintf("%s:%d", f.Base(), number)
		row.Header, row.Body = header, line
		rows = append(rows, row)
	}
	s.placeRefused(rows, report)
	return rows, nil
}

// placeRefused gives the rows their seasons, and refused ones the instant of the row before.
func (s *Source) placeRefused(rows []source.Row, report *source.Report) {
	all := make([]*source.Row, len(rows))
	for i := range rows {
		all[i] = &rows[i]
	}
	source.SeasonsByDate(all, football.CalendarYear, tournamentsApart)
	for i := range rows {
		rows[i].Season = football.CalendarYear.SeasonOn(rows[i].Kickoff)
	}
	report.Rows += len(rows)
	begin := football.At(time.Date(first, time.January, 15, 0, 0, 0, 0, time.UTC))
	source.PlaceRefused(rows, begin, football.CalendarYear.SeasonOn(begin), report)
}

// tournament returns the competition of that name, or the one of all tournaments that have none of their own.
func (s *Source) tournament(name string, catchAll football.CompetitionEntry) football.CompetitionID {
	if c, ok := s.ref.CompetitionByName(name); ok && c.Pool == catchAll.Pool {
		return c.ID
	}
	return catchAll.ID
}

// catchAllCompetition returns the competition of all tournaments that have none of their own, whose pool is that of
// national teams.
func (s *Source) catchAllCompetition() (football.CompetitionEntry, error) {
	const id = football.CompetitionID("INT")
	c, ok := s.ref.Competition(id)
	if !ok {
		return c, fmt.Errorf(
			"no competition %q is configured for tournaments without one of their own: "+
				"add it with TOUCHLINE_REFERENCE", id)
	}
	return c, nil
}

// readRow reads what dating and ordering need. The competition is the tournament's name still.
func readRow(layout resultfile.Layout, line []byte) source.Row {
	cells := layout.Cut(line, nil)
	at, problem := source.KickoffIn(source.DayFirst, cells.Cell(resultfile.Date), "", time.UTC)
	row := source.Row{
		Home: cells.Cell(resultfile.HomeTeam), Away: cells.Cell(resultfile.AwayTeam), Kickoff: at,
		Competition: football.CompetitionID(cells.Cell(resultfile.League)),
	}
	if problem != "" {
		row.Problem, row.ProblemKind = problem, "the date can't be read"
	}
	if column, torn := cells.Torn(); torn {
		row.Problem = "the row ends before " + column
		return row
	}
	home, away := cells.Cell(resultfile.FullTimeHome), cells.Cell(resultfile.FullTimeAway)
	row.FullTime = !source.NoScore(home)
	_, okHome := source.Goals(home)
	_, okAway := source.Goals(away)
	switch {
	case row.Home == "" || row.Away == "":
		row.Problem = "the row does not name both teams"
	case source.NoScore(home) && source.NoScore(away):
	case !okHome || !okAway:
		row.Problem, row.ProblemKind = fmt.Sprintf("the score %q-%q can't be read", home, away),
			"the score can't be read"
	}
	return row
}
