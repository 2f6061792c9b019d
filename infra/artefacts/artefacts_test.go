package artefacts_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"golang.org/x/sync/errgroup"

	"github.com/touchline/touchline/infra/artefacts"
)

// place is a store with a way to damage what it keeps.
type place struct {
	artefacts.Store
	damage func(digest string)
}

// places are all kinds of store: a folder, and an S3 that is spoken with over HTTP.
func places(t *testing.T) map[string]place {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "someone")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "a secret")
	dir := filepath.Join(t.TempDir(), "made", "when missing")
	folder, err := artefacts.Open("file://" + dir)
	if err != nil {
		t.Fatal(err)
	}
	backend := s3mem.New()
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	if err := backend.CreateBucket("models"); err != nil {
		t.Fatal(err)
	}
	s3, err := artefacts.Open("s3://models/touch/line?region=us-east-1&path-style=true&endpoint=" + server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]place{
		"folder": {folder, func(digest string) {
			if err := os.WriteFile(filepath.Join(dir, digest), []byte("damaged"), 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		"s3": {s3, func(digest string) {
			body := []byte("damaged")
			if _, err := backend.PutObject("models", "touch/line/"+digest, map[string]string{}, bytes.NewReader(body),
				int64(len(body)), nil); err != nil {
				t.Fatal(err)
			}
		}},
	}
}

func TestWhatWasPutComesBackOrNothing(t *testing.T) {
	for name, store := range places(t) {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			for _, artefact := range [][]byte{[]byte("small"), bytes.Repeat([]byte("large "), 1<<20)} {
				digest, err := store.Put(ctx, artefact)
				if err != nil || digest != artefacts.Digest(artefact) {
					t.Fatalf("put %d bytes: got %q, %v", len(artefact), digest, err)
				}
				again, err := store.Put(ctx, artefact)
				if err != nil || again != digest {
					t.Errorf("put again: got %q, %v", again, err)
				}
				if got, err := store.Get(ctx, digest); err != nil || !bytes.Equal(got, artefact) {
					t.Errorf("get %d bytes: got %d, %v", len(artefact), len(got), err)
				}
			}
			if _, err := store.Get(ctx, artefacts.Digest([]byte("never put"))); !errors.Is(err, artefacts.ErrNotFound) {
				t.Errorf("nothing there: got %v", err)
			}
			for _, bad := range []string{"", "../../etc/passwd", strings.Repeat("F", 64), strings.Repeat("f", 63)} {
				if _, err := store.Get(ctx, bad); err == nil || errors.Is(err, artefacts.ErrNotFound) {
					t.Errorf("the digest %q: got %v", bad, err)
				}
			}
			for _, size := range []int{0, artefacts.Most + 1} {
				if _, err := store.Put(ctx, make([]byte, size)); err == nil {
					t.Errorf("an artefact of %d bytes is taken", size)
				}
			}
		})
	}
}

// TestDamageIsNoticed, and mended by putting the artefact there again.
func TestDamageIsNoticed(t *testing.T) {
	for name, store := range places(t) {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			digest, err := store.Put(ctx, []byte("artefact"))
			if err != nil {
				t.Fatal(err)
			}
			store.damage(digest)
			var wrong *artefacts.DigestError
			if _, err := store.Get(ctx, digest); !errors.As(err, &wrong) || wrong.Want != digest ||
				wrong.Got != artefacts.Digest([]byte("damaged")) {
				t.Fatalf("got %v", err)
			}
			if _, err := store.Put(ctx, []byte("artefact")); err != nil {
				t.Fatal(err)
			}
			if got, err := store.Get(ctx, digest); err != nil || string(got) != "artefact" {
				t.Errorf("put again: got %q, %v", got, err)
			}
		})
	}
}

func TestManyPutAtOnce(t *testing.T) {
	for name, store := range places(t) {
		t.Run(name, func(t *testing.T) {
			group, ctx := errgroup.WithContext(t.Context())
			artefact := bytes.Repeat([]byte("x"), 1<<16)
			for range 16 {
				group.Go(func() error {
					digest, err := store.Put(ctx, artefact)
					if err == nil {
						_, err = store.Get(ctx, digest)
					}
					return err
				})
			}
			if err := group.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAFolderIsTheOneThatIsNamed, with what has a meaning in a URL.
func TestAFolderIsTheOneThatIsNamed(t *testing.T) {
	parent := t.TempDir()
	for _, name := range []string{"a b", "a?b", "a#b", "100%", "a%20b", "c:d"} {
		dir := filepath.Join(parent, name)
		store, err := artefacts.Open(dir)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		digest, err := store.Put(t.Context(), []byte("artefact"))
		if err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := os.Stat(filepath.Join(dir, digest)); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	t.Chdir(parent)
	if _, err := artefacts.Open("beside"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(parent, "beside")); err != nil {
		t.Error(err)
	}
}

// TestAFolderHasNothingHalf: what a put that was cut off leaves has no artefact's name.
func TestAFolderHasNothingHalf(t *testing.T) {
	dir := t.TempDir()
	store, err := artefacts.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := store.Put(t.Context(), []byte("artefact"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 || files[0].Name() != digest {
		t.Errorf("got %v, %v", files, err)
	}
}

func TestAddressesThatNameNoStore(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"": "name a folder", "ftp://host/x": "names no store", "file:///x?y": "names no store",
		"s3:///x": "names no bucket", "s3://b?endpoint=host:9000": "want http://host:port",
		"s3://b?colour=red":         "there are endpoint, region and path-style",
		"s3://b?path-style=perhaps": "want true or false", file + "/x": "not a directory",
	} {
		if _, err := artefacts.Open(address); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q in it", address, err, want)
		}
	}
}

// TestAStoreThatRefusesSaysWhatToDo: the answers are those of S3, from a server that gives nothing else.
func TestAStoreThatRefusesSaysWhatToDo(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "someone")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "a wrong secret")
	for code, want := range map[string]string{"SignatureDoesNotMatch": "AWS_SECRET_ACCESS_KEY",
		"NoSuchBucket": "make the bucket"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, "<Error><Code>"+code+"</Code><Message>no</Message></Error>")
		}))
		store, err := artefacts.Open("s3://models?region=us-east-1&path-style=true&endpoint=" + server.URL)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Put(context.Background(), []byte("x")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q in it", code, err, want)
		}
		server.Close()
	}
}
