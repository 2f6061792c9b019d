// Package openfootball is the source of openfootball's JSON files: football.json's leagues and cups, one file a season
// and competition, and the tournaments of worldcup.json, euro.json and their kin.
//
// A match is published once for each moment of the history that it implies (docs/decisions/0001-facts.md), always as
// the verbatim match object; its goals, where the file has their minutes, are published as events of play. Its time of
// day is local to its place unless it names a zone. Which matches are knock-outs is read from the names of stages and
// rounds.
//
//	src := openfootball.New(ref, "data/openfootball")
package openfootball

import (
	"context"
	"regexp"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
)

// Name is the source's name.
const Name = football.SourceOpenFootball

const contentType = "application/json"

// fileNames are the files that are looked for in folders: 2020-21_en.1.json, en.1.json, worldcup.json.
var fileNames = regexp.MustCompile(`(?i)\.json$`)

// Source reads files of matches.
type Source struct {
	ref     *football.Reference
	places  []string
	reports source.Reports
}

// New returns the source of the files, folders and URLs.
func New(ref *football.Reference, places ...string) *Source { return &Source{ref: ref, places: places} }

// Name returns "openfootball".
func (*Source) Name() string { return Name }

// Reports returns what the last Open read of each file.
func (s *Source) Reports() source.Reports { return s.reports }

// Open reads all files.
func (s *Source) Open(ctx context.Context) ([]source.Feed, error) {
	var rows []source.Row
	files := 0
	reports, err := source.ReadFiles(ctx, s.places, fileNames,
		func(f source.File, data []byte, report *source.Report) error {
			files++
			read, err := readMatchFile(s.ref, f, data, report)
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
