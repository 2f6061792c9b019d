package study

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
)

// screen is a terminal that keeps what is written to it.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}
func (s *screen) ReadFrom(r io.Reader) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.ReadFrom(r)
}
func (s *screen) IsTerminal() bool               { return true }
func (s *screen) GetTermSize() (int, int, error) { return 100, 20, nil }
func (s *screen) Flush(int) error                { return nil }
func (s *screen) shows() string                  { s.mu.Lock(); defer s.mu.Unlock(); return s.text.String() }

func TestAWalkShowsHowFarItIs(t *testing.T) {
	begin := football.At(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))
	day := func(n int) football.Instant { return begin.Add(time.Duration(n) * 24 * time.Hour) }
	feeds := []source.Feed{{Pool: "england", Until: day(100)}, {Pool: "spain", Until: day(50)}}

	var out bytes.Buffer
	w := newWalk(&out, feeds)
	w.reportProgress(0, day(0), 10)
	w.reportProgress(0, day(50), 10)
	w.reportProgress(1, day(0), 0)
	w.reportProgress(1, day(50), 20)
	if got := w.progressText(30 * time.Second); got != "40 events folded, 1 a second, 75 % done, 10s left" {
		t.Errorf("got %q", got)
	}
	w.endWalk()
	if got := out.String(); !strings.HasPrefix(got, "40 events folded in ") || strings.Contains(got, "\r") {
		t.Errorf("where there is no terminal: %q", got)
	}
	if got := newWalk(&out,
		[]source.Feed{{Pool: "endless"}}).progressText(time.Second); got != "0 events folded, 0 a second" {
		t.Errorf("a feed without end: %q", got)
	}

	terminal := &screen{}
	w = newWalk(io.Discard, feeds)
	w.drawProgress(terminal)
	w.reportProgress(0, day(0), 10)
	w.reportProgress(0, day(60), 10)
	w.reportProgress(1, day(0), 10)
	w.reportProgress(1, day(50), 10)
	w.endWalk()
	for _, words := range []string{"england 2020-03-01", "60 %", "spain", "2020-02-20", "done"} {
		if !strings.Contains(terminal.shows(), words) {
			t.Errorf("the terminal lacks %q:\n%s", words, terminal.shows())
		}
	}
}
