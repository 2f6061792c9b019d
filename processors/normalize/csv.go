package normalize

import (
	"bytes"
	"encoding/csv"
	"strings"

	"github.com/touchline/touchline/schemas/football"
)

// cells are the fields of a row that the stage reads, by column; nil where the file has no such column.
type cells [columns][]byte

// splitRow picks the known columns out of a payload of header line, newline, row. The line break that ends the row is
// not part of it.
func splitRow(payload []byte) (c cells, _ *football.Refusal) {
	header, row, ok := bytes.Cut(payload, []byte("\n"))
	if !ok {
		return c, newRefusal(football.RefusedMalformed, "payload", "there is no row under the header")
	}
	header = bytes.TrimPrefix(header, []byte("\xef\xbb\xbf"))
	header, row = bytes.TrimRight(header, "\r\n"), bytes.TrimRight(row, "\r\n")
	if bytes.IndexByte(row, '"') >= 0 || bytes.IndexByte(header, '"') >= 0 {
		return splitQuoted(header, row)
	}
	names, fields := 0, 0
	for len(header) > 0 || len(row) > 0 {
		var name, field []byte
		if len(header) > 0 {
			name, header, _ = bytes.Cut(header, []byte(","))
			names++
		}
		if len(row) > 0 {
			field, row, _ = bytes.Cut(row, []byte(","))
			fields++
			if names < fields && len(bytes.TrimSpace(field)) > 0 {
				return c, fieldCount(fields+bytes.Count(row, []byte(",")), names)
			}
		}
		c.setColumn(name, field)
	}
	if fields < names-1 { // a row whose last cell is empty ends in the comma before it
		return c, fieldCount(fields, names)
	}
	return c, nil
}

// splitQuoted is splitRow for rows with quoted fields, which the source hardly ever has.
func splitQuoted(header, row []byte) (c cells, _ *football.Refusal) {
	reader := csv.NewReader(strings.NewReader(string(header) + "\n" + string(row)))
	reader.FieldsPerRecord = -1
	lines, err := reader.ReadAll()
	switch {
	case err != nil:
		return c, newRefusal(football.RefusedMalformed, "payload", "%v", err)
	case len(lines) != 2:
		return c, newRefusal(football.RefusedMalformed, "payload", "%d lines instead of a header and a row", len(lines))
	case len(lines[0]) != len(lines[1]):
		return c, fieldCount(len(lines[1]), len(lines[0]))
	}
	for i, name := range lines[0] {
		c.setColumn([]byte(name), []byte(lines[1][i]))
	}
	return c, nil
}

func (c *cells) setColumn(name, field []byte) {
	if at, ok := columnNamed(name); ok && c[at] == nil {
		if field == nil {
			field = []byte{}
		}
		c[at] = bytes.TrimSpace(field)
	}
}

func fieldCount(fields, names int) *football.Refusal {
	return newRefusal(football.RefusedMalformed, "payload", "a row of %d fields under %d columns", fields, names)
}
