package backtest

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/gob"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
)

// Resume is where a backtest keeps what it has finished of each feed, so that the same question goes on from there.
type Resume struct {
	// Folder has a file for each finished feed. It is made where there is none.
	Folder string
	// Question names all that the scores depend on besides the feeds, the checkpoint, the first kick-off and the
	// refits: the program, its reference, the models.
	Question string
	// Digests are those of the feeds, in their order. See Digests.
	Digests []string
}

// Digests reads the feeds to their ends and returns what names the content of each.
func Digests(ctx context.Context, feeds []source.Feed) ([]string, error) {
	sums := make([]hash.Hash, len(feeds))
	for i := range sums {
		sums[i] = sha256.New()
	}
	err := source.Each(ctx, feeds, nil, func(feed int, raw *football.RawEvent) error {
		for _, part := range []string{string(raw.Pool), raw.Source, raw.SourceEventID, raw.SourceMatchID,
			string(raw.Competition), string(raw.Season),
			string(raw.Moment), raw.At.String(), raw.ContentType, string(raw.Payload)} {
			_ = binary.Write(sums[feed], binary.BigEndian, int64(len(part))) // a hash takes everything
			_, _ = io.WriteString(sums[feed], part)
		}
		return nil
	})
	digests := make([]string, len(feeds))
	for i, sum := range sums {
		digests[i] = hex.EncodeToString(sum.Sum(nil))
	}
	return digests, err
}

// finished is the results of a fold of one feed, as they are written to a file.
type finished struct {
	Evaluations []*football.Evaluation
	Refused     map[string]int
	Example     map[string]string
	Events      int
}

// resumeFeed returns the i-th feed as it is still to be folded: empty where its results are in the folder, which f
// takes over then; else one that writes them there at its end.
func (r *Resume) resumeFeed(cfg Config, i int, feed source.Feed, f *feedFold) (source.Feed, error) {
	path := r.finishedPath(cfg, feed.Pool, r.Digests[i])
	kept, err := readFinished(path)
	switch {
	case err == nil:
		f.restoreFinished(kept)
		feed.Next = func(context.Context) (*football.RawEvent, error) { return nil, io.EOF }
		return feed, nil
	case !errors.Is(err, fs.ErrNotExist):
		return feed, fmt.Errorf("read what was kept of pool %s: %w; remove %s, and the pool is folded again", feed.Pool,
			err, path)
	}
	next := feed.Next
	feed.Next = func(ctx context.Context) (*football.RawEvent, error) {
		raw, err := next(ctx)
		if errors.Is(err, io.EOF) {
			if err := f.finished().writeFinished(path); err != nil {
				return nil, fmt.Errorf("keep what pool %s came to: %w", feed.Pool, err)
			}
		}
		return raw, err
	}
	return feed, nil
}

// finishedPath returns the file of a feed. Its name is a digest of all that the scores depend on, refits by their
// fields' names and values included, so another question never reads it.
func (r *Resume) finishedPath(cfg Config, pool football.PoolID, digest string) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q %q %q %d", r.Question, pool, digest, cfg.Checkpoint, cfg.From)
	for _, refit := range cfg.Refits {
		fmt.Fprintf(sum, " %+v", refit)
	}
	return filepath.Join(r.Folder, fmt.Sprintf("%s-%x.gob.gz", pool, sum.Sum(nil)[:12]))
}

// finished returns the results of the fold so far.
func (f *feedFold) finished() finished {
	kept := finished{Refused: f.refused, Example: f.example, Events: f.events}
	for _, e := range f.evaluations {
		kept.Evaluations = append(kept.Evaluations, e)
	}
	return kept
}

// restoreFinished takes over the results of an earlier run.
func (f *feedFold) restoreFinished(kept finished) {
	f.refused, f.example, f.events = kept.Refused, kept.Example, kept.Events
	for _, e := range kept.Evaluations {
		f.evaluations[evaluationKey{e.Match, e.Model.ID}] = e
	}
}

// readFinished reads a file of finished results, and checks its checksum.
func readFinished(path string) (kept finished, err error) {
	file, err := os.Open(path)
	if err != nil {
		return kept, err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return kept, err
	}
	if err := gob.NewDecoder(unzipped).Decode(&kept); err != nil {
		return kept, err
	}
	if _, err := io.Copy(io.Discard, unzipped); err != nil { // its checksum
		return kept, err
	}
	return kept, nil
}

// writeFinished writes the file beside its place, then renames it: a reader finds the whole file or none.
func (k finished) writeFinished(path string) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "unfinished-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	zipped := gzip.NewWriter(file)
	if err := errors.Join(gob.NewEncoder(zipped).Encode(k), zipped.Close(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
