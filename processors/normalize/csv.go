package normalize

import (
	"bytes"
	"strings"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/resultfile"
)

// cells are the fields of a row that the stage reads, by column; nil where the file has no such column. A cell that the
// row lacks at its end is empty.
type cells [columns][]byte

// splitRow picks the known columns out of a payload of header line, newline, row. The line break that ends the row is
// not part of it. Cells behind the header's last column are ignored; a row that ends before its score is torn and
// refused.
func splitRow(raw *football.RawEvent) (c cells, _ *football.Refusal) {
	header, row, ok := bytes.Cut(raw.Payload, []byte("\n"))
	if !ok {
		return c, newRefusal(football.RefusedMalformed, "payload", "there is no row under the header")
	}
	header, row = bytes.TrimRight(header, "\r\n"), bytes.TrimRight(row, "\r\n")
	if bytes.IndexByte(row, '\n') >= 0 {
		return c, newRefusal(football.RefusedMalformed, "payload", "there is more than one row under the header")
	}
	delimiter := delimiterOf(raw.ContentType)
	names, fields, reach := 0, 0, 0
	last := homeTeam
	for more, cells := true, true; more; {
		var name, field []byte
		name, header, more = resultfile.CutCell(header, delimiter)
		names++
		if cells {
			field, row, cells = resultfile.CutCell(row, delimiter)
			fields++
		}
		at, ok := columnNamed(name)
		if !ok || c[at] != nil {
			continue
		}
		c[at] = decimalPoint(resultfile.TrimCell(field))
		if c[at] == nil {
			c[at] = []byte{}
		}
		if at <= fullTimeAway {
			last, reach = at, names
		}
	}
	if fields < reach {
		return c, newRefusal(football.RefusedMalformed, last.headerName(), "the row of %d fields ends before %s",
			fields, last.headerName())
	}
	return c, nil
}

// decimalPoint returns a number that was written with a decimal comma as it is written with a point.
func decimalPoint(cell []byte) []byte {
	comma := bytes.IndexByte(cell, ',')
	if comma < 0 || len(bytes.Trim(cell, "0123456789,")) > 0 || bytes.Count(cell, []byte(",")) > 1 {
		return cell
	}
	point := bytes.Clone(cell)
	point[comma] = '.'
	return point
}

// delimiterOf returns what parts the cells of a payload; a collector names it where it is no comma.
func delimiterOf(contentType string) byte {
	switch contentParameter(contentType, "delimiter") {
	case "semicolon":
		return ';'
	case "tab":
		return '\t'
	case "bar":
		return '|'
	default:
		return ','
	}
}

// contentParameter returns what a collector noted beyond the payload as a parameter of its content type, "" where it
// noted nothing: "text/csv; delimiter=tab", `text/csv; problem="the row ends before FTAG"`.
func contentParameter(contentType, name string) string {
	_, value, ok := strings.Cut(contentType, "; "+name+"=")
	if !ok {
		return ""
	}
	if quoted, ok := strings.CutPrefix(value, `"`); ok {
		value, _, _ = strings.Cut(quoted, `"`)
		return value
	}
	value, _, _ = strings.Cut(value, ";")
	return value
}
