package study

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/cupwriter"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
)

// walk tells how far a walk through history is: a bar for each pool on a terminal, elsewhere a line now and then. How
// much is done is measured in the time of the feeds, which have about as many events in each season.
type walk struct {
	out     io.Writer
	feeds   []source.Feed
	bars    []*mpb.Bar // none where out is no terminal
	screen  *mpb.Progress
	started time.Time

	mu        sync.Mutex
	first, at []football.Instant // of each feed: where it began, and how far it is
	events    int
	said      time.Time
}

// lines is how long there is nothing new to read where there are no bars.
const lines = 5 * time.Second

func newWalk(out io.Writer, feeds []source.Feed) *walk {
	w := &walk{out: out, feeds: feeds, first: make([]football.Instant, len(feeds)),
		at: make([]football.Instant, len(feeds)), started: time.Now()}
	w.said = w.started
	if terminal := cupwriter.New(out, false); terminal.IsTerminal() {
		w.drawProgress(terminal)
	}
	return w
}

// drawProgress puts a bar for each feed on the terminal.
func (w *walk) drawProgress(terminal mpb.ConsoleWriter) {
	w.screen = mpb.New(mpb.WithConsoleWriter(terminal))
	for i, feed := range w.feeds {
		date := func(decor.Statistics) string { return w.reachedDate(i) }
		w.bars = append(w.bars, w.screen.AddBar(0,
			mpb.PrependDecorators(decor.Name(string(feed.Pool), decor.WCSyncSpaceR),
				decor.Any(date, decor.WCSyncSpaceR)),
			mpb.AppendDecorators(decor.Percentage(decor.WCSyncSpace),
				decor.OnComplete(decor.AverageETA(decor.ET_STYLE_GO, decor.WCSyncSpace), "done"))))
	}
}

// reportProgress is the source.Progress of the walk.
func (w *walk) reportProgress(feed int, at football.Instant, events int) {
	w.mu.Lock()
	if w.first[feed] == 0 {
		w.first[feed] = at
	}
	w.at[feed] = at
	w.events += events
	first, until := w.first[feed], w.feeds[feed].Until
	say := w.bars == nil && time.Since(w.said) > lines
	if say {
		w.said = time.Now()
		fmt.Fprintln(w.out, w.progressText(w.said.Sub(w.started)))
	}
	w.mu.Unlock()
	if w.bars == nil || until == 0 {
		return
	}
	bar := w.bars[feed] // outside of the lock: drawing asks for the date
	bar.SetTotal(formatHours(first, until), false)
	bar.SetCurrent(formatHours(first, at))
	if at >= until {
		bar.SetTotal(-1, true)
	}
}

// formatHours is the unit of the bars: in a finer one the library's estimate of the time left comes to nothing.
func formatHours(from, until football.Instant) int64 { return int64(until.Sub(from).Hours()) }

func (w *walk) reachedDate(feed int) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.at[feed] == 0 {
		return ""
	}
	return w.at[feed].Time().Format(time.DateOnly)
}

// progressText says how far all feeds are together.
func (w *walk) progressText(elapsed time.Duration) string {
	text := fmt.Sprintf("%d events folded, %.0f a second", w.events, float64(w.events)/elapsed.Seconds())
	done := 0.0
	for i, feed := range w.feeds {
		if feed.Until == 0 {
			return text // nobody knows how much is left
		}
		if w.at[i] != 0 {
			done += formatShare(w.first[i], w.at[i], feed.Until) / float64(len(w.feeds))
		}
	}
	if done == 0 {
		return text
	}
	left := time.Duration(float64(elapsed) * (1 - done) / done)
	return fmt.Sprintf("%s, %.0f %% done, %s left", text, 100*done, left.Round(time.Second))
}

func formatShare(first, at, until football.Instant) float64 {
	if at >= until {
		return 1
	}
	return float64(at-first) / float64(until-first)
}

// endWalk ends the bars and says how much was folded.
func (w *walk) endWalk() {
	w.closeWalk()
	fmt.Fprintf(w.out, "%d events folded in %.1f s\n", w.events, time.Since(w.started).Seconds())
}

// closeWalk gives the terminal back. It may be called twice.
func (w *walk) closeWalk() {
	if w.bars == nil {
		return
	}
	for _, bar := range w.bars {
		bar.Abort(false) // which those that are complete don't hear
	}
	w.screen.Wait()
	w.bars = nil
}
