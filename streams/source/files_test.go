package source

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func write(t *testing.T, path string, data []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFilesAreFoundInFoldersArchivesAndURLs(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "b", "two.csv"), []byte("two"))
	write(t, filepath.Join(dir, "a", "one.csv.gz"), packed(t, "one"))
	write(t, filepath.Join(dir, "a", "notes.txt"), []byte("no"))
	single := write(t, filepath.Join(dir, "three.dat"), []byte("three"))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/1516/E0.csv" {
			http.NotFound(w, r)
			return
		}
		w.Write(packed(t, "four"))
	}))
	defer server.Close()

	files, err := Find([]string{dir, single, server.URL + "/1516/E0.csv?key=1"}, regexp.MustCompile(`\.csv$`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		data, err := f.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, f.Base()+"="+string(data))
	}
	if want := []string{"one.csv=one", "two.csv=two", "three.dat=three", "E0.csv=four"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if name := files[3].Name; !strings.HasSuffix(name, "/1516/E0.csv") {
		t.Errorf("got the name %q", name)
	}
}

func TestAFileThatCannotBeOpenedIsNamed(t *testing.T) {
	dir := t.TempDir()
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	write(t, filepath.Join(dir, "torn.csv.gz"), packed(t, strings.Repeat("one", 1000))[:20])
	write(t, filepath.Join(dir, "fake.csv.gz"), []byte{0x1f, 0x8b, 0, 0})
	gone := write(t, filepath.Join(dir, "gone.csv"), nil)
	for _, c := range []struct{ place, want string }{
		{filepath.Join(dir, "missing.csv"), "missing.csv"},
		{server.URL + "/none.csv", "404"},
		{"http://127.0.0.1:1/E0.csv", "127.0.0.1:1"},
		{"http://[::1/E0.csv", "E0.csv"},
		{filepath.Join(dir, "torn.csv.gz"), "torn.csv"},
		{filepath.Join(dir, "fake.csv.gz"), "fake.csv"},
		{t.TempDir(), "it has no file that this source reads"},
		{gone, "gone.csv"},
	} {
		files, err := Find([]string{c.place}, regexp.MustCompile(`^nothing$`))
		if err == nil {
			if c.place == gone {
				if err := os.Remove(gone); err != nil {
					t.Fatal(err)
				}
			}
			_, err = files[0].Read(t.Context())
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.place, err, c.want)
		}
	}
}

// TestDataOfAnotherSourceIsNamed reads a folder that has files of two sources: those of the other are no loss, but are
// named.
func TestDataOfAnotherSourceIsNamed(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"E0.csv": "rows", "2020-21/en.1.json": "{}", "README.md": "words"} {
		write(t, filepath.Join(dir, name), []byte(text))
	}
	read := func(_ File, _ []byte, report *Report) error { report.Rows = 3; return nil }
	reports, err := ReadFiles(t.Context(), []string{dir}, regexp.MustCompile(`\.csv$`), read)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := reports.Summary(), "1 file, 3 of 3 rows read"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	odd := reports.Odd()
	if want := dir + ": 1 .json are not of this source: another --source may read them"; len(odd) != 1 ||
		odd[0].String() != want {
		t.Errorf("got %v, want the line %q", odd, want)
	}
	if err := reports.Check(0, true); err != nil {
		t.Errorf("strict: got %v, want no loss", err)
	}
	_, err = ReadFiles(t.Context(), []string{dir}, regexp.MustCompile(`\.tsv$`), read)
	if err == nil || !strings.Contains(err.Error(), "but 1 .csv, 1 .json are not of this source") {
		t.Errorf("nothing to read: got %v, want it to name the files that are there", err)
	}
}

// TestOddPlacesAreReported searches a folder by a link to it: a link to a folder below is not followed, and what is no
// regular file is not opened, for a pipe would block. Each is skipped with a line that names it once.
func TestOddPlacesAreReported(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "real", "one.csv"), []byte("one"))
	place := filepath.Join(dir, "place")
	for from, to := range map[string]string{
		place: "real", filepath.Join(dir, "real", "more"): dir, filepath.Join(dir, "real", ".hidden"): dir,
		filepath.Join(dir, "real", "gone.csv"): "nowhere",
	} {
		if err := os.Symlink(to, from); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "real", "pipe.csv"), 0o600); err != nil {
		t.Fatal(err)
	}
	reports, err := ReadFiles(t.Context(), []string{place}, regexp.MustCompile(`\.csv$`),
		func(_ File, _ []byte, report *Report) error {
			report.Rows = 1
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, report := range reports {
		got[filepath.Base(report.File)] = report.Skipped
	}
	want := map[string]string{
		"one.csv": "", "more": "it is a link to a folder, which is not followed: name it with --path",
		"gone.csv": "stat: no such file or directory", "pipe.csv": "it is no regular file",
	}
	for name, reason := range want {
		if skipped, ok := got[name]; !ok || skipped != reason {
			t.Errorf("%s: got %q, want %q", name, skipped, reason)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got reports of %v, want of %v", got, want)
	}
}
