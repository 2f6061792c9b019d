package source

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// maxFile bounds a file, unpacked. A season of results has half a megabyte.
const maxFile = 256 << 20

// fetchTimeout bounds the fetching of one URL.
const fetchTimeout = 2 * time.Minute

// File is a file or URL that a source was given or found.
type File struct {
	Name string // without ".gz"
	open func(ctx context.Context) (io.ReadCloser, error)
}

// Base returns the last element of the file's name.
func (f File) Base() string { return filepath.Base(f.Name) }

// ErrIgnored is what a reader returns for a file that is rightly not read, and not to be reported.
var ErrIgnored = errors.New("the file is of no interest")

// ReadFiles hands the files that Find finds to read, one after another, with all that is in them and a report to be
// filled. A file that can't be read, or for which read returns an error, is skipped: its report names why. It is an
// error when a place can't be searched, or nothing is left.
func ReadFiles(ctx context.Context, places []string, match *regexp.Regexp,
	read func(File, []byte, *Report) error) (Reports, error) {
	files, beside, err := findFiles(places, match)
	if err != nil {
		return nil, err
	}
	reports := make(Reports, 0, len(files)+len(beside))
	for _, f := range files {
		report := &Report{File: f.Name}
		reports = append(reports, report)
		data, err := f.Read(ctx)
		switch {
		case ctx.Err() != nil:
			return reports, context.Cause(ctx)
		case err == nil && len(bytes.TrimSpace(data)) == 0:
			err = errors.New("it is empty")
		case err == nil && looksLikeHTML(data):
			err = errors.New("it is a web page, not a file of data: download it again")
		case err == nil:
			err = read(f, data, report)
		}
		if errors.Is(err, ErrIgnored) {
			reports = reports[:len(reports)-1]
			continue
		}
		if err != nil {
			report.Skipped, report.Rows, report.Refused = f.reasonOf(err), 0, nil
		}
	}
	if err := reports.NothingLeft(); err != nil {
		return reports, err
	}
	return append(reports, beside...), nil
}

// reasonOf returns why a file is skipped. The report names the file, so the reason does not.
func (f File) reasonOf(err error) string {
	if place := (*fs.PathError)(nil); errors.As(err, &place) {
		return place.Op + ": " + place.Err.Error()
	}
	_, reason, named := strings.Cut(err.Error(), f.Name+": ")
	if !named {
		return err.Error()
	}
	return reason
}

// looksLikeHTML reports whether a server sent a page, for example that there is no such file.
func looksLikeHTML(data []byte) bool {
	head := bytes.ToLower(bytes.TrimSpace(data[:min(len(data), 512)]))
	return bytes.HasPrefix(head, []byte("<!doctype")) || bytes.HasPrefix(head, []byte("<html")) ||
		bytes.HasPrefix(head, []byte("<?xml")) || bytes.HasPrefix(head, []byte("<head"))
}

// dataFile is what some source reads.
var dataFile = regexp.MustCompile(`(?i)\.(csv|tsv|json)$`)

// Find returns the named files and URLs and, of folders, all files below whose base name (without ".gz") matches. Files
// of a folder come in the order of their paths. A folder without any is skipped with a report, and an error where there
// is nothing else, for it is a misspelt one.
func Find(places []string, match *regexp.Regexp) ([]File, error) {
	files, _, err := findFiles(places, match)
	return files, err
}

