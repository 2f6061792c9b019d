// Package footballdata is the source of result files: those of football-data.co.uk, one CSV file a season and division
// or one a country with all seasons, and what others made in their image.
//
// A row is published once for each moment of the history that it implies (docs/decisions/0001-facts.md), always as
// header line, newline, row, as they are in the file but for their encoding. How a file is read, and what is refused,
// is docs/decisions/0019-reading.md. Its kick-off is local to the pool's zone, for these files UK time.
//
//	src := footballdata.New(ref, "data/club", "https://www.football-data.co.uk/mmz4281/2122/E0.csv")
package footballdata

import (
	"context"
	"regexp"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
)

// Name is the source's name.
const Name = football.SourceFootballData

const contentType = "text/csv"

// fileNames are the files that are looked for in folders: all tables of text.
var fileNames = regexp.MustCompile(`(?i)\.(csv|tsv)$`)

// Source reads result files.
type Source struct {
	ref     *football.Reference
	places  []string
	reports source.Reports
}

// New returns the source of the files, folders and URLs.
func New(ref *football.Reference, places ...string) *Source { return &Source{ref: ref, places: places} }

// Name returns "football-data".
func (*Source) Name() string { return Name }

// Reports returns what the last Open read of each file.
func (s *Source) Reports() source.Reports { return s.reports }

// Open reads all files.
func (s *Source) Open(ctx context.Context) ([]source.Feed, error) {
	zones := source.NewZones(s.ref)
	if err := zones.Check(); err != nil {
		return nil, err
	}
	var rows []source.Row
	files := 0
	reports, err := source.ReadFiles(ctx, s.places, fileNames,
		func(f source.File, data []byte, report *source.Report) error {
			files++
			read, err := readResultFile(s.ref, zones, f, data, report)
			for i := range read {
				read[i].File = files
			}
			rows = append(rows, read...)
			return err
		})
	s.reports = reports
	if err != nil {
		return nil, err
	}
	return source.Rows(Name, contentType, rows), nil
}
