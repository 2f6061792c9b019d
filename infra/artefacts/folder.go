package artefacts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// folder keeps each artefact in a file that is named by its digest.
type folder struct{ path string }

func openFolder(path string) (Store, error) {
	if path == "" {
		return nil, errors.New("the store has no path: name a folder")
	}
	if err := os.MkdirAll(path, 0o750); err != nil {
		return nil, err
	}
	f := folder{filepath.Clean(path)}
	return f, f.removeStale()
}

const (
	// unfinished begins the name of what is being put.
	unfinished = ".put-"
	// abandoned is the age of a file that nobody writes any more: a put takes seconds.
	abandoned = time.Hour
)

// removeStale removes what puts that were cut off have left.
func (f folder) removeStale() error {
	files, err := os.ReadDir(f.path)
	if err != nil {
		return err
	}
	for _, file := range files {
		if !strings.HasPrefix(file.Name(), unfinished) {
			continue
		}
		info, err := file.Info()
		if err == nil && time.Since(info.ModTime()) > abandoned {
			err = os.Remove(f.artefactPath(file.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // its put has ended, or another has tidied
			return err
		}
	}
	return nil
}

// Put writes beside the place, syncs, and moves there: nobody sees half an artefact.
func (f folder) Put(_ context.Context, artefact []byte) (_ string, err error) {
	if err := checkSize(artefact); err != nil {
		return "", err
	}
	digest := Digest(artefact)
	if _, err := f.Get(context.Background(), digest); err == nil {
		return digest, nil
	}
	file, err := os.CreateTemp(f.path, unfinished+"*")
	if err != nil {
		return "", err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(artefact)
	if err := errors.Join(err, file.Sync(), file.Chmod(0o640), file.Close()); err != nil {
		return "", err
	}
	if err := os.Rename(file.Name(), f.artefactPath(digest)); err != nil {
		return "", err
	}
	return digest, f.syncFolder()
}

// syncFolder makes the names in the folder survive a crash.
func (f folder) syncFolder() error {
	dir, err := os.Open(f.path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (f folder) Get(_ context.Context, digest string) ([]byte, error) {
	if err := checkDigest(digest); err != nil {
		return nil, err
	}
	artefact, err := os.ReadFile(f.artefactPath(digest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w as %.16s in the folder %s", ErrNotFound, digest, f.path)
	}
	if err != nil {
		return nil, err
	}
	return checked("the folder "+f.path, digest, artefact)
}

func (f folder) artefactPath(name string) string { return filepath.Join(f.path, name) }
