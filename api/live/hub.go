package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Config holds the feed's settings. Zero values mean the defaults.
type Config struct {
	// CursorKey signs cursors. Instances that share it take each other's cursors. Default: a key of this process, so a
	// client that comes back after a restart gets a new image.
	CursorKey []byte
	// Versions says which version of the line's topics is current. Default: the first.
	Versions func() wire.Versions
	// Keep is how long, in stream time, a match stays current after it was settled. Default 72 h. Longer images are bigger.
	Keep time.Duration
	// Ring is how many recent records of each partition are held for those who come back. Default 512. Less sends more of
	// them to the log.
	Ring int
	// Queue is how many frames may wait for a connection before it is conflated. Default 256; at four times as many it is
	// closed.
	Queue int
	// Connections is the most connections. Default 10,000; at about 40 KiB each.
	Connections int
	// Subscriptions is the most subscriptions of a connection. Default 64.
	Subscriptions int
	// Heartbeat is how long a connection is silent before it gets a frame that only carries a cursor. Default 15 s.
	Heartbeat time.Duration
	// WriteTimeout is how long one frame may take to be written. Default 10 s. Then the reader counts as gone.
	WriteTimeout time.Duration
	// Replays is how many resumptions may read the log at the same time. Default 8; others wait.
	Replays int
	// Origins are the origins of pages that may open a websocket. Default: the server's own; "*" is any.
	Origins []string
	// OnForecast is told every forecast of the tail. It must not block.
	OnForecast func(position wire.Position, match football.MatchID, model string, frame []byte)
}

func (c Config) withDefaults() Config {
	c.Keep = cmp.Or(c.Keep, 72*time.Hour)
	c.Ring = cmp.Or(c.Ring, 512)
	c.Queue = cmp.Or(c.Queue, 256)
	c.Connections = cmp.Or(c.Connections, 10_000)
	c.Subscriptions = cmp.Or(c.Subscriptions, 64)
	c.Heartbeat = cmp.Or(c.Heartbeat, 15*time.Second)
	c.WriteTimeout = cmp.Or(c.WriteTimeout, 10*time.Second)
	c.Replays = cmp.Or(c.Replays, 8)
	return c
}

var topicNames = [topicCount]string{wire.TopicPredictions, wire.TopicMatchEvents}

// named returns what the feed's topics are called in Kafka now.
func (h *Hub) named() [topicCount]string {
	names := topicNames
	if h.cfg.Versions != nil {
		for t, name := range names {
			names[t] = h.cfg.Versions().Topic(name)
		}
	}
	return names
}

// Hub tails the log for all connections of this process.
type Hub struct {
	cfg       Config
	kafka     []kgo.Opt
	serde     *wire.Serde
	store     *readmodel.Store
	reference *football.Reference
	logger    *slog.Logger
	metrics   *metrics
	cursors   cursors
	quiet     time.Duration // how long a poll waits for news; three times that, and the topics are looked at
	replays   chan struct{}
	ready     chan struct{}
	readyOnce sync.Once

	mu       sync.Mutex
	loaded   bool
	names    [topicCount]string // of the topics that are followed
	ids      topicIDs
	epoch    int64 // of predictions, as the tables count
	next     positions
	behind   positions // last stable offsets as of the last fetch
	heard    time.Time // when the broker last answered
	matches  map[football.MatchID]*match
	over     map[int32][]settled // by partition of predictions, oldest first
	rings    [topicCount][]*ring
	index    *index
	feeds    sync.WaitGroup // the connections in outboxes
	outboxes map[*outbox]bool
	stopping bool
}

// match is what the hub knows of a match: the latest forecast of each model. A forecast that is no longer held has no
// value, only its place in the log.
type match struct {
	competition football.CompetitionID
	home, away  football.TeamID
	models      map[string]*record
	held        bool
}

type settled struct {
	match football.MatchID
	at    football.Instant
}

// NewHub returns a hub that connects with the Kafka options. The store gives it what is current at the start.
func NewHub(cfg Config, kafka []kgo.Opt, serde *wire.Serde, store *readmodel.Store, reference *football.Reference, logger *slog.Logger,
	registerer prometheus.Registerer) (*Hub, error) {
	cursors, err := newCursors(cfg.CursorKey)
	if err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	h := &Hub{cfg: cfg, kafka: kafka, serde: serde, store: store, reference: reference, logger: logger, cursors: cursors, quiet: 5 * time.Second,
		replays: make(chan struct{}, cfg.Replays), ready: make(chan struct{}), outboxes: map[*outbox]bool{}, index: newIndex()}
	if h.metrics, err = newMetrics(registerer, h); err != nil {
		return nil, fmt.Errorf("live: %w", err)
	}
	return h, nil
}

