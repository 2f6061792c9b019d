package source

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// Row is one match of a file of results, and the history that it implies.
//
// A source fills in all fields up to File, and those after it that its format has. AssignSeasons or SeasonsByDate find
// the season, FindTeams finds the teams, and PlaceRefused gives refused rows their Kickoff and Season.
type Row struct {
	// Pool decides the feed. A competition that the reference does not know has one too, that of
	// football.ProvisionalCompetition. A row that names none goes to the pool of the rows beside it; it never is "".
	Pool        football.PoolID
	Competition football.CompetitionID
	Season      football.Season
	Home, Away  string          // as the payload spells them
	HomeID      football.TeamID // "" where the reference does not know the spelling
	AwayID      football.TeamID
	Kickoff     football.Instant // of a refused row: the instant to publish it at
	Line        string           // names a refused row, for example "E0_1516.csv:17"
	File        int              // the place of its file among those of the source
	ContentType string           // of the payload; "" for that of the source

	// Problem is why the row can't be dated or ordered, "" where it can: it is published once, as unreadable, and
	// normalize refuses it with this reason. ProblemKind is the reason by which such rows are counted; "" for Problem
	// itself.
	Problem, ProblemKind string

	// Tie is which part of a knock-out the match is.
	Tie     football.TieKind
	Neutral bool // it is played on neutral ground

	Closing  bool // it has closing odds
	HalfTime bool // it has a half-time score
	FullTime bool // it has a result
	Extra    bool // extra time was played: the result comes later

	Header, Body []byte // the payload: the header line (nil where there is none), a newline, the body

	// the payload that names the winner on penalties, published after the result; nil where there is none
	Shootout []byte

	Play []PlayEvent // goals whose minutes are known, and starts of periods, in order

	match    string // the source's name for the match
	firstLeg string // of a second leg: the name of the first
	repeated bool   // another row has the same match: this one is not published
}

// PlayEvent is an event of play of a row, published by itself.
type PlayEvent struct {
	Name    string        // of the event within its match, such as "goal-1"
	After   time.Duration // from kick-off, on the wall
	Payload []byte
}

// Instants of a row's moments, relative to kick-off.
const (
	ScheduledBefore = 14 * 24 * time.Hour
	ClosingBefore   = time.Minute
	HalfTimeAfter   = 47 * time.Minute
	FullTimeAfter   = 115 * time.Minute
	ExtraTimeAfter  = 160 * time.Minute // of a result after extra time
)

// Rows returns the feeds of the rows, one a pool. The rows are kept; of each event only its instant is.
func Rows(source, contentType string, rows []Row) []Feed {
	nameMatches(rows)
	byPool := map[football.PoolID][]entry{}
	for i := range rows {
		if r := &rows[i]; !r.repeated {
			byPool[r.Pool] = r.appendEntries(byPool[r.Pool], int32(i))
		}
	}
	feeds := make([]Feed, 0, len(byPool))
	for _, pool := range slices.Sorted(maps.Keys(byPool)) {
		r := &rowFeed{source: source, contentType: contentType, rows: rows, entries: byPool[pool]}
		slices.SortFunc(r.entries, r.compareEntries)
		feed := Ticked(pool, r.Next)
		feed.Until = r.entries[len(r.entries)-1].at
		feeds = append(feeds, feed)
	}
	return feeds
}

// entry is one raw event of a row.
type entry struct {
	at     football.Instant
	row    int32
	moment int8 // index in rowMoments; shootout; from firstPlay on, an event of play
}

// Places after rowMoments: the full time of a shoot-out, and the events of play.
const (
	shootout  = int8(len(rowMoments))
	firstPlay = shootout + 1
	mostPlay  = 100
)

// rowMoments are the moments of a row, by their place in an entry.
var rowMoments = [...]football.Moment{
	football.MomentUnreadable, football.MomentScheduled, football.MomentClosing, football.MomentKickOff,
	football.MomentHalfTime, football.MomentFullTime,
}

// FindTeams finds the teams of the row. A spelling that the reference refuses is counted; the row is published
// nevertheless, so that what normalize refuses can be repaired once the reference knows the spelling.
func (r *Row) FindTeams(ref *football.Reference, report *Report) {
	home, okHome := ref.Team(r.Pool, r.Home)
	away, okAway := ref.Team(r.Pool, r.Away)
	r.HomeID, r.AwayID = home.ID, away.ID
	unknown := r.Home
	if okHome {
		unknown = r.Away
	}
	if !okHome || !okAway {
		report.Refuse(fmt.Sprintf("no team of the pool %s is called %q: add the spelling with TOUCHLINE_REFERENCE",
			r.Pool, unknown), r.Line)
	}
}

