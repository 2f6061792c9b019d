package embedded

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/touchline/touchline/infra/machine"
)

func TestATornJournalEntryIsACommitThatDidNotBegin(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), journalName)
	j := &journal{path: path}
	for _, id := range []string{"a-much-longer-transactional-id", "short"} {
		if err := j.writeCommit(commit{ProducerID: 7, Epoch: 3, TxnID: id,
			Offsets: []offset{{Group: "g", Topic: "t", Offset: 5}}}); err != nil {
			t.Fatal(err)
		}
		got, err := readJournal(path)
		if err != nil || got == nil || got.TxnID != id || got.Offsets[0].Offset != 5 {
			t.Fatalf("got %+v and %v", got, err)
		}
	}
	if err := j.closeJournal(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, torn := range [][]byte{nil, raw[:4], raw[:20],
		append(bytes.Clone(raw[:9]), append([]byte{'x'}, raw[10:]...)...)} {
		if err := os.WriteFile(path, torn, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := readJournal(path); got != nil || err != nil {
			t.Errorf("%d bytes: got %+v and %v", len(torn), got, err)
		}
	}
}

// TestPostgresIsDownloadedEvenByRoot serves programs that can only say their version, as a Maven repository does.
func TestPostgresIsDownloadedEvenByRoot(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("xz"); err != nil {
		t.Skip("no xz to pack an archive with")
	}
	tree := t.TempDir()
	for _, program := range []string{"postgres", "initdb", "pg_ctl"} {
		script := "#!/bin/sh\ncase $1 in --version) echo \"" + program + " (PostgreSQL) 18.1\";; *) exit 1;; esac\n"
		if err := os.MkdirAll(filepath.Join(tree, "bin"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(tree, "bin", program), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	archive, err := exec.CommandContext(t.Context(), "tar", "-C", tree, "-cJf", "-", "bin").Output()
	if err != nil {
		t.Fatal(err)
	}
	var jar bytes.Buffer
	packed := zip.NewWriter(&jar)
	file, err := packed.Create("postgres.txz")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(archive); err != nil {
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	repository := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".jar") {
			_, _ = w.Write(jar.Bytes())
			return
		}
		http.NotFound(w, r)
	}))
	defer repository.Close()

	dir, err := openFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.unlockFolder()
	if err := download(PostgresConfig{Repository: repository.URL}, dir); err != nil {
		t.Fatal(err)
	}
	if found := machine.FindPostgres(t.Context(), []string{dir.filePath("download/bin")}); len(found) != 1 ||
		found[0].Major != 18 {
		t.Errorf("got %v", found)
	}
	repository.Close()
	if err := download(PostgresConfig{Repository: repository.URL}, dir); err == nil {
		t.Error("a repository that does not answer went unnoticed")
	}
}

// A child that is being started has every open file of its parent until it becomes the other program; a copy of the
// lock's descriptor stands for it.
func TestAFolderIsFreeOnceClosedThoughAChildIsBeingStarted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f, err := openFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	inherited, err := syscall.Dup(int(f.lock.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Close(inherited); err != nil {
			t.Error(err)
		}
	}()
	if _, err := openFolder(dir); !errors.As(err, new(*BusyError)) {
		t.Errorf("opened twice: %v", err)
	}
	if err := f.unlockFolder(); err != nil {
		t.Fatal(err)
	}
	again, err := openFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.unlockFolder(); err != nil {
		t.Error(err)
	}
}

// TestAStopLooksForNoPrograms: when another part fails to start, the search is stopped, and nothing is downloaded for
// it.
func TestAStopLooksForNoPrograms(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 1)
	repository := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case asked <- r.URL.Path:
		default:
		}
	}))
	defer repository.Close()
	dir, err := openFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.unlockFolder()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := findBinaries(ctx, PostgresConfig{Repository: repository.URL}, dir, 0,
		slog.New(slog.DiscardHandler)); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	select {
	case path := <-asked:
		t.Errorf("the repository was asked for %s", path)
	default:
	}
}
