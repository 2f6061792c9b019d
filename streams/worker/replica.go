package worker

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/infra/retry"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/internal/state"
)

// replica is the state of one partition, one table a stage, as of an offset in each stage's changelog. Reading the
// changelogs on from there brings it up to date. That makes a table that a session leaves behind as good a beginning as
// a copy that was kept warm.
type replica struct {
	tables  []*state.Table
	next    []int64        // by stage: the changelog offset to read on from
	reached []int64        // by stage: the input offset up to which the newest batch read so far applied the input
	topics  []kadm.TopicID // by stage: which changelog; a topic that was deleted and made again has another id
}

func newReplica(chain streams.Chain) *replica {
	return &replica{
		tables: chain.Tables(), next: make([]int64, len(chain)), reached: make([]int64, len(chain)),
		topics: make([]kadm.TopicID, len(chain)),
	}
}

// abortTables drops what a batch changed and did not commit.
func (r *replica) abortTables() {
	for _, t := range r.tables {
		t.Abort()
	}
}

// stateChange is what one changelog record says of the state: the new value of a key, nil where it was deleted.
type stateChange struct {
	key   string // "" when no value changes: the record only moves the position
	value any
}

// applyTo puts the change into a table.
func (c stateChange) applyTo(table *state.Table) {
	if c.key != "" {
		table.Load(c.key, c.value)
	}
}

// decodeChange decodes a record of the stage's changelog. It may ask the registry for a schema, which takes as long as
// the registry takes: no lock may be held meanwhile.
func (w *Worker) decodeChange(ctx context.Context, stage *streams.Stage, record *kgo.Record) (stateChange, error) {
	key := string(record.Key)
	switch {
	case key == positionKey:
		return stateChange{}, nil
	case record.Value == nil:
		return stateChange{key: key}, nil
	}
	codec, err := stage.StateCodec(key)
	if err != nil {
		return stateChange{}, err
	}
	value, err := w.serde.DecodeValue(ctx, codec, record.Value)
	if err != nil {
		return stateChange{}, fmt.Errorf("state %q of %s: %w", key, stage.Name, err)
	}
	return stateChange{key, value}, nil
}

// replicas are the copies of the partitions that a worker does not fold itself. Sessions take a copy when a partition
// comes and give it back when it goes; in between, standby keeps it warm.
type replicas struct {
	mu      sync.Mutex
	copies  map[int32]*replica
	taken   map[int32]bool // by the session
	changed chan struct{}  // closed at the next take or give
}

func newReplicas() *replicas {
	return &replicas{copies: map[int32]*replica{}, taken: map[int32]bool{}, changed: make(chan struct{})}
}

// takeCopy removes the partition's copy and returns it, or nil.
func (c *replicas) takeCopy(id int32) *replica {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.copies[id]
	delete(c.copies, id)
	c.taken[id] = true
	c.notifyChange()
	return r
}

// giveCopy keeps a copy of the partition.
func (c *replicas) giveCopy(id int32, r *replica) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.copies[id] = r
	delete(c.taken, id)
	c.notifyChange()
}

// dropCopies forgets all copies.
func (c *replicas) dropCopies() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.copies)
	c.notifyChange()
}

func (c *replicas) notifyChange() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// keepCopiesWarm keeps warm copies of the partitions that this worker does not fold, until ctx is done. A copy is a
// convenience: when it can't be kept, a takeover reads the changelog from the start.
func (w *Worker) keepCopiesWarm(ctx context.Context) {
	if w.cfg.NoStandby || !w.chain.Stateful() {
		return
	}
	select { // the first assignment says which partitions are others'
	case <-ctx.Done():
		return
	case <-w.ready:
	}
	retry.Run(ctx, w.followChangelogs, func(err error, wait time.Duration) {
		w.log.Warn("warm copies fall behind, trying again", "error", err, "wait", wait)
	})
}

