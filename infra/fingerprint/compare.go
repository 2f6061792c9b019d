package main

import (
	"bytes"
	"fmt"
	"strings"
)

// compareRecords returns a text for each entry that is in one record only, or in both with another summary.
func compareRecords(before, after record) []string {
	rest := map[string]entry{}
	for _, e := range after {
		rest[e.name] = e
	}
	var differences []string
	for _, old := range before {
		fresh, ok := rest[old.name]
		delete(rest, old.name)
		switch {
		case !ok:
			differences = append(differences, old.name+"\n  is missing after")
		case old.summary != fresh.summary:
			differences = append(differences, fmt.Sprintf("%s\n  before: %s\n  after:  %s%s",
				old.name, old.summary, fresh.summary, firstDifference(old.content, fresh.content)))
		}
	}
	for _, e := range after {
		if _, ok := rest[e.name]; ok {
			differences = append(differences, e.name+"\n  is new after: "+e.summary)
		}
	}
	return differences
}

// firstDifference shows the first line that differs, around the first byte that does.
func firstDifference(before, after []byte) string {
	old, fresh := bytes.Split(before, []byte("\n")), bytes.Split(after, []byte("\n"))
	for i := range max(len(old), len(fresh)) {
		a, b := lineOrNone(old, i), lineOrNone(fresh, i)
		if a == b {
			continue
		}
		from := max(0, commonPrefix(a, b)-contextBytes)
		return fmt.Sprintf("\n  line %d, from column %d:\n  - %s\n  + %s", i+1, from+1, excerptFrom(a, from),
			excerptFrom(b, from))
	}
	return ""
}

// contextBytes is how much of a line is shown before its first difference, and a third of what is shown in all.
const contextBytes = 80

func lineOrNone(lines [][]byte, i int) string {
	if i >= len(lines) {
		return "(no such line)"
	}
	return string(lines[i])
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func excerptFrom(line string, from int) string {
	from = min(from, len(line))
	return strings.ToValidUTF8(line[from:min(len(line), from+3*contextBytes)], "")
}