// appendEntries appends the row's raw events. A match that has no result, because it is to come or was abandoned, gets
// no kick-off: it would be in play for ever.
func (r *Row) appendEntries(to []entry, row int32) []entry {
	if r.Problem != "" {
		return append(to, entry{r.Kickoff, row, 0})
	}
	to = append(to, entry{r.Kickoff.Add(-ScheduledBefore), row, 1})
	if r.Closing {
		to = append(to, entry{r.Kickoff.Add(-ClosingBefore), row, 2})
	}
	if !r.FullTime {
		return to
	}
	to = append(to, entry{r.Kickoff, row, 3})
	if r.HalfTime {
		to = append(to, entry{r.Kickoff.Add(HalfTimeAfter), row, 4})
	}
	for i, event := range r.Play[:min(len(r.Play), mostPlay)] {
		to = append(to, entry{r.Kickoff.Add(event.After), row, firstPlay + int8(i)})
	}
	end := r.resultInstant()
	to = append(to, entry{end, row, 5})
	if r.Shootout != nil {
		to = append(to, entry{end, row, shootout})
	}
	return to
}

// resultInstant returns the instant at which the result is published.
func (r *Row) resultInstant() football.Instant {
	if r.Extra {
		return r.Kickoff.Add(ExtraTimeAfter)
	}
	return r.Kickoff.Add(FullTimeAfter)
}

// Parameters are what the collector knows of a row beyond its payload, as parameters of its content type: normalize
// reads them from there.
func (r *Row) Parameters() string {
	var b strings.Builder
	if r.Problem != "" {
		b.WriteString(`; problem="` + strings.ReplaceAll(r.Problem, `"`, "'") + `"`)
	}
	if r.Tie != football.TieNone {
		b.WriteString("; tie=" + string(r.Tie))
	}
	if r.firstLeg != "" {
		b.WriteString(`; first-leg="` + strings.ReplaceAll(r.firstLeg, `"`, "'") + `"`)
	}
	if r.Neutral {
		b.WriteString("; neutral=true")
	}
	return b.String()
}

func (r *Row) payload() []byte {
	if r.Header == nil {
		return r.Body
	}
	return bytes.Join([][]byte{r.Header, r.Body}, []byte("\n"))
}

// rowFeed is the feed of a pool's rows. The pool ticks by the minute while a match with events of play is in play.
type rowFeed struct {
	source, contentType string
	rows                []Row
	entries             []entry
	at                  int
}

// compareEntries orders events by instant, moment, competition and home team.
func (f *rowFeed) compareEntries(a, b entry) int {
	if c := cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(entryRank(a.moment), entryRank(b.moment))); c != 0 {
		return c
	}
	x, y := &f.rows[a.row], &f.rows[b.row]
	return cmp.Or(
		cmp.Compare(x.Competition, y.Competition), cmp.Compare(x.Home, y.Home), cmp.Compare(x.match, y.match),
		cmp.Compare(a.row, b.row), cmp.Compare(a.moment, b.moment),
	)
}

// entryRank orders entries of one instant: events of play come before the score at half-time.
func entryRank(moment int8) int {
	switch {
	case moment >= firstPlay:
		return 2*3 + 1
	case moment == shootout:
		return 2 * len(rowMoments)
	default:
		return 2 * int(moment)
	}
}

func (f *rowFeed) Next(context.Context) (Item, error) {
	if f.at == len(f.entries) {
		return Item{}, io.EOF
	}
	e := f.entries[f.at]
	f.at++
	r := &f.rows[e.row]
	raw := &football.RawEvent{
		Pool: r.Pool, Source: f.source, SourceMatchID: r.match, Competition: r.Competition, Season: r.Season, At: e.at,
		ContentType: cmp.Or(r.ContentType, f.contentType),
	}
	switch {
	case e.moment >= firstPlay:
		event := r.Play[e.moment-firstPlay]
		raw.Moment, raw.Payload = football.MomentEvent, event.Payload
		raw.SourceEventID = r.match + "#" + event.Name
	case e.moment == shootout:
		raw.Moment, raw.Payload = football.MomentFullTime, r.Shootout
		raw.SourceEventID = r.match + "#shootout"
	default:
		raw.Moment, raw.Payload = rowMoments[e.moment], r.payload()
		raw.SourceEventID = r.match + "#" + string(raw.Moment)
	}
	raw.ContentType += r.Parameters()
	return Item{
		Position: e.at, Raw: raw,
		Kicks: len(r.Play) > 0 && raw.Moment == football.MomentKickOff,
		Ends:  len(r.Play) > 0 && raw.Moment == football.MomentFullTime,
	}, nil
}
