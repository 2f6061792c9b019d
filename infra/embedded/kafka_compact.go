package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/twmb/franz-go/pkg/kfake"
)

// compactingName is the folder that keeps the files as they were before a compaction, while it runs.
const compactingName = "compacting"

// compact compacts the compacted topics and drops what is past its retention. The broker removes the segments of a
// partition before it writes them anew, so a kill between the two would lose the partition: hard links keep the old
// files until it is done. It must run while no transaction is open (see the broker's options).
func compact(dir *folder, cluster *kfake.Cluster) error {
	if err := linkTree(dir.filePath(logName+"/partitions"), dir.filePath(compactingName+".new")); err != nil {
		return err
	}
	if err := os.Rename(dir.filePath(compactingName+".new"), dir.filePath(compactingName)); err != nil {
		return err
	}
	cluster.Compact()
	if err := os.Rename(dir.filePath(compactingName), dir.filePath(compactingName+".old")); err != nil {
		return err
	}
	return os.RemoveAll(dir.filePath(compactingName + ".old"))
}

// undoCompaction puts the files back that a compaction was working on when the process was killed.
func undoCompaction(dir *folder) error {
	for _, rest := range []string{compactingName + ".new", compactingName + ".old"} {
		if err := os.RemoveAll(dir.filePath(rest)); err != nil {
			return err
		}
	}
	kept, err := os.ReadDir(dir.filePath(compactingName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, partition := range kept {
		at := dir.filePath(filepath.Join(logName, "partitions", partition.Name()))
		if err := os.RemoveAll(at); err != nil {
			return err
		}
		if err := os.Rename(dir.filePath(filepath.Join(compactingName, partition.Name())), at); err != nil {
			return err
		}
	}
	return os.Remove(dir.filePath(compactingName))
}

// linkTree makes the folder to with hard links to all files below from.
func linkTree(from, to string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		return os.Link(path, filepath.Join(to, rel))
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil // no topic yet
	}
	if err != nil {
		return fmt.Errorf("keep the files before compaction: %w", err)
	}
	return nil
}
