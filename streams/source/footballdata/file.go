package footballdata

import (
	"errors"
	"fmt"
	"strings"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/resultfile"
	"github.com/touchline/touchline/streams/source"
)

// headerWithin is how many lines of a file are searched for its header.
const headerWithin = 30

// fileReader reads the rows of one file.
type fileReader struct {
	ref    *football.Reference
	zones  source.Zones
	file   source.File
	report *source.Report

	contentType string
	header      []byte
	layout      resultfile.Layout
	number      int // of the line
	buffer      [][]byte

	byName football.CompetitionEntry // the competition that the file's name gives; without an id where it gives none
	before football.CompetitionEntry // the one of the row before
	rows   []source.Row
	dates  []string // of the rows
	clocks []string
}

// readResultFile returns the rows of a file, refused ones included. An error means that the file has none.
func readResultFile(ref *football.Reference, zones source.Zones, f source.File, data []byte,
	report *source.Report) ([]source.Row, error) {
	text, encoding, err := source.DecodeText(data)
	if err != nil {
		return nil, err
	}
	r := &fileReader{ref: ref, zones: zones, file: f, report: report, contentType: contentType}
	text, err = r.findHeader(text)
	if err != nil {
		return nil, err
	}
	if encoding != source.UTF8 {
		r.contentType += "; decoded-from=" + string(encoding)
		report.Note("it is written in %s", encoding)
	}
	r.byName = r.competitionInName()
	for len(text) > 0 {
		var line []byte
		line, text = source.CutLine(text)
		r.number++
		if resultfile.Blank(line) || r.takeHeader(line) {
			continue
		}
		if err := r.readRow(line); err != nil {
			return nil, err
		}
	}
	r.dateRows()
	r.assignSeasons()
	r.placeRefused()
	return r.rows, nil
}

// findHeader reads up to the header, and returns the text behind it.
func (r *fileReader) findHeader(text []byte) ([]byte, error) {
	for r.number < headerWithin && len(text) > 0 {
		var line []byte
		line, text = source.CutLine(text)
		r.number++
		delimiter, ok := resultfile.DelimiterOf(line)
		if !ok {
			continue
		}
		r.header, r.layout = line, resultfile.NewLayout(line, delimiter)
		if r.layout.Has("scorer") || r.layout.Has("first_shooter") ||
			r.layout.Has("match_id") && r.layout.Has("home_fd") {
			return nil, source.ErrIgnored // goals and shoot-outs beside results, an index beside events
		}
		if r.layout.Has("neutral") && r.layout.Has(resultfile.League) {
			return nil, errors.New("it has results of national teams: read it with --source international")
		}
		switch delimiter {
		case ';':
			r.contentType += "; delimiter=semicolon"
		case '\t':
			r.contentType += "; delimiter=tab"
		case '|':
			r.contentType += "; delimiter=bar"
		}
		return text, nil
	}
	return nil, errors.New("it has no header with a date, a home team and an away team (Date, HomeTeam, AwayTeam): " +
		"it is no file of results")
}

// takeHeader reports whether a line is a header again, and goes on with its columns.
func (r *fileReader) takeHeader(line []byte) bool {
	if !r.layout.IsHeader(line) {
		return false
	}
	r.header, r.layout = line, resultfile.NewLayout(line, r.layout.Delimiter())
	return true
}

// readRow reads what dating and ordering need; the date is read when all of the file's are known.
func (r *fileReader) readRow(line []byte) error {
	cells := r.layout.Cut(line, r.buffer)
	r.buffer = cells.Fields()
	row := source.Row{
		Line: fmt.Sprintf("%s:%d", r.file.Base(), r.number), Header: r.header, Body: line, ContentType: r.contentType,
		Home: cells.Cell(resultfile.HomeTeam), Away: cells.Cell(resultfile.AwayTeam),
	}
	r.report.Rows++
	column, torn := cells.Torn()
	competition, problem := r.competitionOf(cells)
	if last := r.lastKnown(); torn && last.ID != "" && (problem != "" || football.IsProvisional(competition.Pool)) {
		competition, problem = last, "" // what is left of a row names no league
	}
	if problem != "" {
		if r.before.ID == "" && r.byName.ID == "" && len(r.rows) == 0 && !r.layout.Has(resultfile.Division) &&
			!r.layout.Has(resultfile.League) {
			return errors.New("neither a column (Div, or Country and League) nor its name gives its competition: " +
				"name it like E0.csv")
		}
		r.report.Refuse(problem, row.Line) // there is no pool to publish it in
		return nil
	}
	r.before = competition
	row.Pool, row.Competition = competition.Pool, competition.ID
	if torn {
		row.Problem = "the row ends before " + column
	} else {
		row.Problem, row.ProblemKind = r.readCells(cells, &row)
	}
	r.rows = append(r.rows, row)
	r.dates, r.clocks = append(r.dates, cells.Cell(resultfile.Date)), append(r.clocks, cells.Cell(resultfile.Time))
	return nil
}

