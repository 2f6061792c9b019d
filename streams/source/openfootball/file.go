package openfootball

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/footballjson"
	"github.com/touchline/touchline/streams/source"
)

var (
	// league is the code of a league in a file's name: "en.1", "at.cup".
	league = regexp.MustCompile(`(?:^|[^a-z.])([a-z]{2,5}\.(?:\d|cup|[a-z]+)(?:\.[a-z]+)?)(?:[^a-z.]|$)`)
	// years are a season in a name: "2020-21", "2020/21", "2014".
	years = regexp.MustCompile(`\d{4}(?:\s*[/_–-]\s*\d{2,4})?`)
	// undrawn is what stands for a team that is not known yet: "2A", "3A/B/C", "W101", "Winner Match 49", "TBD".
	undrawn = regexp.MustCompile(`(?i)^(?:[WL]\d{1,3}|[1-4][A-L](?:/?[A-L])*|[A-L][1-4]|TB[ACD]|` +
		`to be (?:announced|confirmed|determined)|(?:winners?|losers?|runners?-up|1st|2nd|3rd|best 3rd)` +
		`(?: of)? (?:group|match|game|play-?off|path|semi|quarter|[QS]F\d?|round)\b.*)$`)
)

// fileReader reads the matches of one file.
type fileReader struct {
	ref         *football.Reference
	competition football.CompetitionEntry
	national    bool
	zone        *time.Location
	file        source.File
	report      *source.Report
}

// readMatchFile returns the matches of a file, refused ones included. An error means that the file has none.
func readMatchFile(ref *football.Reference, f source.File, data []byte, report *source.Report) ([]source.Row, error) {
	text, encoding, err := source.DecodeText(data)
	if err != nil {
		return nil, err
	}
	if encoding != source.UTF8 {
		report.Note("it is written in %s", encoding)
	}
	if isCompanion(f) {
		return nil, source.ErrIgnored
	}
	title, matches, rest := splitFile(text)
	if len(matches) == 0 && !json.Valid(text) {
		return nil, errors.New("it ends or breaks before its first match: download it again")
	}
	if len(matches) == 0 {
		return nil, errors.New("it has no matches: it is no file of openfootball's")
	}
	r := &fileReader{ref: ref, file: f, report: report}
	if err := r.findCompetition(title); err != nil {
		return nil, err
	}
	rows := make([]source.Row, 0, len(matches)+1)
	drawn := make([]listed, 0, len(matches))
	for i, m := range matches {
		row := r.readMatch(m, i+1)
		if undrawn.MatchString(row.Home) || undrawn.MatchString(row.Away) {
			continue
		}
		rows, drawn = append(rows, row), append(drawn, m)
	}
	if n := len(matches) - len(drawn); n > 0 {
		report.Rows -= n
		report.Note("%d matches whose teams are not known yet are left out", n)
	}
	if len(rest) > 0 {
		rows = append(rows, source.Row{
			Body: rest, Problem: "the file ends or breaks here: it can't be read on", Line: f.Base() + ":rest",
		})
	}
	r.assignSeasons(rows, title)
	r.findTies(rows, drawn)
	r.placeRefused(rows)
	return rows, nil
}

// isCompanion reports whether a file is a list beside files of matches: openfootball's of clubs and groups, and what
// StatsBomb's open data has beside its matches, where one folder has both.
func isCompanion(f source.File) bool {
	switch path.Base(path.Dir(f.Name)) {
	case "lineups", "three-sixty":
		return true
	}
	return strings.HasSuffix(f.Name, ".clubs.json") || strings.HasSuffix(f.Name, ".groups.json") ||
		f.Base() == "competitions.json"
}

// findCompetition finds the competition by the code in the file's name, else by the title, else makes one by rule.
func (r *fileReader) findCompetition(title string) error {
	base := strings.TrimSuffix(r.file.Base(), path.Ext(r.file.Base()))
	name := strings.Trim(years.ReplaceAllString(base, ""), " _-.")
	code := ""
	if m := league.FindStringSubmatch(base); m != nil {
		code = m[1]
	}
	plain := strings.Trim(years.ReplaceAllString(title, ""), " -–_/")
	for _, spelling := range [...]string{name, code, plain, lastWord(name)} {
		if c, ok := r.ref.CompetitionByName(spelling); ok && spelling != "" {
			r.competition = c
			return r.findZone()
		}
	}
	country, _, _ := strings.Cut(code, ".")
	c, ok := football.ProvisionalCompetition(country, cmp.Or(code, plain, name))
	if !ok {
		return errors.New("neither its name nor its title gives its competition: name it like en.1.json")
	}
	r.competition = c
	r.report.Note("the reference has no competition %q: it gets the pool %s (see `touchline reference missing`)",
		cmp.Or(plain, name), c.Pool)
	return r.findZone()
}

