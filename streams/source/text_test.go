package source

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestEncodingsAreDecidedByEvidence(t *testing.T) {
	for name, c := range map[string]struct {
		data, want string
		encoding   Encoding
	}{
		"ASCII":                    {"Div,Date", "Div,Date", UTF8},
		"UTF-8":                    {"Jörg", "Jörg", UTF8},
		"UTF-8 with a mark":        {"\xef\xbb\xbfJörg", "Jörg", UTF8},
		"Windows-1252":             {"J\xf6rg \x80 \x96", "Jörg € –", Windows1252},
		"one stray byte in UTF-8":  {"Jörg, Zoë, J\xf6rg", "Jörg, Zoë, Jörg", Windows1252},
		"UTF-16, little end first": {"\xff\xfeD\x00i\x00v\x00\xf6\x00", "Divö", UTF16},
		"UTF-16, big end first":    {"\xfe\xff\x00D\x00i\x00v\x00\xf6", "Divö", UTF16},
		"UTF-16 without a mark":    {"D\x00i\x00v\x00,\x00", "Div,", UTF16},
	} {
		got, encoding, err := DecodeText([]byte(c.data))
		if err != nil || string(got) != c.want || encoding != c.encoding {
			t.Errorf("%s: got %q in %s, %v, want %q in %s", name, got, encoding, err, c.want, c.encoding)
		}
	}
	for _, data := range []string{"\x00\x01\x02\x03", "PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00"} {
		if text, _, err := DecodeText([]byte(data)); err == nil {
			t.Errorf("%q: got %q", data, text)
		}
	}
}

func TestLinesEndInAllWays(t *testing.T) {
	for _, text := range []string{"a\nb\nc", "a\r\nb\r\nc", "a\rb\rc", "a\r\r\nb\r\r\nc", "a\nb\r\nc\n"} {
		var lines []string
		for rest := []byte(text); len(rest) > 0; {
			var line []byte
			line, rest = CutLine(rest)
			lines = append(lines, string(line))
		}
		if got := strings.Join(lines, "|"); got != "a|b|c" {
			t.Errorf("%q: got %s", text, got)
		}
	}
}

func FuzzDecodeText(f *testing.F) {
	f.Add([]byte("J\xf6rg"))
	f.Add([]byte("\xff\xfeD\x00\x00\xd8"))
	f.Fuzz(func(t *testing.T, data []byte) {
		text, _, err := DecodeText(data)
		if err == nil && !utf8.Valid(text) {
			t.Errorf("%q is decoded to %q, which is not UTF-8", data, text)
		}
	})
}

func FuzzKickoff(f *testing.F) {
	f.Add("16/08/2024", "20:00")
	f.Add("45520", "8 PM")
	f.Add("2024-08-16T19:00:00Z", "18:00 UTC+3")
	f.Fuzz(func(t *testing.T, date, clock string) {
		for _, order := range []DateOrder{DayFirst, MonthFirst} {
			at, problem := KickoffIn(order, date, clock, time.UTC)
			if problem == "" && (at.Time().Year() < earliest-1 || at.Time().Year() > 2200) {
				t.Errorf("%q %q: got %s", date, clock, at)
			}
			OrderOf([]string{date, clock})
		}
	})
}
