// Package openfootball is the source of openfootball/football.json: one JSON file a season and competition.
//
// A match is published once for each moment of the history that it implies (docs/decisions/0001-facts.md), always as
// the verbatim match object. Its time of day is local to the competition's country.
//
//	src := openfootball.New(ref, "data/openfootball")
package openfootball

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
)

// Name is the source's name.
const Name = football.SourceOpenFootball

const contentType = "application/json"

// fileNames are the files that are looked for in folders: 2020-21_en.1.json, en.1.json.
var fileNames = regexp.MustCompile(`^(?:\d{4}(?:-\d{2})?_)?[a-z]{2,3}\.\d(?:\.[a-z]+)?\.json$`)

// league is the competition in a file's name.
var league = regexp.MustCompile(`[a-z]{2,3}\.\d`)

// titleSeason is the season at the end of a file's title: "English Premier League 2020/21".
var titleSeason = regexp.MustCompile(`\s+\d{4}(?:[/-]\d{2,4})?$`)

// zones are the time zones of countries, where they differ from those of the pool.
var zones = map[string]string{
	"Germany": "Europe/Berlin", "Spain": "Europe/Madrid", "Italy": "Europe/Rome", "France": "Europe/Paris",
	"England": "Europe/London",
}

// Source reads files of matches.
type Source struct {
	ref    *football.Reference
	places []string
}

// New returns the source of the files, folders and URLs.
func New(ref *football.Reference, places ...string) *Source { return &Source{ref, places} }

// Name returns "openfootball".
func (*Source) Name() string { return Name }

// Open reads all files.
func (s *Source) Open(ctx context.Context) ([]source.Feed, error) {
	var rows []source.Row
	err := source.ReadAll(ctx, s.places, fileNames, func(f source.File, data []byte) error {
		found, err := s.file(f, data)
		rows = append(rows, found...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return source.Rows(Name, contentType, rows), nil
}

// match is a match object, as far as dating and ordering need it.
type match struct {
	Date  string          `json:"date"`
	Time  string          `json:"time"`
	Team1 json.RawMessage `json:"team1"`
	Team2 json.RawMessage `json:"team2"`
	Score json.RawMessage `json:"score"`
}

func (s *Source) file(f source.File, data []byte) ([]source.Row, error) {
	title, matches, rest := split(data)
	competition, ok := s.competition(f, title)
	if !ok {
		return nil, fmt.Errorf("read %s: no competition is called %q or %q: add an alias with TOUCHLINE_REFERENCE",
			f.Name, title, league.FindString(f.Base()))
	}
	zone, err := zone(s.ref, competition)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.Name, err)
	}
	rows := make([]source.Row, 0, len(matches)+1)
	for i, payload := range matches {
		row := readMatch(payload, zone)
		row.Line = fmt.Sprintf("%s:%d", f.Base(), i+1)
		rows = append(rows, row)
	}
	if len(rest) > 0 {
		rows = append(rows, source.Row{Body: rest, Unreadable: true, Line: f.Base() + ":rest"})
	}
	season := source.SeasonNamed(f.Name)
	for i := 0; season == "" && i < len(rows); i++ {
		if rows[i].Kickoff != 0 {
			season = source.SeasonOn(rows[i].Kickoff)
		}
	}
	before := source.SeasonStart(season)
	for i := range rows {
		rows[i].Pool, rows[i].Competition, rows[i].Season = competition.Pool, competition.ID, season
		if rows[i].Kickoff == 0 {
			rows[i].Kickoff = before
		}
		before = rows[i].Kickoff
	}
	return rows, nil
}

// competition returns the one in the file's name, else the one in its title.
func (s *Source) competition(f source.File, title string) (football.CompetitionEntry, bool) {
	if c, ok := s.ref.CompetitionByName(league.FindString(f.Base())); ok {
		return c, true
	}
	return s.ref.CompetitionByName(titleSeason.ReplaceAllString(strings.TrimSpace(title), ""))
}

func zone(ref *football.Reference, c football.CompetitionEntry) (*time.Location, error) {
	if name, ok := zones[c.Country]; ok {
		return time.LoadLocation(name)
	}
	return source.Zone(ref, c.Pool)
}

// readMatch reads what dating and ordering need of a match object.
func readMatch(payload []byte, zone *time.Location) source.Row {
	row := source.Row{Body: payload}
	var m match
	if err := json.Unmarshal(payload, &m); err != nil {
		row.Unreadable = true
		return row
	}
	row.Home, row.Away = team(m.Team1), team(m.Team2)
	at, ok := source.Kickoff(m.Date, m.Time, zone)
	row.Kickoff, row.Unreadable = at, !ok || row.Home == "" || row.Away == ""
	var score map[string]json.RawMessage
	if json.Unmarshal(m.Score, &score) == nil {
		_, row.FullTime = score["ft"]
		_, row.HalfTime = score["ht"]
	}
	return row
}

// team reads a team that is a string or an object with a name.
func team(text json.RawMessage) string {
	var name string
	if json.Unmarshal(text, &name) == nil {
		return name
	}
	var object struct {
		Name string `json:"name"`
	}
	_ = json.Unmarshal(text, &object) // neither: no name
	return object.Name
}

// split takes a file apart into its title and the verbatim match objects, of the file or of its rounds. What comes
// after the first mistake is the rest.
func split(data []byte) (title string, matches []json.RawMessage, rest []byte) {
	dec := json.NewDecoder(bytes.NewReader(data))
	err := object(dec, func(key string) error {
		switch key {
		case "name":
			return dec.Decode(&title)
		case "matches":
			return array(dec, func() error { return take(dec, &matches) })
		case "rounds":
			return array(dec, func() error {
				return object(dec, func(key string) error {
					if key == "matches" {
						return array(dec, func() error { return take(dec, &matches) })
					}
					return skip(dec)
				})
			})
		default:
			return skip(dec)
		}
	})
	rest = bytes.TrimSpace(data[min(dec.InputOffset(), int64(len(data))):])
	if err != nil && len(rest) == 0 {
		rest = data // the file ends too early: there is no piece to show
	}
	return title, matches, rest
}

func take(dec *json.Decoder, into *[]json.RawMessage) error {
	var m json.RawMessage
	if err := dec.Decode(&m); err != nil {
		return err
	}
	*into = append(*into, m)
	return nil
}

func skip(dec *json.Decoder) error {
	var any json.RawMessage
	return dec.Decode(&any)
}

// object calls member with each key of the object that comes next.
func object(dec *json.Decoder, member func(key string) error) error {
	return within(dec, '{', func() error {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		return member(key.(string)) // the decoder allows nothing else here
	})
}

// array calls element before each element of the array that comes next.
func array(dec *json.Decoder, element func() error) error { return within(dec, '[', element) }

func within(dec *json.Decoder, open json.Delim, each func() error) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	if token != open {
		return errors.New("something else instead of " + open.String())
	}
	for dec.More() {
		if err := each(); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return errors.Join(err, io.ErrUnexpectedEOF)
	}
	return nil
}
