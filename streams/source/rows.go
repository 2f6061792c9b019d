package source

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // kick-offs are dated alike on every machine

	"github.com/touchline/touchline/schemas/football"
)

// Row is one match of a file of results, and the history that it implies.
type Row struct {
	Pool        football.PoolID
	Competition football.CompetitionID
	Season      football.Season
	Home, Away  string           // as the payload spells them
	Kickoff     football.Instant // of an unreadable row: the instant to publish it at
	Line        string           // names an unreadable row, for example "E0_1516.csv:17"

	Unreadable bool // it can't be dated: published once, as unreadable
	Closing    bool // it has closing odds
	HalfTime   bool // it has a half-time score
	FullTime   bool // it has a result

	Header, Body []byte // the payload: the header line (nil where there is none), a newline, the body

	Shootout []byte // the payload that names the winner on penalties, published after the result; nil where nobody did

	match string // the source's name for the match
}

// Instants of a row's moments, relative to kick-off.
const (
	ScheduledBefore = 14 * 24 * time.Hour
	ClosingBefore   = time.Minute
	HalfTimeAfter   = 47 * time.Minute
	FullTimeAfter   = 115 * time.Minute
)

// Rows returns the feeds of the rows, one a pool. The rows are kept; of each event only its instant is.
func Rows(source, contentType string, rows []Row) []Feed {
	name(rows)
	byPool := map[football.PoolID][]entry{}
	for i := range rows {
		byPool[rows[i].Pool] = rows[i].entries(byPool[rows[i].Pool], int32(i))
	}
	pools := make([]football.PoolID, 0, len(byPool))
	for pool := range byPool {
		pools = append(pools, pool)
	}
	slices.Sort(pools)
	feeds := make([]Feed, len(pools))
	for i, pool := range pools {
		r := &rowFeed{source: source, contentType: contentType, rows: rows, entries: byPool[pool]}
		slices.SortFunc(r.entries, r.compare)
		feeds[i] = Ticked(pool, r.Next)
		feeds[i].Until = r.entries[len(r.entries)-1].at
	}
	return feeds
}

// entry is one raw event of a row.
type entry struct {
	at     football.Instant
	row    int32
	moment int8 // index in rowMoments; shootout
}

// shootout is the place after rowMoments: the full time of a shoot-out.
const shootout = int8(len(rowMoments))

var rowMoments = [...]football.Moment{
	football.MomentUnreadable, football.MomentScheduled, football.MomentClosing, football.MomentKickOff,
	football.MomentHalfTime,
	football.MomentFullTime,
}

func (r *Row) entries(to []entry, row int32) []entry {
	if r.Unreadable {
		return append(to, entry{r.Kickoff, row, 0})
	}
	to = append(to, entry{r.Kickoff.Add(-ScheduledBefore), row, 1})
	if r.Closing {
		to = append(to, entry{r.Kickoff.Add(-ClosingBefore), row, 2})
	}
	if !r.FullTime {
		return to // not played yet, or abandoned: it would be in play for ever
	}
	to = append(to, entry{r.Kickoff, row, 3})
	if r.HalfTime {
		to = append(to, entry{r.Kickoff.Add(HalfTimeAfter), row, 4})
	}
	to = append(to, entry{r.Kickoff.Add(FullTimeAfter), row, 5})
	if r.Shootout != nil {
		to = append(to, entry{r.Kickoff.Add(FullTimeAfter), row, shootout})
	}
	return to
}

// name gives each row the name of its match: competition, season and teams, and from the second meeting at the same
// ground on its number. The same match in two files keeps one name, so that normalize finds it twice.
func name(rows []Row) {
	order := make([]int, len(rows))
	for i := range rows {
		r := &rows[i]
		r.match = r.Line
		if !r.Unreadable {
			r.match = string(r.Competition) + "/" + string(r.Season) + "/" + strings.ReplaceAll(r.Home, "/", " ") +
				"/" + strings.ReplaceAll(r.Away, "/", " ")
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(rows[a].match, rows[b].match), cmp.Compare(rows[a].Kickoff, rows[b].Kickoff))
	})
	meeting, before, kickoff := 1, "", football.Instant(0)
	for _, i := range order {
		r := &rows[i]
		switch {
		case r.match != before:
			meeting, before = 1, r.match
		case r.Kickoff.Sub(kickoff) > day && !r.Unreadable:
			meeting++
		}
		kickoff = r.Kickoff
		if meeting > 1 {
			r.match = fmt.Sprintf("%s/%d", r.match, meeting)
		}
	}
}

func (r *Row) payload() []byte {
	if r.Header == nil {
		return r.Body
	}
	return bytes.Join([][]byte{r.Header, r.Body}, []byte("\n"))
}

type rowFeed struct {
	source, contentType string
	rows                []Row
	entries             []entry
	at                  int
}

// compare orders events by instant, moment, competition and home team.
func (f *rowFeed) compare(a, b entry) int {
	if c := cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.moment, b.moment)); c != 0 {
		return c
	}
	x, y := &f.rows[a.row], &f.rows[b.row]
	return cmp.Or(
		cmp.Compare(x.Competition, y.Competition), cmp.Compare(x.Home, y.Home), cmp.Compare(x.match, y.match),
		cmp.Compare(a.row, b.row),
	)
}

func (f *rowFeed) Next(context.Context) (Item, error) {
	if f.at == len(f.entries) {
		return Item{}, io.EOF
	}
	e := f.entries[f.at]
	f.at++
	r := &f.rows[e.row]
	moment, name, payload := football.MomentFullTime, "shootout", r.Shootout
	if e.moment != shootout {
		moment = rowMoments[e.moment]
		name, payload = string(moment), r.payload()
	}
	return Item{
		Position: e.at,
		Raw: &football.RawEvent{
			Pool: r.Pool, Source: f.source, SourceEventID: r.match + "#" + name, SourceMatchID: r.match,
			Competition: r.Competition, Season: r.Season, Moment: moment, At: e.at, ContentType: f.contentType,
			Payload: payload,
		},
	}, nil
}