// Ready closes once the hub tails the log.
func (h *Hub) Ready() <-chan struct{} { return h.ready }

// Healthy says what keeps the hub from being up to date, if anything.
func (h *Hub) Healthy(context.Context) error {
	switch status := h.health(); status {
	case healthLive, healthCatchingUp:
		return nil
	default:
		return fmt.Errorf("live feed: %s", status)
	}
}

// The states of the feed, as every frame says them.
const (
	healthLive       = "live"        // all that is committed was applied
	healthCatchingUp = "catching-up" // there is more in the log
	healthStale      = "stale"       // the log has not answered for a while, or not yet
)

func (h *Hub) health() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.loaded || time.Since(h.heard) > 30*time.Second {
		return healthStale
	}
	if h.lag() > 0 {
		return healthCatchingUp
	}
	return healthLive
}

// lag is how many offsets were committed and not applied, as of the last fetch.
func (h *Hub) lag() int64 {
	var lag int64
	for t := range h.next {
		for p, next := range h.next[t] {
			lag += max(0, h.behind[t][p]-next)
		}
	}
	return lag
}

// Run tails the log until ctx is done, then ends the connections. It returns nil then.
func (h *Hub) Run(ctx context.Context) error {
	wait := 50 * time.Millisecond
	for {
		began := time.Now()
		err := h.session(ctx)
		if ctx.Err() != nil {
			break
		}
		if time.Since(began) > 10*time.Second {
			wait = 50 * time.Millisecond
		}
		h.logger.Warn("live feed starts again", "cause", err)
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		wait = min(2*wait, 5*time.Second)
	}
	h.mu.Lock()
	h.stopping = true
	h.endAll(CloseGoingAway, "the server stops; connect again and resume from your last cursor")
	h.mu.Unlock()
	ended := make(chan struct{})
	go func() { h.feeds.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(2 * closeWait): // clients that neither read nor answer
	}
	return nil
}