// findFiles is Find, with a report for each folder in which there is data of a kind that does not match.
func findFiles(places []string, match *regexp.Regexp) (files []File, beside Reports, err error) {
	var empty []File
	var nothing error
	for _, place := range places {
		if isWebAddress(place) {
			files = append(files, remoteFile(place))
			continue
		}
		info, err := os.Stat(place)
		if err != nil {
			return nil, nil, fmt.Errorf("TOUCHLINE_PATH: %w", err)
		}
		if !info.IsDir() {
			files = append(files, localFile(place))
			continue
		}
		n, others := len(files), map[string]int{}
		root := place + string(filepath.Separator) // a link to a folder is that folder
		err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil && path == root:
				return err
			case err != nil: // a folder below that can't be searched is reported as a file that can't be read
				files = append(files, brokenFile(path, err))
				return fs.SkipDir
			case isLinkToFolder(path, d):
				files = append(files, brokenFile(path, errors.New("it is a link to a folder, which is not followed: "+
					"name it with --path")))
			case !d.IsDir() && match.MatchString(strings.TrimSuffix(filepath.Base(path), ".gz")):
				files = append(files, localFile(path))
			case !d.IsDir() && dataFile.MatchString(path):
				others[strings.ToLower(filepath.Ext(path))]++
			}
			return nil
		})
		if err != nil {
			return nil, nil, fmt.Errorf("TOUCHLINE_PATH: search %s: %w", place, err)
		}
		left := describeOthers(others)
		if len(files) == n {
			err := fmt.Errorf("it has no file that this source reads%s", strings.TrimSuffix(", but "+left, ", but "))
			empty = append(empty, brokenFile(strings.TrimRight(place, "/"), err))
			nothing = cmp.Or(nothing, fmt.Errorf("TOUCHLINE_PATH: search %s: %w", place, err))
			continue
		}
		if left != "" {
			beside = append(beside, &Report{File: place, Beside: left})
		}
		slices.SortFunc(files[n:], func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	}
	if len(files) == 0 && nothing != nil {
		return nil, nil, nothing
	}
	return append(files, empty...), beside, nil
}

// describeOthers says how many files of which endings a source has left alone; "" when there are none.
func describeOthers(others map[string]int) string {
	var parts []string
	for _, ending := range slices.Sorted(maps.Keys(others)) {
		parts = append(parts, fmt.Sprintf("%d %s", others[ending], ending))
	}
	if parts == nil {
		return ""
	}
	return strings.Join(parts, ", ") + " are not of this source: another --source may read them"
}

// Read returns the whole file, unpacked.
func (f File) Read(ctx context.Context) ([]byte, error) {
	r, err := f.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", f.Name, err)
	}
	defer r.Close()
	data, err := readAll(r)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.Name, err)
	}
	return data, nil
}

// readAll reads r, unpacking it when it is a gzip stream by its first bytes.
func readAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		packed, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		if data, err = io.ReadAll(io.LimitReader(packed, maxFile+1)); err != nil {
			return nil, err
		}
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("more than %d MiB", maxFile>>20)
	}
	return data, nil
}

// isLinkToFolder reports whether a place below a folder is a link to another folder. Hidden ones are of no interest.
func isLinkToFolder(path string, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink == 0 || strings.HasPrefix(d.Name(), ".") {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// openRegular opens a file. A pipe would block until someone writes to it, so what is no regular file is an error.
func openRegular(path string) (io.ReadCloser, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is no regular file")
	}
	return os.Open(path)
}

func localFile(path string) File {
	return File{strings.TrimSuffix(filepath.ToSlash(path), ".gz"),
		func(context.Context) (io.ReadCloser, error) { return openRegular(path) }}
}

// brokenFile is a place that can't be read.
func brokenFile(path string, err error) File {
	return File{filepath.ToSlash(path), func(context.Context) (io.ReadCloser, error) { return nil, err }}
}

func remoteFile(address string) File {
	name := address
	if u, err := url.Parse(address); err == nil {
		name = u.Scheme + "://" + u.Host + u.Path // a query is no part of a file's name
	}
	return File{strings.TrimSuffix(name, ".gz"), func(ctx context.Context) (io.ReadCloser,
		error) {
		return fetchURL(ctx, address)
	}}
}

func fetchURL(ctx context.Context, address string) (io.ReadCloser, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		cancel()
		return nil, err
	}
	response, err := http.DefaultClient.Do(request) //nolint:bodyclose // the caller closes what is returned
	if err != nil {
		cancel()
		return nil, err
	}
	body := fetched{response.Body, cancel}
	if response.StatusCode != http.StatusOK {
		_ = body.Close() // nothing of it is used
		return nil, fmt.Errorf("the server answers %s", response.Status)
	}
	return body, nil
}

// fetched is a response's body; closing it ends the request.
type fetched struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (f fetched) Close() error {
	defer f.cancel()
	return f.ReadCloser.Close()
}

func isWebAddress(place string) bool {
	return strings.HasPrefix(place, "http://") || strings.HasPrefix(place, "https://")
}
