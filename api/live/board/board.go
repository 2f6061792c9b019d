package board

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/touchline/touchline/api/live/frame"
	"github.com/touchline/touchline/api/live/record"
	"github.com/touchline/touchline/schemas/football"
)

// Config holds the board's settings. All are required.
type Config struct {
	// Keep is how long, in stream time, a match stays current after it was settled.
	Keep time.Duration
	// Ring is how many recent records of each partition are kept for those who come back.
	Ring int
	// OnRebuilt is called when the log that was followed has been replaced by another, before a record of the new one
	// is applied. It must end all connections. It is called with the board locked, so it must not call the board.
	OnRebuilt func()
}

// Board is what is current and who wants to know. It is safe for concurrent use.
type Board struct {
	cfg Config

	// What every frame carries is published here, so that rendering takes no lock.
	loaded   atomic.Bool
	answered atomic.Int64 // when the log last answered, in nanoseconds
	lag      atomic.Int64 // committed offsets that are not applied, as of the last fetch

	mu      sync.Mutex // guards what follows
	at      record.Positions
	ends    [record.TopicCount][]int64 // last stable offsets as of the last fetch
	epoch   int64                      // of predictions, as the tables count
	matches map[football.MatchID]*match
	settled map[int32][]settledMatch // by partition of predictions, oldest first
	rings   [record.TopicCount][]*ring
	index   *index
}

// New returns a board that is empty until it is loaded.
func New(cfg Config) *Board { return &Board{cfg: cfg, index: newIndex()} }

// Start is the state from which a board follows a log.
type Start struct {
	At      record.Positions
	Ends    [record.TopicCount][]int64 // last stable offsets
	Epoch   int64                      // of predictions, as the tables count
	Current []*record.Record           // forecasts that are current at At
}

// Load begins anew from a start, unless the board follows that log already: then the connection to the log was lost,
// not the log, and it goes on from where it is. It returns where that is, and whether it began anew.
func (b *Board) Load(start Start) (at record.Positions, begun bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.loaded.Load() {
		if b.at.Log.IDs == start.At.Log.IDs {
			return b.at.Clone(), false
		}
		b.cfg.OnRebuilt()
	}
	b.at, b.ends, b.epoch = start.At.Clone(), start.Ends, start.Epoch
	b.matches, b.settled = map[football.MatchID]*match{}, map[int32][]settledMatch{}
	for t, offsets := range b.at.Next {
		b.rings[t] = make([]*ring, len(offsets))
		for p, next := range offsets {
			b.rings[t][p] = &ring{from: next}
		}
	}
	current := slices.Clone(start.Current)
	slices.SortFunc(current, func(a, b *record.Record) int { return cmp.Compare(a.At, b.At) })
	for _, r := range current {
		b.keepForecast(r)
	}
	b.publishLag()
	b.NoteAnswer()
	b.loaded.Store(true)
	return b.at.Clone(), true
}

// ApplyRecords moves the board over records of one partition, in order, and returns the epoch of their topic. A record
// that was applied before changes nothing.
func (b *Board) ApplyRecords(records []*record.Record) (epoch int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range records {
		b.applyRecord(r)
	}
	b.publishLag()
	return b.epoch
}

// applyRecord is the one place where the board moves. The caller has locked it.
func (b *Board) applyRecord(r *record.Record) {
	if b.at.CoversRecord(r) {
		return // delivered twice
	}
	b.at.PassRecord(r)
	if r.Value != nil {
		b.keepForecast(r)
	}
	if r.Control {
		return
	}
	b.rings[r.Topic][r.Partition].appendRecord(r, b.cfg.Ring)
	var at record.Positions // made once the first subscription wants the record
	var delta *frame.Delta
	b.index.eachInterested(r, func(s *Subscription) {
		if delta == nil {
			at, delta = b.at.Clone(), &frame.Delta{Record: r}
		}
		m := &frame.Message{Stream: &s.Stream, Delta: delta, At: at}
		if !s.covered.IsZero() { // this board is behind the cursor that the subscription came with
			m.At, m.OwnCursor = record.LaterOf(at, s.covered), true
			if at.Covers(s.covered) {
				s.covered = record.Positions{}
			}
		}
		s.Outbox.PushMessage(m)
	})
}

// NoteEnd takes the last stable offset of a partition, which a fetch brought.
func (b *Board) NoteEnd(topic record.Topic, partition int32, lastStable int64) {
	b.mu.Lock()
	b.ends[topic][partition] = lastStable
	b.publishLag()
	b.mu.Unlock()
	b.NoteAnswer()
}

// Positions returns how far the log was applied. They are zero before Load.
func (b *Board) Positions() record.Positions {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.at.Clone()
}

// publishLag counts the offsets that were committed and not applied. The caller has locked the board.
func (b *Board) publishLag() {
	var lag int64
	for t, offsets := range b.at.Next {
		for p, next := range offsets {
			lag += max(0, b.ends[t][p]-next)
		}
	}
	b.lag.Store(lag)
}
