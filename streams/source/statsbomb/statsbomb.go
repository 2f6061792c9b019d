// Package statsbomb is the source of StatsBomb's open data: one JSON array of events a match, events/<id>.json, and
// files of matches, matches/<competition>/<season>.json, and competitions.json, which tells women's from men's.
// Line-ups and 360 files beside them are passed over: who starts is in the events, and no model sees where players
// stand.
//
// Published are, as verbatim event objects, what a live match is made of: line-ups, starts and ends of the periods,
// shots, own goals, cards and substitutions; passes, duels and the like are not. The fixture is published 14 days
// before kick-off, as the match object of a file of matches or, where none has the match, as the array of the two
// Starting XI events, home side (the first of the file) first. A match without a file of events has the moments of a
// result.
//
// Competition, season, date and kick-off are those of the files of matches. The files of events have no date: for a
// match that none has they are taken from a matches_index.csv (columns match_id, competition, date) beside the file or
// one folder up; the time of day is 15:00 local. A match without a date is put on the Saturdays from 15 August of its
// season on, in the order of match ids; without a season, of 2015. A match that no index names belongs to the first
// division whose pool knows both teams.
//
// The first half begins at kick-off, the second 15 minutes after the first ended, extra time and its second half 5
// minutes after what went before; an instant is the start of its period and the event's timestamp.
//
//	src := statsbomb.New(ref, "data/statsbomb")
package statsbomb

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
)

// Name is the source's name.
const Name = football.SourceStatsBomb

const contentType = "application/json"

// fileNames are the files that are looked for in folders: 3753986.json, competitions.json.
var fileNames = regexp.MustCompile(`^(?:\d+|competitions)\.json$`)

// Source reads files of events and of matches.
type Source struct {
	ref     *football.Reference
	places  []string
	reports source.Reports
	women   map[json.Number]bool // ids of women's competitions
}

// New returns the source of the files, folders and URLs.
func New(ref *football.Reference, places ...string) *Source { return &Source{ref: ref, places: places} }

// Name returns "statsbomb".
func (*Source) Name() string { return Name }

// Reports returns what the last Open read of each file.
func (s *Source) Reports() source.Reports { return s.reports }

// Open reads all files and keeps the events that are published.
func (s *Source) Open(ctx context.Context) ([]source.Feed, error) {
	indexes, listings := indexes{}, map[string]*listing{}
	s.women = map[json.Number]bool{}
	var matches []*match
	var order []string
	reports, err := source.ReadFiles(ctx, s.places, fileNames, func(
		f source.File, data []byte, report *source.Report,
	) error {
		switch path.Base(path.Dir(f.Name)) {
		case "lineups", "three-sixty":
			return source.ErrIgnored
		}
		if f.Base() == competitionsName {
			return cmp.Or(readWomensCompetitions(data, s.women), source.ErrIgnored)
		}
		if isListing(data) {
			found, err := readListings(f, data)
			for _, l := range found {
				if report.Rows++; listings[l.ID.String()] == nil {
					order = append(order, l.ID.String())
				}
				listings[l.ID.String()] = l
			}
			return err
		}
		m := readMatch(strings.TrimSuffix(f.Base(), ".json"), data)
		m.known, m.report = indexes.indexOf(f.Name)[m.id], report
		report.Rows++
		matches = append(matches, m)
		return nil
	})
	s.reports = reports
	if err != nil {
		return nil, err
	}
	matches = slices.DeleteFunc(matches, func(m *match) bool { return !s.placeMatch(m, listings[m.id]) })
	if err := reports.NothingLeft(); err != nil {
		return nil, err
	}
	s.dateMatches(matches)
	return s.mergeFeeds(matches, s.withoutEvents(matches, listings, order)), nil
}

// withoutEvents returns the listed matches that have no file of events.
func (s *Source) withoutEvents(matches []*match, listings map[string]*listing, order []string) []source.Row {
	for _, m := range matches {
		delete(listings, m.id)
	}
	var rows []source.Row
	for _, id := range order {
		l := listings[id]
		if l == nil {
			continue
		}
		row := s.fixture(l)
		if row.Kickoff == 0 {
			row.Kickoff = row.Season.Start()
		}
		if row.Problem != "" && row.Kickoff == 0 {
			continue // there is no instant at which it could be published
		}
		rows = append(rows, row)
	}
	return rows
}

// mergeFeeds returns one feed a pool, of the matches with events and of those without.
func (s *Source) mergeFeeds(matches []*match, rows []source.Row) []source.Feed {
	byPool := map[football.PoolID][]source.Feed{}
	for _, feed := range append(eventFeeds(matches), source.Rows(Name, contentType, rows)...) {
		byPool[feed.Pool] = append(byPool[feed.Pool], feed)
	}
	var out []source.Feed
	for _, pool := range slices.Sorted(maps.Keys(byPool)) {
		out = append(out, source.Merge(byPool[pool]...))
	}
	return out
}

