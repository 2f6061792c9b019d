package resultfile

import "bytes"

// delimiters are the characters that may part cells, in the order in which they are tried.
var delimiters = [...]byte{',', ';', '\t', '|'}

// DelimiterOf returns the delimiter of a header: the one by which it has a date and both teams and, among several, the
// most columns. It returns false for a line that is no header of a result file.
func DelimiterOf(header []byte) (delimiter byte, ok bool) {
	most := 0
	for _, d := range delimiters {
		if l := NewLayout(header, d); l.Has(Date) && l.Has(HomeTeam) && l.Has(AwayTeam) && l.columns > most {
			delimiter, ok, most = d, true, l.columns
		}
	}
	return delimiter, ok
}

// Layout is where a file's columns are in its rows. It is read-only and safe for concurrent use.
type Layout struct {
	delimiter byte
	columns   int
	at        map[string]int
	required  string // the last column that a whole row reaches
	reach     int    // and its index
}

// NewLayout reads a header. Of two columns of one name the first counts.
func NewLayout(header []byte, delimiter byte) Layout {
	l := Layout{delimiter: delimiter, at: map[string]int{}}
	for more := true; more; l.columns++ {
		var cell []byte
		cell, header, more = CutCell(header, delimiter)
		if name := Canonical(cell); name != "" {
			if _, known := l.at[name]; !known {
				l.at[name] = l.columns
			}
		}
	}
	for _, name := range [...]string{Date, HomeTeam, AwayTeam, FullTimeHome, FullTimeAway} {
		if at, ok := l.at[name]; ok && at >= l.reach {
			l.required, l.reach = name, at
		}
	}
	return l
}

// Has reports whether the file has the column.
func (l Layout) Has(column string) bool {
	_, ok := l.at[column]
	return ok
}

// Delimiter returns what parts the cells.
func (l Layout) Delimiter() byte { return l.delimiter }

// Cells are a row that was cut. They are valid as long as the row is not changed and the next one is not cut into the
// same buffer.
type Cells struct {
	layout Layout
	fields [][]byte
}

// Cut cuts a row into cells; buffer is used for them if it is not nil.
func (l Layout) Cut(row []byte, buffer [][]byte) Cells {
	fields := buffer[:0]
	for more := true; more && len(fields) < l.columns; {
		var cell []byte
		cell, row, more = CutCell(row, l.delimiter)
		fields = append(fields, cell)
	}
	return Cells{l, fields}
}

// Cell returns the cell of the column, "" where the row or the file has none.
func (c Cells) Cell(column string) string {
	at, ok := c.layout.at[column]
	if !ok || at >= len(c.fields) {
		return ""
	}
	return string(TrimCell(c.fields[at]))
}

// Torn returns the column before which the row ends, and whether it does: a row that lacks its score or its teams was
// cut off, one that lacks cells behind them was not.
func (c Cells) Torn() (column string, torn bool) {
	return c.layout.required, len(c.fields) <= c.layout.reach
}

// Fields returns the row's fields, at most as many as the header has. They are those of the buffer.
func (c Cells) Fields() [][]byte { return c.fields }

// IsHeader reports whether a line of the file is a header again, as files have that were put together from several.
func (l Layout) IsHeader(line []byte) bool {
	cells := l.Cut(line, nil)
	return Canonical([]byte(cells.Cell(HomeTeam))) == HomeTeam && Canonical([]byte(cells.Cell(AwayTeam))) == AwayTeam
}

// CutCell cuts the first cell off a line and reports whether more follow. A delimiter within quotes parts nothing;
// quotes that are not closed on the line are ordinary characters.
func CutCell(line []byte, delimiter byte) (cell, rest []byte, more bool) {
	if trimmed := bytes.TrimLeft(line, " "); len(trimmed) > 0 && trimmed[0] == '"' {
		if end := closingQuote(trimmed, delimiter); end > 0 {
			cell, rest = trimmed[:end], trimmed[end:]
			at := bytes.IndexByte(rest, delimiter)
			if at < 0 {
				return cell, nil, false
			}
			return cell, rest[at+1:], true
		}
	}
	return bytes.Cut(line, []byte{delimiter})
}

// closingQuote returns the index behind the quote that closes a cell which begins with one, or 0.
func closingQuote(line []byte, delimiter byte) int {
	for i := 1; i < len(line); i++ {
		if line[i] != '"' {
			continue
		}
		if i+1 < len(line) && line[i+1] == '"' {
			i++ // a quote within quotes
			continue
		}
		if rest := bytes.TrimLeft(line[i+1:], " \r"); len(rest) == 0 || rest[0] == delimiter {
			return i + 1
		}
	}
	return 0
}

// Blank reports whether a line has no cell with content.
func Blank(line []byte) bool { return len(bytes.Trim(line, ",;\t| \"\r\x00")) == 0 }