// lastWord returns what comes after the last underscore: "worldcup" of "14_worldcup".
func lastWord(name string) string { return name[strings.LastIndexAny(name, "_ ")+1:] }

// findZone finds the zone of the local time at the competition's grounds.
func (r *fileReader) findZone() error {
	p, _ := r.ref.Pool(r.competition.Pool)
	r.national = p.National
	var err error
	r.zone, err = time.LoadLocation(cmp.Or(p.Local, p.Zone, "UTC"))
	return err
}

// readMatch reads what dating and ordering need of a match object.
func (r *fileReader) readMatch(m listed, number int) source.Row {
	r.report.Rows++
	row := source.Row{
		Pool: r.competition.Pool, Competition: r.competition.ID, Body: m.payload,
		Line: fmt.Sprintf("%s:%d", r.file.Base(), number),
	}
	match, err := footballjson.Parse(m.payload)
	if err != nil {
		row.Problem, row.ProblemKind = "the match can't be read: "+err.Error(), "the match can't be read"
		return row
	}
	row.Home, row.Away = match.Home, match.Away
	zone := r.zone
	if host, ok := r.competition.HostOn(match.Date); ok {
		if local, err := time.LoadLocation(host.Zone); err == nil {
			zone = local
		}
		home, _ := r.ref.Team(row.Pool, row.Home)
		row.Neutral = !host.IsHost(home.Name)
	}
	clock := match.Time
	if match.TimeZone != "" && clock != "" {
		clock += " " + match.TimeZone
	}
	var problem string
	row.Kickoff, problem = source.KickoffIn(source.DayFirst, match.Date, clock, zone)
	switch {
	case row.Home == "" || row.Away == "":
		row.Problem = "the match does not name both teams"
	case row.Home == row.Away:
		row.Problem = "a team plays against itself"
	case problem != "":
		row.Problem, row.ProblemKind = problem, "the date or the time of day can't be read"
	case source.Undatable(row.Kickoff) != "":
		row.Problem, row.Kickoff = source.Undatable(row.Kickoff), 0
	default:
		row.FindTeams(r.ref, r.report)
		r.readScore(match, &row)
	}
	return row
}

// readScore reads which parts of the score there are, and the goals where they add up to it.
func (r *fileReader) readScore(match *footballjson.Match, row *source.Row) {
	score, err := match.Score()
	if err != nil {
		row.Problem, row.ProblemKind = err.Error(), "the score can't be read"
		return
	}
	final, settled := score.Final()
	if !settled {
		return
	}
	row.FullTime, row.Extra = true, score.ExtraTime != nil
	regular := final
	if score.FullTime != nil {
		regular = *score.FullTime
	}
	if half := score.HalfTime; half != nil {
		row.HalfTime = half[0] <= regular[0] && half[1] <= regular[1]
		if !row.HalfTime {
			r.report.Note("%s: the half-time score is above the full-time score and is left out", row.Line)
		}
	}
	row.Play = playEvents(match.Goals(), score, final)
}

// assignSeasons gives the matches their seasons. National teams have years, whatever a tournament is called: "Euro
// 2020" was played in 2021.
func (r *fileReader) assignSeasons(rows []source.Row, title string) {
	all := make([]*source.Row, 0, len(rows))
	for i := range rows {
		rows[i].Pool, rows[i].Competition = r.competition.Pool, r.competition.ID
		all = append(all, &rows[i])
	}
	calendar := r.competition.Calendar
	switch {
	case r.national:
		source.SeasonsByDate(all, football.CalendarYear, 1)
		return
	case football.IsProvisional(r.competition.Pool):
		calendar = source.CalendarOf(all)
	}
	name := r.file.Name
	if source.SeasonNamed(name) == "" {
		name = strings.ReplaceAll(title, "/", "-")
	}
	source.AssignSeasons(all, name, calendar, r.report)
}

// placeRefused counts the refused matches and gives them an instant at which they can be published: that of the match
// before.
func (r *fileReader) placeRefused(rows []source.Row) {
	season := source.SeasonNamed(r.file.Name)
	for i := range rows {
		if rows[i].Problem == "" {
			season = rows[i].Season
			break
		}
	}
	source.PlaceRefused(rows, season.Start(), season, r.report)
}