// placeMatch finds the match's competition, season and kick-off, and reports whether it could.
func (s *Source) placeMatch(m *match, l *listing) bool {
	if l != nil {
		row := s.fixture(l)
		m.pool, m.competition, m.season, m.kickoff = row.Pool, row.Competition, row.Season, row.Kickoff
		m.home, m.away, m.listed = row.Home, row.Away, &row
		if row.Problem != "" {
			m.report.Refuse(row.Problem, row.Line)
			return false
		}
		m.announce(l.payload)
		return true
	}
	m.date, m.season = m.known.date, m.known.season
	c, ok := s.ref.CompetitionByName(m.known.competition)
	if !ok {
		c, ok = s.byTeams(m.home, m.away)
	}
	if !ok {
		m.report.Skipped = fmt.Sprintf("no pool has the teams %q and %q, and no file of matches "+
			"or matches_index.csv has the match",
			m.home, m.away)
		m.report.Rows = 0
		return false
	}
	m.pool, m.competition = c.Pool, c.ID
	return true
}

func (s *Source) byTeams(home, away string) (football.CompetitionEntry, bool) {
	for _, c := range s.ref.Competitions() {
		h, _ := s.ref.Team(c.Pool, home)
		a, _ := s.ref.Team(c.Pool, away)
		if s.ref.IsConfigured(h.ID) && s.ref.IsConfigured(a.ID) && c.Level == 1 && !c.Cup {
			return c, true
		}
	}
	return football.CompetitionEntry{}, false
}

// dateMatches gives every match its kick-off and its season.
func (s *Source) dateMatches(matches []*match) {
	slices.SortFunc(matches, func(a, b *match) int {
		return cmp.Or(cmp.Compare(len(a.id), len(b.id)),
			cmp.Compare(a.id, b.id))
	})
	undated := map[football.Season]int{}
	for _, m := range matches {
		if m.kickoff == 0 {
			m.kickoff, _ = source.Kickoff(m.date, "", source.NewZones(s.ref).Of(m.pool))
		}
		if m.kickoff == 0 {
			if m.season == "" {
				m.season = "2015-16"
			}
			m.kickoff = saturday(m.season, undated[m.season])
			undated[m.season]++
		}
		if m.season == "" {
			m.season = source.SeasonOn(m.kickoff)
		}
		m.assignInstants()
	}
}

// eventFeeds returns a feed of the matches with events for each pool.
func eventFeeds(matches []*match) []source.Feed {
	byPool := map[football.PoolID][]ordered{}
	for _, m := range matches {
		for i := range m.items {
			byPool[m.pool] = append(byPool[m.pool], ordered{m, i})
		}
	}
	pools := make([]football.PoolID, 0, len(byPool))
	for pool := range byPool {
		pools = append(pools, pool)
	}
	slices.Sort(pools)
	out := make([]source.Feed, len(pools))
	for i, pool := range pools {
		items, at := byPool[pool], 0
		slices.SortFunc(items, ordered.compareOrdered)
		out[i] = source.Ticked(pool, func(context.Context) (source.Item, error) {
			if at == len(items) {
				return source.Item{}, io.EOF
			}
			at++
			return items[at-1].feedItem(), nil
		})
		last := items[len(items)-1]
		out[i].Until = last.match.items[last.index].position
	}
	return out
}

// ordered is an item of a match.
type ordered struct {
	match *match
	index int
}

func (o ordered) compareOrdered(other ordered) int {
	a, b := &o.match.items[o.index], &other.match.items[other.index]
	return cmp.Or(
		cmp.Compare(a.position, b.position),
		cmp.Compare(source.Rank(a.moment), source.Rank(b.moment)),
		cmp.Compare(o.match.competition, other.match.competition),
		cmp.Compare(o.match.home, other.match.home),
		cmp.Compare(o.match.id, other.match.id),
		cmp.Compare(o.index, other.index),
	)
}

func (o ordered) feedItem() source.Item {
	m := o.match
	i := &m.items[o.index]
	return source.Item{
		Position: i.position,
		Kicks:    i.moment == football.MomentKickOff,
		Ends:     i.moment == football.MomentFullTime,
		Raw: &football.RawEvent{
			Pool: m.pool, Source: Name, SourceEventID: i.id, SourceMatchID: m.id, Competition: m.competition,
			Season: m.season,
			Moment: i.moment, At: i.at, ContentType: contentType + m.parameters(i), Payload: i.payload,
		},
	}
}
