package source_test

import (
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
	"github.com/touchline/touchline/streams/source/footballdata"
	"github.com/touchline/touchline/streams/source/international"
	"github.com/touchline/touchline/streams/source/openfootball"
	"github.com/touchline/touchline/streams/source/sourcetest"
	"github.com/touchline/touchline/streams/source/statsbomb"
)

// fold reads a source to its end and returns what normalize makes of it, a line a fixture, result, shoot-out and
// refusal.
func fold(t *testing.T, src source.Source) []string {
	t.Helper()
	var lines []string
	for _, feed := range sourcetest.Open(t, src) {
		normalized := sourcetest.NewFold()
		sourcetest.Drain(t, feed, func(raw *football.RawEvent) {
			for _, out := range normalized.Step(raw) {
				if line := describe(out); line != "" {
					lines = append(lines, line)
				}
			}
		})
	}
	return lines
}

func describe(out football.Output) string {
	if r, ok := out.(*football.Refusal); ok {
		return strings.TrimSpace(fmt.Sprintf("refused %s %s", r.Reason, r.Detail))
	}
	e, ok := out.(*football.MatchEvent)
	if !ok {
		return ""
	}
	switch body := e.Body.(type) {
	case football.FixtureScheduled:
		text := fmt.Sprintf("%s %s at %s", e.Competition, e.Match, body.Kickoff)
		if body.Tie.Kind != football.TieNone {
			text += " " + string(body.Tie.Kind)
		}
		if body.Neutral {
			text += " neutral"
		}
		return text
	case football.OddsQuoted:
		return fmt.Sprintf("%s odds %g %g %g", e.Match, body.Quotes[0].Home, body.Quotes[0].Draw, body.Quotes[0].Away)
	case football.FullTime:
		return fmt.Sprintf("%s %d-%d", e.Match, body.HomeGoals, body.AwayGoals)
	case football.PeriodEnded:
		if body.Period == football.PeriodFirstHalf {
			return ""
		}
		return fmt.Sprintf("%s period %d %d-%d %s", e.Match, body.Period, body.HomeGoals, body.AwayGoals, body.Winner)
	default:
		return ""
	}
}

