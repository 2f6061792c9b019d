// Package statsbomb is the source of StatsBomb's open event data: one JSON array of events a match, <id>.json.
//
// Published are, as verbatim event objects, what a live match is made of: line-ups, starts and ends of the periods,
// shots, own goals, cards and substitutions; passes, duels and the like are not. The fixture is published 14 days
// before kick-off, as the array of the two Starting XI events, home side (the first of the file) first.
//
// The files have no date. It is taken from a matches_index.csv (columns match_id, competition, date) beside the file or
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
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
)

// Name is the source's name.
const Name = football.SourceStatsBomb

const contentType = "application/json"

// fileNames are the files that are looked for in folders: 3753986.json.
var fileNames = regexp.MustCompile(`^\d+\.json$`)

// Source reads files of events.
type Source struct {
	ref    *football.Reference
	places []string
}

// New returns the source of the files, folders and URLs.
func New(ref *football.Reference, places ...string) *Source { return &Source{ref, places} }

// Name returns "statsbomb".
func (*Source) Name() string { return Name }

// Open reads all files and keeps the events that are published.
func (s *Source) Open(ctx context.Context) ([]source.Feed, error) {
	indexes := indexes{}
	var matches []*match
	err := source.ReadAll(ctx, s.places, fileNames, func(f source.File, data []byte) error {
		m := readMatch(strings.TrimSuffix(f.Base(), ".json"), data)
		if err := s.place(m, indexes.of(f.Name)[m.id]); err != nil {
			return fmt.Errorf("read %s: %w", f.Name, err)
		}
		matches = append(matches, m)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.date(matches)
	return feeds(matches), nil
}

// place finds the match's competition and season.
func (s *Source) place(m *match, known indexed) error {
	m.date = known.date
	m.season = known.season
	c, ok := s.ref.CompetitionByName(known.competition)
	if !ok {
		c, ok = s.byTeams(m.home, m.away)
	}
	if !ok {
		return fmt.Errorf("no pool has the teams %q and %q, and no matches_index.csv names a known competition: add them with TOUCHLINE_REFERENCE", m.home, m.away)
	}
	m.pool, m.competition = c.Pool, c.ID
	return nil
}

func (s *Source) byTeams(home, away string) (football.CompetitionEntry, bool) {
	for _, c := range s.ref.Competitions() {
		if p, _ := s.ref.Pool(c.Pool); p.Open != "" {
			continue // it knows every name
		}
		_, h := s.ref.Team(c.Pool, home)
		_, a := s.ref.Team(c.Pool, away)
		if h && a && c.Level == 1 {
			return c, true
		}
	}
	return football.CompetitionEntry{}, false
}

// date gives every match its kick-off and its season.
func (s *Source) date(matches []*match) {
	slices.SortFunc(matches, func(a, b *match) int {
		return cmp.Or(cmp.Compare(len(a.id), len(b.id)),
			cmp.Compare(a.id, b.id))
	})
	undated := map[football.Season]int{}
	for _, m := range matches {
		zone, err := source.Zone(s.ref, m.pool)
		if err == nil {
			if at, ok := source.Kickoff(m.date, "", zone); ok {
				m.kickoff = at
			}
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
		m.assign()
	}
}

// feeds merges the matches of each pool.
func feeds(matches []*match) []source.Feed {
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
			Moment: i.moment, At: i.at, ContentType: contentType, Payload: i.payload,
		},
	}
}