// followChangelogs reads the changelogs of all copies until one is taken or given, and then begins anew. Each set of
// copies gets a client of its own, so that nothing that is still buffered for an earlier copy reaches a later one.
func (w *Worker) followChangelogs(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := w.followCopies(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (w *Worker) followCopies(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	reader, err := w.openReader()
	if err != nil {
		return err
	}
	defer reader.Close()
	ids, err := w.changelogIDs(ctx, reader)
	if err != nil {
		return err
	}
	copies, changed := w.copies.standbyCopies(w, ids)
	from := kafkalog.Offsets{}
	for i, stage := range w.chain {
		if !stage.Stateful() {
			continue
		}
		from[stage.Changelog()] = map[int32]int64{}
		for id, r := range copies {
			from[stage.Changelog()][id] = r.next[i]
		}
	}
	go func() {
		select {
		case <-changed:
		case <-ctx.Done():
		}
		cancel()
	}()
	return reader.Follow(ctx, from, func(fetches kgo.Fetches) error { return w.applyFetched(ctx, copies, fetches) })
}

// standbyCopies returns the copies that standby keeps, making an empty one for each partition that nobody here folds,
// and a channel that is closed when the set changes.
func (c *replicas) standbyCopies(w *Worker, ids []kadm.TopicID) (map[int32]*replica, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	copies := map[int32]*replica{}
	for id := range w.cfg.Partitions {
		if c.taken[id] {
			continue
		}
		if c.copies[id] == nil || !c.copies[id].isOf(ids) {
			c.copies[id] = newReplica(w.chain)
			copy(c.copies[id].topics, ids)
		}
		copies[id] = c.copies[id]
	}
	return copies, c.changed
}

// isOf reports whether the copy is one of these changelogs.
func (r *replica) isOf(ids []kadm.TopicID) bool {
	for i := range r.topics {
		if r.topics[i] != ids[i] {
			return false
		}
	}
	return true
}

// fetchedChange is a changelog record that was fetched for a warm copy.
type fetchedChange struct {
	stage     int // in the chain
	partition int32
	next      int64 // the changelog offset after it
	reached   int64 // the input offset up to which its batch applied the input; 0 for a marker
	change    stateChange
}

// applyFetched decodes fetched records and applies them to the copies that are still here. Decoding comes first and
// without the lock: a revoke waits for the lock, and must not wait for a registry.
func (w *Worker) applyFetched(ctx context.Context, copies map[int32]*replica, fetches kgo.Fetches) error {
	changes, err := w.decodeFetched(ctx, copies, fetches)
	if err != nil {
		return err
	}
	w.copies.mu.Lock()
	defer w.copies.mu.Unlock()
	for _, c := range changes {
		r := copies[c.partition]
		if r != w.copies.copies[c.partition] || c.next <= r.next[c.stage] {
			continue // a session has the copy now, or brought it further before it gave it back
		}
		r.next[c.stage] = c.next
		r.reached[c.stage] = max(r.reached[c.stage], c.reached)
		c.change.applyTo(r.tables[c.stage])
		w.metrics.followed.WithLabelValues(w.chain[c.stage].Name).Inc()
	}
	return nil
}

func (w *Worker) decodeFetched(
	ctx context.Context, copies map[int32]*replica, fetches kgo.Fetches,
) ([]fetchedChange, error) {
	changes := make([]fetchedChange, 0, fetches.NumRecords())
	for record := range fetches.RecordsAll() {
		i := slices.IndexFunc(w.chain, func(s *streams.Stage) bool { return s.Changelog() == record.Topic })
		if i < 0 || copies[record.Partition] == nil {
			continue
		}
		c := fetchedChange{stage: i, partition: record.Partition, next: record.Offset + 1}
		if !record.Attrs.IsControl() {
			var err error
			if _, c.reached, err = inputOffset(record); err != nil {
				return nil, fmt.Errorf("changelog record %s: %w", kafkalog.AddressOf(record), err)
			}
			if c.change, err = w.decodeChange(ctx, w.chain[i], record); err != nil {
				return nil, err
			}
		}
		changes = append(changes, c)
	}
	return changes, nil
}

// openReader opens a reader of changelogs and outputs.
func (w *Worker) openReader() (*kafkalog.Reader, error) {
	return kafkalog.Open(w.cfg.Client, kgo.FetchMaxBytes(16<<20))
}

// changelogIDs returns the topic id of each stage's changelog; zero for a stage without one.
func (w *Worker) changelogIDs(ctx context.Context, reader *kafkalog.Reader) ([]kadm.TopicID, error) {
	ids := make([]kadm.TopicID, len(w.chain))
	for i, stage := range w.chain {
		if !stage.Stateful() {
			continue
		}
		var err error
		if ids[i], err = reader.TopicID(ctx, stage.Changelog()); err != nil {
			return nil, err
		}
	}
	return ids, nil
}
