package normalize_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/touchline/touchline/schemas/football"
)

// TestTheFutureOfARowDoesNotLeak changes all that a row says of its result and compares what it becomes before: the
// payload of the first moments holds the last ones' content, and nothing of it may be seen.
func TestTheFutureOfARowDoesNotLeak(t *testing.T) {
	kickoff := instant(t, "2015-08-08T14:00Z")
	const header = "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR,HTHG,HTAG,HTR,HS,AS,HST,AST,HF,AF,HC,AC,HY,AY,HR,AR,AvgH,AvgD,AvgA,AvgCH,AvgCD,AvgCA\n"
	csv := func(result string) string {
		return header + "E0,2015-08-08,Arsenal,Chelsea," + result + ",2.1,3.4,3.9,2.0,3.5,4.1"
	}
	cases := []struct {
		name, source  string
		payload       func(result string) string
		results       []string // the first is the true one
		sameUntilFull []string // those that differ from full time on only
	}{
		{
			"a football-data row", "football-data", csv,
			[]string{
				"2,1,H,1,0,H,11,7,2,3,13,14,6,3,3,4,0,1", "0,5,A,0,4,A,1,2,3,4,5,6,7,8,9,1,2,3",
				"x,y,z,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o",
				"-1,-1,D,9,9,D,,,,,,,,,,,,", ",,,,,,,,,,,,,,,,,",
			},
			[]string{"2,2,D,1,0,H,9,9,9,9,9,9,9,9,9,9,9,9", "0,0,D,1,0,A,,,,,,,,,,,,", "x,y,z,1,0,H,,,,,,,,,,,,"},
		},
		{
			"an openfootball match", "openfootball",
			func(result string) string {
				return `{"team1":"Arsenal FC","team2":"Chelsea FC","score":` + result + "}"
			},
			[]string{`{"ft":[2,1],"ht":[1,0]}`, `{"ft":[0,5],"ht":[0,4]}`, `"none"`, `null`, `{"ft":[-1,1]}`},
			[]string{`{"ft":[2,2],"ht":[1,0]}`, `{"ft":[0,0],"ht":[1,0]}`},
		},
		{
			"an international match", "international",
			func(result string) string {
				return "home_team,away_team,neutral,home_score,away_score\nArsenal,Chelsea,FALSE," + result
			},
			[]string{"2,1", "0,5", "NA,NA", "-1,9", "x,"},
			[]string{"2,2", "NA,NA"},
		},
		{
			"a simulated result", "simulator",
			func(result string) string {
				return `{"type":"result","home":"Arsenal","away":"Chelsea","kickoff":1439042400000,"odds":[{"bookmaker":"a","home":2,"draw":3,"away":4}],"closing":[{"bookmaker":"a","home":2,"draw":3,"away":5}],` + result + "}"
			},
			[]string{`"full_time":[2,1],"half_time":[1,0]`, `"full_time":[0,5],"half_time":[0,4]`, `"full_time":null`,
				`"full_time":[-1,9],"half_time":[9,9]`},
			[]string{`"full_time":[2,2],"half_time":[1,0]`, `"full_time":[0,0],"half_time":[1,0]`},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			until := func(result, moments string) []string {
				w := newWorld()
				raw := football.RawEvent{
					Pool: "england", Source: c.source, SourceMatchID: "m", Competition: "E0", Season: "2015-16",
					Payload: []byte(c.payload(result)),
				}
				var out []string
				for _, e := range rowEvents(raw, kickoff, moments) {
					for _, output := range w.step(e) {
						out = append(out, describe(output))
					}
				}
				return append(out, printed(w.view.base))
			}
			const beforeHalf, beforeFull = "scheduled,closing,kick-off", "scheduled,closing,kick-off,half-time"
			for _, other := range c.results[1:] {
				if got, want := until(other, beforeHalf), until(c.results[0], beforeHalf); !reflect.DeepEqual(got,
					want) {
					t.Errorf("the result %s is seen before half-time:\n%s\nwant\n%s", other, strings.Join(got, "\n"),
						strings.Join(want, "\n"))
				}
			}
			for _, other := range c.sameUntilFull {
				if got, want := until(other, beforeFull), until(c.results[0], beforeFull); !reflect.DeepEqual(got,
					want) {
					t.Errorf("the result %s is seen before full time:\n%s\nwant\n%s", other, strings.Join(got, "\n"),
						strings.Join(want, "\n"))
				}
			}
		})
	}
}