// TestFilesAsPeopleHaveThem reads files in the shape of those that are in use. Each stands for a kind.
func TestFilesAsPeopleHaveThem(t *testing.T) {
	ref := football.DefaultReference()
	const manUnited = "E0 england.2024-25.man-united.fulham.1 at 2024-08-16T"
	for _, c := range []struct {
		name string
		src  func(path string) source.Source
		path string
		want []string
		note string // in the report of the file
	}{
		{"a row that ends before its last columns", nil, "01-short-row_E0.csv",
			[]string{manUnited + "19:00:00Z", "england.2024-25.man-united.fulham.1 1-0"}, ""},
		{"a name in Windows-1252", nil, "02-latin1-referee_E0.csv",
			[]string{manUnited + "19:00:00Z", "england.2024-25.man-united.fulham.1 1-0"}, "windows-1252"},
		{"a clock with seconds", nil, "03-time-with-seconds_E0.csv",
			[]string{manUnited + "19:00:00Z", "england.2024-25.man-united.fulham.1 1-0"}, ""},
		{"a date without zeros", nil, "04-date-without-zeros_E0.csv",
			[]string{"E0 england.2017-18.arsenal.chelsea.1 at 2017-08-05T14:00:00Z",
				"england.2017-18.arsenal.chelsea.1 1-0"}, ""},
		{"cells behind the header", nil, "05-extra-cells_E0.csv",
			[]string{manUnited + "19:00:00Z", "england.2024-25.man-united.fulham.1 1-0"}, ""},
		{"a header with space in it", nil, "06-header-space_E0.csv",
			[]string{manUnited + "14:00:00Z", "england.2024-25.man-united.fulham.1 1-0"}, ""},
		{"fixtures of several divisions", nil, "07-fixtures.csv", []string{
			"E0 england.2026-27.arsenal.leeds.1 at 2026-08-22T14:00:00Z",
			"england.2026-27.arsenal.leeds.1 odds 1.3 5.5 9",
			"E2 england.2026-27.wrexham.bolton.1 at 2026-08-22T14:00:00Z",
			"england.2026-27.wrexham.bolton.1 odds 2.1 3 4",
		}, ""},
		{"fixtures of several countries", nil, "08-fixtures-first-row-unknown.csv", []string{
			"B1 belgium.2026-27.bel-gent.bel-genk.1 at 2026-08-22T14:00:00Z",
			"belgium.2026-27.bel-gent.bel-genk.1 odds 2.1 3 4",
			"E0 england.2026-27.arsenal.leeds.1 at 2026-08-22T14:00:00Z",
			"england.2026-27.arsenal.leeds.1 odds 1.3 5.5 9",
		}, ""},
		{"old names of the teams' columns", nil, "09-old-greek-header_G1.csv", []string{
			"G1 greece.2000-01.gre-alpha.gre-beta.1 at 2000-09-16T14:00:00Z", "greece.2000-01.gre-alpha.gre-beta.1 6-0",
		}, ""},
		{"line ends of old Macs", nil, "10-cr-only_E0.csv",
			[]string{manUnited + "14:00:00Z", "england.2024-25.man-united.fulham.1 1-0"}, ""},
		{"a mistyped year", nil, "11-year-typo_E0.csv", []string{
			"E0 england.2026-27.arsenal.fulham.1 at 2026-08-15T14:00:00Z",
			"refused malformed the date 2062-08-22 is outside of the seasons 2026-27 to 2026-27 of the file",
			"england.2026-27.arsenal.fulham.1 2-0",
		}, "1 of 2 rows read, 1 refused"},
		{"two matches on two days", func(path string) source.Source { return international.New(ref, path) },
			"12-consecutive-days_results.csv", []string{
				"FRIENDLY international.2026.nt-alphaland.nt-betaland.1 at 2026-06-01T15:00:00Z",
				"FRIENDLY international.2026.nt-alphaland.nt-betaland.2 at 2026-06-02T15:00:00Z",
				"international.2026.nt-alphaland.nt-betaland.1 1-0",
				"international.2026.nt-alphaland.nt-betaland.2 0-2",
				"FRIENDLY international.2026.nt-alphaland.nt-gammaland.1 at 2026-12-01T15:00:00Z",
			}, ""},
		{"a league of years, all in one file", nil, "13-extra-league_BRA.csv", []string{
			"BRA brazil.2012.bra-alfa.bra-beta.1 at 2012-05-20T19:00:00Z", "brazil.2012.bra-alfa.bra-beta.1 1-0",
			"BRA brazil.2013.bra-beta.bra-gama.1 at 2013-05-26T19:00:00Z", "brazil.2013.bra-beta.bra-gama.1 1-1",
			"BRA brazil.2014.bra-alfa.bra-beta.1 at 2014-04-20T19:00:00Z", "brazil.2014.bra-alfa.bra-beta.1 0-3",
		}, ""},
		{"scores in all layouts", func(path string) source.Source { return openfootball.New(ref, path) },
			"14-openfootball-scores_worldcup.json", []string{
				"WC international.2022.nt-alpha.nt-gamma.1 at 2022-12-10T15:00:00Z neutral",
				"WC international.2022.nt-alpha.nt-delta.1 at 2022-12-12T15:00:00Z neutral",
				"WC international.2022.nt-alpha.nt-eta.1 at 2022-12-14T15:00:00Z neutral",
				"WC international.2022.nt-alpha.nt-zeta.1 at 2022-12-14T15:00:00Z neutral",
				"WC international.2022.nt-alpha.nt-beta.1 at 2022-12-18T15:00:00Z single neutral",
				"international.2022.nt-alpha.nt-gamma.1 1-0", "international.2022.nt-alpha.nt-delta.1 2-1",
				"international.2022.nt-alpha.nt-eta.1 1-0",
				"international.2022.nt-alpha.nt-beta.1 period 2 2-2 ",
				"international.2022.nt-alpha.nt-beta.1 period 4 3-3 ",
				"international.2022.nt-alpha.nt-beta.1 3-3", "international.2022.nt-alpha.nt-beta.1 period 5 3-3 home",
			}, ""},
		{"a play-off in a file of a league", func(path string) source.Source { return openfootball.New(ref, path) },
			"15-playoff-in-league_2021-22_en.2.json", []string{
				"E1 england.2021-22.luton.huddersfield.1 at 2021-08-07T14:00:00Z",
				"england.2021-22.luton.huddersfield.1 1-0",
				"E1 england.2021-22.luton.huddersfield.2 at 2022-05-13T18:45:00Z single",
				"england.2021-22.luton.huddersfield.2 1-1",
			}, ""},
		{"StatsBomb's open data as it is", func(path string) source.Source { return statsbomb.New(ref, path) },
			"17-statsbomb-open-data/matches/11/4.json", []string{
				"SP1 spain.2018-19.barcelona.alaves.1 at 2018-08-18T20:15:00Z", "spain.2018-19.barcelona.alaves.1 3-0",
			}, ""},
		{"a folder's name that contradicts the dates", nil, "19-season-from-folder", []string{
			"E0 england.2021-22.brentford.arsenal.1 at 2021-08-13T14:00:00Z", "england.2021-22.brentford.arsenal.1 2-0",
		}, "the dates count"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.src == nil {
				c.src = func(path string) source.Source { return footballdata.New(ref, path) }
			}
			src := c.src(filepath.Join("testdata", "cases", c.path))
			if got := fold(t, src); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			odd := fmt.Sprint(src.(source.Reporter).Reports().Odd())
			if !strings.Contains(odd, c.note) || c.note == "" && odd != "[]" {
				t.Errorf("got the report %s, want %q in it", odd, c.note)
			}
		})
	}
}
