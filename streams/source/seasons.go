package source

import (
	"fmt"
	"maps"
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// mostOf is the share of a file's rows by which one season is the file's.
const mostOf = 0.8

// someOf is the share of rows that must be of a season by the calendar for a name to be believed: the last matches of a
// season may be late, but not most of them.
const someOf = 0.3

// AssignSeasons gives the rows of one competition in one file their seasons, and refuses those whose date is outside of
// what the file is about, a mistyped year for example: taken as it is written, it would move the pool's clock.
//
// A row that names its season (Season is set) keeps it if its date can be of that season. Else the season of the file's
// name counts where most dates are of it; a name that contradicts them is noted, not believed. Else the dates decide: a
// file of which most rows are of one season is of that one, and other files are cut into seasons by the calendar.
// Rows that can't be dated are left alone.
func AssignSeasons(rows []*Row, file string, calendar football.Calendar, report *Report) {
	var open, named []*Row
	for _, r := range rows {
		if r.Problem == "" && r.Season != "" {
			named = append(named, r)
		}
	}
	believe := fitting(named) >= mostOf
	if !believe && len(named) > 0 {
		report.Note("the seasons that its rows name are not those of their dates: the dates count")
	}
	for _, r := range rows {
		if !believe {
			r.Season = ""
		}
		switch {
		case r.Problem != "":
		case r.Season != "" && !r.Season.Contains(r.Kickoff):
			refuseDate(r, "the season "+string(r.Season)+" that the row names")
		case r.Season == "":
			open = append(open, r)
		}
	}
	if len(open) == 0 {
		return
	}
	if season := seasonNamed(file, calendar); season != "" {
		if shareWithin(open, season) >= mostOf && shareOf(open, season, calendar) >= someOf {
			assignSeason(open, season)
			return
		}
		report.Note("the name of the file is of the season %s, its dates are not: the dates count", season)
	}
	counts := seasonCounts(open, calendar)
	best := int(open[0].Season.Year())
	for year, n := range counts {
		if n > counts[best] || n == counts[best] && year < best {
			best = year
		}
	}
	if season := calendar.SeasonOf(best); len(open) >= 3 && shareWithin(open, season) >= mostOf {
		assignSeason(open, season)
		return
	}
	SeasonsByDate(open, calendar, 1)
}

// SeasonsByDate gives rows the seasons of their dates, and refuses those whose date is far from all others, or from the
// rows before and after it: in a file of many seasons that is all that shows a mistyped year. Seasons are together that
// are at most gap years apart.
func SeasonsByDate(rows []*Row, calendar football.Calendar, gap int) {
	var open []*Row
	for _, r := range rows {
		if r.Problem == "" {
			open = append(open, r)
		}
	}
	first, last := mainYears(open, seasonCounts(open, calendar), gap)
	for i, r := range open {
		year := int(r.Season.Year())
		switch {
		case year < first || year > last:
			refuseDate(r, fmt.Sprintf("the seasons %s to %s of the file", calendar.SeasonOf(first),
				calendar.SeasonOf(last)))
		case i > 0 && i+1 < len(open) && isStrayDate(open[i-1], r, open[i+1]):
			refuseDate(r, "the season of the rows around it")
		}
	}
}

// fitting returns the share of the rows whose dates can be of the season that they name.
func fitting(rows []*Row) float64 {
	n := 0
	for _, r := range rows {
		if r.Season.Contains(r.Kickoff) {
			n++
		}
	}
	return float64(n) / float64(max(len(rows), 1))
}

// CalendarOf returns the calendar of a competition of which nothing is known but its dates: most leagues that play in
// June and July, and not in January and February, have seasons of a year.
func CalendarOf(rows []*Row) football.Calendar {
	summer, winter := 0, 0
	for _, r := range rows {
		if r.Kickoff == 0 {
			continue
		}
		switch r.Kickoff.Time().Month() {
		case 6, 7:
			summer++
		case 1, 2:
			winter++
		}
	}
	if summer > winter {
		return football.CalendarYear
	}
	return football.AutumnSpring
}

// seasonCounts gives the rows the seasons of their dates, and counts these by the year in which they begin.
func seasonCounts(rows []*Row, calendar football.Calendar) map[int]int {
	counts := map[int]int{}
	for _, r := range rows {
		r.Season = calendar.SeasonOn(r.Kickoff)
		counts[int(r.Season.Year())]++
	}
	return counts
}

// shareOf returns the share of the rows whose dates are of a season by the calendar.
func shareOf(rows []*Row, season football.Season, calendar football.Calendar) float64 {
	n := 0
	for _, r := range rows {
		if calendar.SeasonOn(r.Kickoff) == season {
			n++
		}
	}
	return float64(n) / float64(len(rows))
}

// shareWithin returns the share of the rows whose dates can be of a season.
func shareWithin(rows []*Row, season football.Season) float64 {
	n := 0
	for _, r := range rows {
		if season.Contains(r.Kickoff) {
			n++
		}
	}
	return float64(n) / float64(len(rows))
}

// assignSeason gives all rows the season, but for those whose dates can't be of it.
func assignSeason(rows []*Row, season football.Season) {
	for _, r := range rows {
		r.Season = season
		if !season.Contains(r.Kickoff) {
			refuseDate(r, "the season "+string(season)+" of the file")
		}
	}
}

// mainYears returns the run of seasons, none of them more than gap years after the one before, in which most rows are;
// of equal runs the one that the file has first.
func mainYears(rows []*Row, counts map[int]int, gap int) (first, last int) {
	years := slices.Sorted(maps.Keys(counts))
	runOf, rowsOf := map[int][2]int{}, map[[2]int]int{}
	for i := 0; i < len(years); {
		end, n := i, counts[years[i]]
		for end+1 < len(years) && years[end+1]-years[end] <= gap {
			end++
			n += counts[years[end]]
		}
		run := [2]int{years[i], years[end]}
		for _, year := range years[i : end+1] {
			runOf[year] = run
		}
		rowsOf[run] = n
		i = end + 1
	}
	best := 0
	for _, r := range rows {
		if run := runOf[int(r.Season.Year())]; rowsOf[run] > best {
			first, last, best = run[0], run[1], rowsOf[run]
		}
	}
	return first, last
}

// isStrayDate reports whether a row's date is of another season than those of the rows before and after it, which are
// of one and in order.
func isStrayDate(before, row, after *Row) bool {
	const far = 150 * day
	return before.Season == after.Season && row.Season != before.Season && before.Kickoff <= after.Kickoff &&
		after.Kickoff.Sub(before.Kickoff) < far &&
		(row.Kickoff < before.Kickoff.Add(-far) || row.Kickoff > after.Kickoff.Add(far))
}

func refuseDate(r *Row, span string) {
	r.Problem = fmt.Sprintf("the date %s is outside of %s", r.Kickoff.Time().Format("2006-01-02"), span)
	r.ProblemKind = "the date is outside of the file's season: correct its year"
	r.Kickoff, r.Season = 0, ""
}