// lastKnown returns the competition of the row before, else the one of the file's name.
func (r *fileReader) lastKnown() football.CompetitionEntry {
	if r.before.ID != "" {
		return r.before
	}
	return r.byName
}

// readCells reads the teams, the season and the scores of a whole row.
func (r *fileReader) readCells(cells resultfile.Cells, row *source.Row) (problem, kind string) {
	if row.Home == "" || row.Away == "" {
		return "the row does not name both teams", ""
	}
	if row.Home == row.Away {
		return "a team plays against itself", ""
	}
	row.Season = r.seasonOf(cells, row.Competition)
	home, away := cells.Cell(resultfile.FullTimeHome), cells.Cell(resultfile.FullTimeAway)
	homeGoals, okHome := source.Goals(home)
	awayGoals, okAway := source.Goals(away)
	switch {
	case source.NoScore(home) && source.NoScore(away):
	case !okHome || !okAway:
		return fmt.Sprintf("the score %q-%q can't be read", home, away), "the score can't be read"
	default:
		row.FullTime = true
	}
	if half, ok := source.Goals(cells.Cell(resultfile.HalfTimeHome)); row.FullTime && ok {
		other, ok := source.Goals(cells.Cell(resultfile.HalfTimeAway))
		row.HalfTime = ok && half <= homeGoals && other <= awayGoals
		if ok && !row.HalfTime {
			r.report.Note("%s: the half-time score is above the full-time score and is left out", row.Line)
		}
	}
	for _, column := range closingColumns {
		row.Closing = row.Closing || cells.Cell(column) != ""
	}
	row.FindTeams(r.ref, r.report)
	return "", ""
}

// closingColumns are those that have closing odds.
var closingColumns = [...]string{"AvgCH", "PSCH", "B365CH", "AvgC>2.5", "PC>2.5", "B365C>2.5"}

// dateRows reads the dates, all in the order that the file as a whole decides.
func (r *fileReader) dateRows() {
	order := source.OrderOf(r.dates)
	if order == source.MonthFirst {
		r.report.Note("its dates have the month first")
	}
	for i := range r.rows {
		row := &r.rows[i]
		at, problem := source.KickoffIn(order, r.dates[i], r.clocks[i], r.zones.Of(row.Pool))
		row.Kickoff = at
		if old := source.Undatable(at); problem == "" && old != "" {
			problem, row.Kickoff = old, 0
		}
		if problem != "" && row.Problem == "" {
			row.Problem, row.ProblemKind = problem, problemKind(problem)
		}
	}
}

// problemKind returns the reason by which a problem of a date is counted.
func problemKind(problem string) string {
	if strings.Contains(problem, "can't be read") {
		return "the date or the time of day can't be read"
	}
	return problem
}

// assignSeasons gives the rows of each competition their seasons.
func (r *fileReader) assignSeasons() {
	byCompetition := map[football.CompetitionID][]*source.Row{}
	var order []football.CompetitionID
	for i := range r.rows {
		id := r.rows[i].Competition
		if byCompetition[id] == nil {
			order = append(order, id)
		}
		byCompetition[id] = append(byCompetition[id], &r.rows[i])
	}
	for _, id := range order {
		rows := byCompetition[id]
		c, _ := r.ref.Competition(id)
		if football.IsProvisional(c.Pool) {
			c.Calendar = source.CalendarOf(rows)
		}
		source.AssignSeasons(rows, r.file.Name, c.Calendar, r.report)
	}
}

// placeRefused counts the refused rows and gives them an instant at which they can be published: that of the row
// before, for what a refused row says of time must not move the pool's clock.
func (r *fileReader) placeRefused() {
	at, season := football.Instant(0), football.Season("")
	for i := range r.rows {
		if r.rows[i].Problem == "" {
			at, season = r.rows[i].Kickoff.Add(-source.ScheduledBefore), r.rows[i].Season
			break
		}
	}
	if season == "" {
		season = source.SeasonNamed(r.file.Name)
		at = season.Start()
	}
	source.PlaceRefused(r.rows, at, season, r.report)
}

// seasonOf returns the season that a row names, as its competition calls it, or "".
func (r *fileReader) seasonOf(cells resultfile.Cells, id football.CompetitionID) football.Season {
	season, ok := football.ParseSeason(strings.TrimSpace(cells.Cell(resultfile.Season)))
	if !ok {
		return ""
	}
	if c, known := r.ref.Competition(id); known && c.Calendar == football.AutumnSpring &&
		!football.IsProvisional(c.Pool) && season.Calendar() == football.CalendarYear {
		return "" // a year by which a season from summer to summer may be meant either way: the dates decide
	}
	return season
}

// trimmed returns a text without what is not a letter or a digit at its ends.
func trimmed(text string) string { return strings.Trim(text, " \t\"'-_.") }

// splitWords returns the parts of a file's name.
func splitWords(name string) []string {
	return strings.FieldsFunc(name, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}
