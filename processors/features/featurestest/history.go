package featurestest

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/footballtest"
)

// Row is a result row of a CSV in football-data.co.uk's layout.
type Row struct {
	Pool           football.PoolID
	Competition    football.CompetitionID
	Season         football.Season
	Home, Away     string
	Kickoff        football.Instant
	Full           football.FullTime
	HalfHome       int32 // -1 where not known
	HalfAway       int32
	Early, Closing []football.Quote
	HomeID, AwayID football.TeamID
	Match          football.MatchID
	FirstYear      int // of the season
}

// Load reads the rows of all seasons, or of those that begin from the first to the last year given.
func Load(t testing.TB, divisions []string, first, last int) []Row {
	t.Helper()
	dir := footballtest.Data(t)
	var rows []Row
	for _, division := range divisions {
		for year := first; year <= last; year++ {
			name := fmt.Sprintf("%s_%02d%02d.csv", division, year%100, (year+1)%100)
			some, err := loadFile(filepath.Join(dir, "club", division, name), division, year)
			if errors.Is(err, os.ErrNotExist) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, some...)
		}
	}
	return rows
}

// Divisions are the six leagues of the data.
func Divisions() []string { return []string{"E0", "E1", "SP1", "D1", "I1", "F1"} }

// loadFile reads one season of a division. Rows without teams or without a result, such as fixtures to come, are left
// out.
func loadFile(path, division string, year int) ([]Row, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.FieldsPerRecord = -1
	records, err := reader.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	column := map[string]int{}
	for i, name := range records[0] {
		column[name] = i
	}
	competition, _ := football.DefaultReference().Competition(football.CompetitionID(division))
	rows := make([]Row, 0, len(records)-1)
	for _, record := range records[1:] {
		c := cells{column, record}
		if c.textCell("HomeTeam") == "" || c.countCell("FTHG") < 0 {
			continue
		}
		rows = append(rows, c.resultRow(competition, year))
	}
	return rows, nil
}

// cells is a record of a CSV with the places of its columns. Columns differ from season to season; one that is missing
// reads as empty.
type cells struct {
	column map[string]int
	record []string
}

// textCell returns a cell without surrounding space, "" where there is none.
func (c cells) textCell(name string) string {
	if i, ok := c.column[name]; ok && i < len(c.record) {
		return strings.TrimSpace(c.record[i])
	}
	return ""
}

// countCell returns a whole number, -1 where the cell has none.
func (c cells) countCell(name string) int32 {
	n, err := strconv.Atoi(c.textCell(name))
	if err != nil {
		return -1
	}
	return int32(n)
}

// oddsCell returns decimal odds, 0 where the cell has none.
func (c cells) oddsCell(name string) float64 {
	x, err := strconv.ParseFloat(c.textCell(name), 64)
	if err != nil {
		return 0
	}
	return x
}

// quoteCells returns the quotes of several bookmakers: a spec is the bookmaker's name, the prefix of its three columns
// of results, and the columns of over and under 2.5 goals. A bookmaker without odds above 1 for all three results is
// left out.
func (c cells) quoteCells(specs ...[4]string) []football.Quote {
	var quotes []football.Quote
	for _, s := range specs {
		q := football.Quote{
			Bookmaker: s[0], Home: c.oddsCell(s[1] + "H"), Draw: c.oddsCell(s[1] + "D"), Away: c.oddsCell(s[1] + "A"),
			Over25: c.oddsCell(s[2]), Under25: c.oddsCell(s[3]),
		}
		if q.Home > 1 && q.Draw > 1 && q.Away > 1 {
			quotes = append(quotes, q)
		}
	}
	return quotes
}

// resultRow returns the row of a match in the season that begins in year. A kick-off without a time is at 15:00 in
// London.
func (c cells) resultRow(competition football.CompetitionEntry, year int) Row {
	clock := cmp.Or(c.textCell("Time"), "15:00")
	kickoff, _ := time.ParseInLocation("2006-01-02 15:04", c.textCell("Date")+" "+clock, londonZone())
	r := Row{
		Pool: competition.Pool, Competition: competition.ID, FirstYear: year,
		Season: football.Season(fmt.Sprintf("%d-%02d", year, (year+1)%100)),
		Home:   c.textCell("HomeTeam"), Away: c.textCell("AwayTeam"), Kickoff: football.At(kickoff),
		HalfHome: c.countCell("HTHG"), HalfAway: c.countCell("HTAG"),
		Full: football.FullTime{HomeGoals: c.countCell("FTHG"), AwayGoals: c.countCell("FTAG"), Home: c.sideCounts("H"),
			Away: c.sideCounts("A")},
		Early: c.quoteCells([4]string{"average", "Avg", "Avg>2.5", "Avg<2.5"},
			[4]string{"average", "BbAv", "BbAv>2.5", "BbAv<2.5"},
			[4]string{"pinnacle", "PS"}, [4]string{"bet365", "B365", "B365>2.5", "B365<2.5"}),
		Closing: c.quoteCells([4]string{"average", "AvgC", "AvgC>2.5", "AvgC<2.5"}, [4]string{"pinnacle", "PSC"},
			[4]string{"bet365", "B365C"}),
	}
	r.HomeID, r.AwayID = football.TeamID(football.Slug(r.Home)), football.TeamID(football.Slug(r.Away))
	r.Match = football.NewMatchID(r.Pool, r.Season, r.HomeID, r.AwayID, 1)
	return r
}

