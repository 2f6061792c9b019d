package backtest_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/backtest"
	"github.com/touchline/touchline/streams/source"
)

// watched returns the feed, and how many events were read of it.
func watched(feed source.Feed) (source.Feed, *int) {
	read, next := new(int), feed.Next
	feed.Next = func(ctx context.Context) (*football.RawEvent, error) {
		raw, err := next(ctx)
		if err == nil {
			*read++
		}
		return raw, err
	}
	return feed, read
}

// interrupted is a feed that fails once the other has come to its end.
func interrupted(other source.Feed) (ends, fails source.Feed) {
	over := make(chan struct{})
	next := other.Next
	ends = other
	ends.Next = func(ctx context.Context) (*football.RawEvent, error) {
		raw, err := next(ctx)
		if errors.Is(err, io.EOF) {
			close(over)
		}
		return raw, err
	}
	fails = source.Feed{Pool: "spain", Next: func(ctx context.Context) (*football.RawEvent, error) {
		<-over
		<-ctx.Done() // the other one keeps what it came to
		return nil, ctx.Err()
	}}
	return ends, fails
}

func TestABacktestGoesOnFromThePoolsThatWereFinished(t *testing.T) {
	want, err := backtest.Run(t.Context(), season(t, scores), whole, backtest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	digests, err := backtest.Digests(t.Context(), season(t, scores))
	if err != nil || len(digests) != 1 {
		t.Fatal(digests, err)
	}
	folder := filepath.Join(t.TempDir(), "kept")
	resume := &backtest.Resume{Folder: folder, Question: "a", Digests: append(digests, "of the other")}
	ctx, interrupt := context.WithCancel(t.Context())
	ends, fails := interrupted(season(t, scores)[0])
	said := func(feed int, _ football.Instant, _ int) {
		if files, _ := os.ReadDir(folder); feed == 0 && len(files) == 1 &&
			!strings.HasPrefix(files[0].Name(), "unfinished") {
			interrupt()
		}
	}
	if _, err := backtest.Run(ctx, []source.Feed{ends, fails}, whole,
		backtest.Config{Resume: resume, Progress: said}); err == nil {
		t.Fatal("it was not interrupted")
	}

	again := func(resume *backtest.Resume) (*backtest.Report, int) {
		feed, read := watched(season(t, scores)[0])
		report, err := backtest.Run(t.Context(), []source.Feed{feed}, whole, backtest.Config{Resume: resume})
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(report, want) {
			t.Errorf("got %+v, want %+v", report, want)
		}
		return report, *read
	}
	if _, read := again(resume); read != 0 {
		t.Errorf("%d events of a finished pool were read", read)
	}
	for _, other := range []*backtest.Resume{
		{Folder: folder, Question: "b", Digests: digests},
		{Folder: folder, Question: "a", Digests: []string{"other results"}},
	} {
		if _, read := again(other); read == 0 {
			t.Errorf("%+v was answered with what something else came to", other)
		}
	}
}

func TestWhatIsBrokenIsNotGoneOnFrom(t *testing.T) {
	resume := &backtest.Resume{Folder: t.TempDir(), Digests: []string{""}}
	run := func() error {
		_, err := backtest.Run(t.Context(), season(t, scores), whole, backtest.Config{Resume: resume})
		return err
	}
	if err := run(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(resume.Folder, "england-*.gob.gz"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 10, len(whole) / 2, len(whole) - 1} {
		if err := os.WriteFile(files[0], whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := run(); err == nil || !strings.Contains(err.Error(), "remove "+files[0]) {
			t.Errorf("%d of %d bytes: got error %v", n, len(whole), err)
		}
	}
}

func TestADigestIsOfTheContent(t *testing.T) {
	of := func(results func(int) (int, int)) string {
		digests, err := backtest.Digests(t.Context(), season(t, results))
		if err != nil {
			t.Fatal(err)
		}
		return digests[0]
	}
	other := func(n int) (int, int) {
		home, away := scores(n)
		if n == 29 {
			home++
		}
		return home, away
	}
	if first, again := of(scores), of(scores); first != again || first == of(other) {
		t.Error("a digest is not that of the results")
	}
}
