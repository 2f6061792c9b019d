package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// record is what one binary made of all feeds, in the order in which it was looked at.
type record []entry

// entry is one thing that was looked at: a topic, a table, a request, a part of the live feed.
type entry struct {
	name    string // unique in a record: "football-data table touchline.matches"
	summary string // what must be equal: counts, status, digest
	content []byte // what the digest is over, for who wants to see a difference; may be empty
}

// contentEntry returns an entry whose summary ends in the digest of the content.
func contentEntry(name, summary string, content []byte) entry {
	sum := sha256.Sum256(content)
	return entry{name: name, summary: summary + " sha256=" + hex.EncodeToString(sum[:16]), content: content}
}

// indexFile lists the entries of a record, one a line: name, tab, summary.
const indexFile = "fingerprint.txt"

var unsafeInFile = regexp.MustCompile(`[^A-Za-z0-9.=_-]+`)

// contentFile returns where the content of an entry is, below the folder of its record.
func contentFile(name string) string { return unsafeInFile.ReplaceAllString(name, "_") }

// saveRecord writes the record to a folder, which is made if it is not there. It overwrites the record that the folder
// has.
func (r record) saveRecord(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	var index bytes.Buffer
	for _, e := range r {
		fmt.Fprintf(&index, "%s\t%s\n", e.name, e.summary)
		if len(e.content) == 0 {
			continue
		}
		if err := os.WriteFile(filepath.Join(folder, contentFile(e.name)), e.content, 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(folder, indexFile), index.Bytes(), 0o644)
}

// loadRecord reads a record that save wrote.
func loadRecord(folder string) (record, error) {
	index, err := os.ReadFile(filepath.Join(folder, indexFile))
	if err != nil {
		return nil, err
	}
	var r record
	lines := bufio.NewScanner(bytes.NewReader(index))
	for lines.Scan() {
		name, summary, ok := strings.Cut(lines.Text(), "\t")
		if !ok {
			return nil, fmt.Errorf("%s in %s: line %q has no tab", indexFile, folder, lines.Text())
		}
		content, err := os.ReadFile(filepath.Join(folder, contentFile(name)))
		if err != nil && !os.IsNotExist(err) {
			return nil, err
		}
		r = append(r, entry{name, summary, content})
	}
	return r, lines.Err()
}
