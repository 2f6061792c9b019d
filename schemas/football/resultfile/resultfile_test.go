package resultfile_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/touchline/touchline/schemas/football/resultfile"
)

func ExampleLayout_Cut() {
	header, row := []byte("Div;Date; HomeTeam;AwayTeam;FTHG;FTAG;AvgH"),
		[]byte("E0;16/08/2024;Man United;\"Ful;ham\";1;0")
	delimiter, ok := resultfile.DelimiterOf(header)
	cells := resultfile.NewLayout(header, delimiter).Cut(row, nil)
	_, torn := cells.Torn()
	fmt.Printf("%c %v %v\n", delimiter, ok, torn)
	fmt.Printf("%q %q %q", cells.Cell(resultfile.HomeTeam), cells.Cell(resultfile.AwayTeam), cells.Cell("AvgH"))
	// Output:
	// ; true false
	// "Man United" "Ful;ham" ""
}

func TestColumnsAreFoundUnderAllTheirNames(t *testing.T) {
	for name, want := range map[string]string{
		"HomeTeam": "HomeTeam", " HomeTeam ": "HomeTeam", "\xef\xbb\xbfDiv": "Div", "HT": "HomeTeam", "AT": "AwayTeam",
		"Home":      "HomeTeam",
		"home_team": "HomeTeam", "Away Team": "AwayTeam", "HG": "FTHG", "home_score": "FTHG",
		"Full Time Away Goals": "FTAG",
		`"FTAG"`:               "FTAG", "Res": "FTR", "tournament": "League", "Avg>2.5": "Avg>2.5", "HTHG": "HTHG", "PSH": "PSH",
		"": "",
	} {
		if got := resultfile.Canonical([]byte(name)); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestARowThatEndsBeforeItsScoreIsTorn(t *testing.T) {
	results := resultfile.NewLayout([]byte("Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR,Referee"), ',')
	fixtures := resultfile.NewLayout([]byte("Div,Date,HomeTeam,AwayTeam,AvgH"), ',')
	for _, c := range []struct {
		layout resultfile.Layout
		row    string
		torn   bool
	}{
		{results, "E0,16/08/2024,Man United,Fulham,1,0,H,R Jones", false},
		{results, "E0,16/08/2024,Man United,Fulham,1,0", false},
		{results, "E0,16/08/2024,Man United,Fulham,,", false}, // a fixture
		{results, "E0,16/08/2024,Man United,Fulham,1", true},
		{results, "E0,16/08/2024,Man United", true},
		{results, "E0", true},
		{fixtures, "E0,16/08/2024,Man United,Fulham", false},
		{fixtures, "E0,16/08/2024,Man United", true},
	} {
		if column, torn := c.layout.Cut([]byte(c.row), nil).Torn(); torn != c.torn {
			t.Errorf("%s: got torn before %s: %v, want %v", c.row, column, torn, c.torn)
		}
	}
}

func TestALineThatIsNoHeaderHasNoDelimiter(t *testing.T) {
	for _, line := range []string{"", "Date", "match_id,date", "E0,16/08/2024,Man United,Fulham,1,0", "<html>"} {
		if d, ok := resultfile.DelimiterOf([]byte(line)); ok {
			t.Errorf("%q: got %q", line, d)
		}
	}
}

// FuzzCut checks that cutting loses and invents nothing: the cells and their delimiters are the line.
func FuzzCut(f *testing.F) {
	f.Add([]byte(`Div,"Home ""Team""",x`), byte(','))
	f.Add([]byte(`"a;b";"c`), byte(';'))
	f.Add([]byte(` "a" ,b,`), byte(','))
	f.Fuzz(func(t *testing.T, line []byte, delimiter byte) {
		if bytes.ContainsAny(line, "\r\n") || delimiter == '"' || delimiter == ' ' || delimiter == '\r' {
			return
		}
		rest, more, cells := line, true, 0
		for more {
			before := len(rest)
			_, rest, more = resultfile.CutCell(rest, delimiter)
			if cells++; more && len(rest) >= before {
				t.Fatalf("%q does not get shorter", rest)
			}
		}
		if most := bytes.Count(line, []byte{delimiter}) + 1; cells > most {
			t.Errorf("%q is cut into %d cells, want at most %d", line, cells, most)
		}
		layout := resultfile.NewLayout(line, delimiter)
		if got := len(layout.Cut(line, nil).Fields()); got != cells {
			t.Errorf("%q: a layout cuts it into %d cells, want %d", line, got, cells)
		}
	})
}