// sideCounts returns the counts of a side, "H" or "A".
func (c cells) sideCounts(side string) football.SideCounts {
	return football.SideCounts{
		Shots: c.countCell(side + "S"), ShotsOnTarget: c.countCell(side + "ST"), Corners: c.countCell(side + "C"),
		Fouls: c.countCell(side + "F"), Yellows: c.countCell(side + "Y"), Reds: c.countCell(side + "R"),
	}
}

// londonZone returns the time zone of the data, UTC on a machine without zones.
func londonZone() *time.Location {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		return time.UTC
	}
	return zone
}

// History returns the match events that rows imply (decision 0001), pool after pool in order of the pools' names, each
// pool in the order in which normalize gives them, with a tick at the beginning of each day.
func History(rows []Row) []*football.MatchEvent {
	pools := map[football.PoolID][]rankedEvent{}
	for i := range rows {
		pools[rows[i].Pool] = append(pools[rows[i].Pool], eventsOfRow(&rows[i])...)
	}
	var names []football.PoolID
	for name := range pools {
		names = append(names, name)
	}
	slices.Sort(names)
	var events []*football.MatchEvent
	for _, name := range names {
		events = append(events, orderedEvents(name, pools[name])...)
	}
	return events
}

// rankedEvent is an event with its place among those of one instant: forecasts of an instant come before its results.
type rankedEvent struct {
	event *football.MatchEvent
	rank  int
}

// eventsOfRow returns the events that a row implies, numbered from 1.
func eventsOfRow(r *Row) []rankedEvent {
	var out []rankedEvent
	add := func(rank int, at football.Instant, body football.EventBody) {
		out = append(out, rankedEvent{rank: rank, event: &football.MatchEvent{
			Match: r.Match, Pool: r.Pool, Competition: r.Competition, Season: r.Season, Home: r.HomeID, Away: r.AwayID,
			Sequence: int64(len(out) + 1), At: at, Source: "football-data", Body: body,
		}})
	}
	scheduled := r.Kickoff.Add(-14 * 24 * time.Hour)
	add(1, scheduled, football.FixtureScheduled{Kickoff: r.Kickoff, HomeName: r.Home, AwayName: r.Away})
	if len(r.Early) > 0 {
		add(1, scheduled, football.OddsQuoted{Stage: football.OddsEarly, Quotes: r.Early})
	}
	if len(r.Closing) > 0 {
		add(2, r.Kickoff.Add(-time.Minute), football.OddsQuoted{Stage: football.OddsClosing, Quotes: r.Closing})
	}
	add(3, r.Kickoff, football.KickOff{})
	if r.HalfHome >= 0 && r.HalfAway >= 0 {
		add(4, r.Kickoff.Add(47*time.Minute),
			football.PeriodEnded{Period: 1, HomeGoals: r.HalfHome, AwayGoals: r.HalfAway})
	}
	add(5, r.Kickoff.Add(115*time.Minute), r.Full)
	return out
}

// orderedEvents returns the events of one pool with a tick at the beginning of each day, by instant, then rank,
// competition and home side.
func orderedEvents(pool football.PoolID, moments []rankedEvent) []*football.MatchEvent {
	const day = 24 * 60 * 60 * 1000
	first, last := moments[0].event.At, moments[0].event.At
	for _, m := range moments {
		first, last = min(first, m.event.At), max(last, m.event.At)
	}
	for at := (first/day + 1) * day; at <= last; at += day {
		moments = append(moments, rankedEvent{event: &football.MatchEvent{Pool: pool, At: at, Source: "clock",
			Body: football.Tick{}}})
	}
	slices.SortStableFunc(moments, func(a, b rankedEvent) int {
		return cmp.Or(cmp.Compare(a.event.At, b.event.At), cmp.Compare(a.rank, b.rank),
			cmp.Compare(a.event.Competition, b.event.Competition), cmp.Compare(a.event.Home, b.event.Home))
	})
	events := make([]*football.MatchEvent, len(moments))
	for i, m := range moments {
		events[i] = m.event
	}
	return events
}