func (h *Hub) session(ctx context.Context) error {
	client, err := kgo.NewClient(append(append([]kgo.Opt{}, h.kafka...),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(), kgo.FetchMaxWait(time.Second),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		return fmt.Errorf("make Kafka client: %w", err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	names := h.named()
	ids, counts, err := topics(ctx, admin, names)
	if err != nil {
		return err
	}
	if err := h.load(ctx, admin, names, ids, counts); err != nil {
		return err
	}
	starts := map[string]map[int32]kgo.Offset{}
	h.mu.Lock()
	for t, name := range names {
		starts[name] = map[int32]kgo.Offset{}
		for p, next := range h.next[t] {
			starts[name][int32(p)] = kgo.NewOffset().At(next)
		}
	}
	h.mu.Unlock()
	client.AddConsumePartitions(starts)
	h.readyOnce.Do(func() { close(h.ready) })
	return h.tail(ctx, client, admin, names, ids)
}

// tail applies what is committed, and looks now and then whether the topics are still the same ones.
func (h *Hub) tail(ctx context.Context, client *kgo.Client, admin *kadm.Client, names [topicCount]string, ids topicIDs) error {
	looked := time.Now()
	for {
		poll, stop := context.WithTimeout(ctx, h.quiet)
		fetches := client.PollRecords(poll, 10_000)
		stop()
		if ctx.Err() != nil {
			return nil
		}
		var failed error
		fetches.EachError(func(topic string, partition int32, err error) {
			if !errors.Is(err, context.DeadlineExceeded) {
				failed = errors.Join(failed, fmt.Errorf("fetch %s/%d: %w", topic, partition, err))
			}
		})
		if time.Since(looked) > 3*h.quiet || failed != nil {
			looked = time.Now()
			now, _, err := topics(ctx, admin, names)
			if err == nil && (now != ids || h.named() != names) {
				return errors.New("a topic was made anew, or the line was switched to another version")
			}
			failed = errors.Join(failed, err)
			if failed == nil {
				h.mu.Lock()
				h.heard = time.Now()
				h.mu.Unlock()
			}
		}
		if failed != nil {
			return failed
		}
		if err := h.take(ctx, names, fetches); err != nil {
			return err
		}
	}
}

// take decodes a poll and applies it, some records at a time so that nobody waits long for the mutex.
func (h *Hub) take(ctx context.Context, names [topicCount]string, fetches kgo.Fetches) error {
	var failed error
	fetches.EachPartition(func(fetched kgo.FetchTopicPartition) {
		topic := slices.Index(names[:], fetched.Topic)
		if topic < 0 {
			return // not a fetch but what kgo says about the poll: that it timed out
		}
		for chunk := range slices.Chunk(fetched.Records, 256) {
			records := make([]*record, 0, len(chunk))
			for _, r := range chunk {
				rec, err := read(ctx, h.serde, topic, r)
				var undecodable *wire.UndecodableError
				if err != nil && !errors.As(err, &undecodable) {
					failed = err // the registry can't be asked: begin again from where we are
					return
				}
				if err != nil {
					h.logger.Warn("record of the feed left out", "topic", r.Topic, "partition", r.Partition, "offset", r.Offset, "cause", err)
				}
				records = append(records, rec)
			}
			h.applyAll(records)
		}
		h.mu.Lock()
		h.behind[topic][fetched.Partition] = fetched.LastStableOffset
		h.heard = time.Now()
		h.mu.Unlock()
	})
	return failed
}

func (h *Hub) applyAll(records []*record) {
	h.mu.Lock()
	epoch := h.epoch
	for _, r := range records {
		h.apply(r)
	}
	h.mu.Unlock()
	h.metrics.records.Add(float64(len(records)))
	if h.cfg.OnForecast == nil {
		return
	}
	for _, r := range records {
		if r.value != nil {
			h.cfg.OnForecast(wire.Position{Epoch: epoch, Partition: r.partition, Offset: r.offset}, r.match, r.model, r.value)
		}
	}
}

// apply is the one place where the hub's state moves. The caller holds the mutex.
func (h *Hub) apply(r *record) {
	if r.offset < h.next[r.topic][r.partition] {
		return // delivered twice
	}
	h.next[r.topic][r.partition] = r.offset + 1
	if r.value != nil {
		h.hold(r)
	}
	if r.control {
		return
	}
	h.rings[r.topic][r.partition].add(r, h.cfg.Ring)
	var at positions
	h.index.each(r, func(s *subscription) {
		if at[r.topic] == nil {
			at = h.next.clone()
		}
		m := &message{sub: s, rec: r, at: at}
		if s.from[r.topic] != nil { // this hub is behind the cursor that it came with
			m.at, m.own = latest(at, s.from), true
			if covers(at, s.from) {
				s.from = positions{}
			}
		}
		s.out.push(m)
	})
}

// hold makes a forecast the latest of its match and model, and lets go of matches that have been over for long.
func (h *Hub) hold(r *record) {
	m := h.matches[r.match]
	if m == nil {
		m = &match{competition: r.competition, home: r.home, away: r.away, models: map[string]*record{}}
		h.matches[r.match] = m
	}
	if old := m.models[r.model]; old != nil && r.sequence < old.sequence {
		return // an older forecast, said again
	}
	m.models[r.model] = r
	m.held = true
	if r.phase == football.Settled {
		h.over[r.partition] = append(h.over[r.partition], settled{r.match, r.at})
	}
	horizon := r.at.Add(-h.cfg.Keep)
	for over := h.over[r.partition]; len(over) > 0 && over[0].at < horizon; over = h.over[r.partition] {
		h.release(over[0].match, horizon)
		h.over[r.partition] = over[1:]
	}
}

// release keeps of a match that is over only where its forecasts are in the log.
func (h *Hub) release(id football.MatchID, horizon football.Instant) {
	m := h.matches[id]
	if m == nil || !m.held {
		return
	}
	for _, r := range m.models {
		if r.phase != football.Settled || r.at >= horizon {
			return // it went on, or was corrected lately; its turn comes again
		}
	}
	for model, r := range m.models {
		m.models[model] = &record{topic: predictions, partition: r.partition, offset: r.offset, match: id, model: model, sequence: r.sequence,
			phase: r.phase, at: r.at, competition: r.competition, season: r.season, home: r.home, away: r.away}
	}
	m.held = false
}

// load begins anew: from the tables when they are of these topics, else from the start of the log. Connections that hold
// cursors of other topics are ended.
func (h *Hub) load(ctx context.Context, admin *kadm.Client, names [topicCount]string, ids topicIDs, counts [topicCount]int) error {
	snap, err := h.snapshot(ctx)
	if err != nil {
		return err
	}
	ends, err := admin.ListEndOffsets(ctx, names[:]...)
	if err != nil {
		return fmt.Errorf("ask for the ends of the topics: %w", err)
	}
	var next, behind positions
	usable := [topicCount]bool{}
	for t, name := range topicNames {
		next[t], behind[t] = make([]int64, counts[t]), make([]int64, counts[t])
		state, ok := snap.Topics[name]
		usable[t] = ok && state.ID == ids[t]
		for p := range next[t] {
			end, _ := ends.Lookup(names[t], int32(p))
			behind[t][p] = end.Offset
			if usable[t] && state.Next[int32(p)] > end.Offset {
				usable[t] = false
			}
		}
		for p := range next[t] {
			if usable[t] {
				next[t][p] = state.Next[int32(p)]
			}
		}
	}
	var current []*record
	if usable[predictions] {
		for _, f := range snap.Forecasts {
			r, err := read(ctx, h.serde, predictions, &kgo.Record{Topic: wire.TopicPredictions, Partition: f.Position.Partition,
				Offset: f.Position.Offset, Value: f.Frame})
			if err != nil {
				return fmt.Errorf("read the current forecasts: %w", err)
			}
			current = append(current, r)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.loaded && h.ids == ids {
		return nil // the connection to the log was lost, not the log: go on where we are
	}
	if h.loaded {
		h.endAll(CloseRebuilt, "the log was rebuilt; connect again without a cursor")
	}
	h.names, h.ids, h.next, h.behind, h.heard, h.loaded = names, ids, next, behind, time.Now(), true
	h.epoch = 1
	if state, ok := snap.Topics[wire.TopicPredictions]; ok {
		h.epoch = state.Epoch
		if state.ID != ids[predictions] {
			h.epoch++ // what the projector will count, once it sees this topic
		}
	}
	h.matches, h.over = map[football.MatchID]*match{}, map[int32][]settled{}
	for t := range h.rings {
		h.rings[t] = make([]*ring, counts[t])
		for p := range h.rings[t] {
			h.rings[t][p] = &ring{from: next[t][p]}
		}
	}
	slices.SortFunc(current, func(a, b *record) int { return cmp.Compare(a.at, b.at) })
	for _, r := range current {
		h.hold(r)
	}
	h.logger.Info("live feed begins", "current", len(current), "behind", h.lag())
	return nil
}

// snapshot asks the tables what is current. Tables that are not there yet say that nothing is.
func (h *Hub) snapshot(ctx context.Context) (*readmodel.Snapshot, error) {
	if h.store == nil {
		return &readmodel.Snapshot{}, nil
	}
	snap, err := h.store.Snapshot(ctx, h.cfg.Keep, wire.TopicPredictions)
	if readmodel.NoTables(err) {
		return &readmodel.Snapshot{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("ask the tables what is current: %w", err)
	}
	return snap, nil
}

func (h *Hub) endAll(code int, reason string) {
	for out := range h.outboxes {
		out.end(code, reason)
	}
}

func (h *Hub) cursor(at positions) string {
	h.mu.Lock()
	ids := h.ids
	h.mu.Unlock()
	return h.cursors.format(ids, at)
}

// topics asks for the ids and the numbers of partitions of the feed's topics.
func topics(ctx context.Context, admin *kadm.Client, names [topicCount]string) (topicIDs, [topicCount]int, error) {
	var ids topicIDs
	var counts [topicCount]int
	details, err := admin.ListTopics(ctx, names[:]...)
	if err != nil {
		return ids, counts, fmt.Errorf("ask for the ids of the topics: %w", err)
	}
	for t, name := range names {
		if err := details[name].Err; err != nil {
			return ids, counts, fmt.Errorf("ask for the id of %s: %w", name, err)
		}
		ids[t], counts[t] = details[name].ID, len(details[name].Partitions)
	}
	return ids, counts, nil
}

// latest is the later of both in each partition.
func latest(a, b positions) positions {
	out := a.clone()
	for t := range out {
		for p := range b[t] {
			out[t][p] = max(out[t][p], b[t][p])
		}
	}
	return out
}

// covers reports whether a is nowhere before b.
func covers(a, b positions) bool {
	for t := range b {
		for p := range b[t] {
			if a[t][p] < b[t][p] {
				return false
			}
		}
	}
	return true
}
