package cli

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// ProgressLine prints on one line how far long work on several partitions is. It is silent about short work.
type ProgressLine struct {
	out     io.Writer
	what    string
	started time.Time // of the first report

	mu     sync.Mutex
	done   map[int32]int64
	totals map[int32]int64
	said   time.Time
}

func NewProgressLine(out io.Writer, what string) *ProgressLine {
	return &ProgressLine{out: out, what: what, done: map[int32]int64{}, totals: map[int32]int64{}}
}

func (p *ProgressLine) Report(partition int32, done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done[partition], p.totals[partition] = done, total
	now := time.Now()
	if p.started.IsZero() {
		p.started = now
	}
	if now.Sub(p.started) < time.Second || now.Sub(p.said) < 500*time.Millisecond {
		return
	}
	p.said = now
	var sum, of int64
	for id, n := range p.done {
		sum, of = sum+n, of+p.totals[id]
	}
	fmt.Fprintf(p.out, "\r%s: %d of %d in %d partitions, %.0f a second", p.what, sum, of, len(p.done),
		float64(sum)/now.Sub(p.started).Seconds())
}

// End ends the line, where there is one.
func (p *ProgressLine) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.said.IsZero() {
		fmt.Fprintln(p.out)
	}
}
