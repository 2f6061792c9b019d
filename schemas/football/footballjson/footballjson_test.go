package footballjson_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/footballjson"
)

func ExampleMatch_Score() {
	m, err := footballjson.Parse([]byte(`{"team1":"Argentina","team2":{"name":"France"},
		"score":{"p":[4,2],"et":[3,3],"ft":[2,2],"ht":[2,0]}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	score, err := m.Score()
	final, settled := score.Final()
	fmt.Println(m.Home, m.Away, *score.FullTime, final, *score.Penalties, settled, err)
	// Output: Argentina France [2 2] [3 3] [4 2] true <nil>
}

func TestScoresInAllLayouts(t *testing.T) {
	for text, want := range map[string]string{
		`{"score":{"ft":[2,1],"ht":[1,0]}}`:                 "ht 1-0 ft 2-1",
		`{"score":[2,1]}`:                                   "ft 2-1",
		`{"score":"2-1"}`:                                   "ft 2-1",
		`{"score":{"ft":"2:1"}}`:                            "ft 2-1",
		`{"score":{"et":[1,0]}}`:                            "et 1-0",
		`{"score1":2,"score2":1,"score1i":1,"score2i":0}`:   "ht 1-0 ft 2-1",
		`{"score1":2,"score2":2,"score1et":3,"score2et":2}`: "ft 2-2 et 3-2",
		`{"score1":2,"score2":2,"score1p":3,"score2p":5}`:   "ft 2-2 p 3-5",
		`{"score":null}`:                                    "",
		`{"score":{"ft":null}}`:                             "",
		`{"score":{"ft":[null,null]}}`:                      "",
		`{"score":{"ft":[]}}`:                               "",
		`{"score1":null,"score2":null}`:                     "",
		`{}`:                                                "",
		`{"score":{"ft":[2]}}`:                              "score.ft: 1 numbers instead of two",
		`{"score":{"ft":[2,null]}}`:                         "score.ft: one side only has goals",
		`{"score":"two to one"}`:                            `score: "two to one" is no score`,
		`{"score1":2}`:                                      "score1: one side only has goals",
	} {
		m, err := footballjson.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		score, err := m.Score()
		for _, part := range []struct {
			name string
			pair *[2]int32
		}{{"ht", score.HalfTime}, {"ft", score.FullTime}, {"et", score.ExtraTime}, {"p", score.Penalties}} {
			if part.pair != nil && err == nil {
				got += fmt.Sprintf(" %s %d-%d", part.name, part.pair[0], part.pair[1])
			}
		}
		if err != nil {
			got = " " + err.Error()
		}
		if want != "" {
			want = " " + want
		}
		if got != want {
			t.Errorf("%s: got%s, want%s", text, got, want)
		}
		if half, err := m.HalfTime(); err == nil && (half == nil) != (score.HalfTime == nil) {
			t.Errorf("%s: half-time alone is %v", text, half)
		}
	}
}

func TestGoalsHaveTheClockOfTheirPeriod(t *testing.T) {
	for text, want := range map[string]string{
		`{"minute":1}`: "1'", `{"minute":45,"offset":2}`: "45+2'", `{"minute":"90+4"}`: "90+4'", `{"minute":46}`: "46'",
		`{"minute":"105'"}`: "105'", `{"minute":120,"offset":1}`: "120+1'", `{"minute":0}`: "", `{"minute":"x"}`: "",
		`{}`: "", `7`: "",
	} {
		got := ""
		if g, ok := footballjson.ParseGoal(json.RawMessage(text)); ok {
			got = g.Clock().String()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
	m, err := footballjson.Parse([]byte(`{"goals1":[{"name":"a","minute":80},{"name":"b","minute":3,"owngoal":true}],"goals2":[{"name":"c","minute":45,"penalty":true}]}`))
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, g := range m.Goals() {
		got += fmt.Sprintf("%s %s %v %v;", g.Side, g.Player, g.OwnGoal, g.Penalty)
	}
	if want := "home b true false;away c false true;home a false false;"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add([]byte(`{"date":"2022-12-18","team1":"a","team2":{"name":"b"},"score":{"ft":[1,0],"p":"4-2"},"goals1":[{"minute":"45+2"}]}`))
	f.Add([]byte(`{"score1":1,"score2":null,"score1i":[],"goals2":null,"round":7}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := footballjson.Parse(data)
		if err != nil {
			return
		}
		if score, err := m.Score(); err == nil {
			half, err := m.HalfTime()
			if err == nil && score.HalfTime != nil && (half == nil || *half != *score.HalfTime) {
				t.Errorf("half-time alone is %v, in the score %v", half, *score.HalfTime)
			}
		}
		for _, g := range m.Goals() {
			c := g.Clock()
			if c.Period < football.PeriodFirstHalf || c.Period > football.PeriodExtraSecond || c.Elapsed < 0 {
				t.Errorf("%s: got the clock %+v", g.Text, c)
			}
		}
	})
}
