package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Headers of raw events, by which a collector finds where it was.
const (
	HeaderCollector = "collector"          // the collector's name
	HeaderSequence  = "collector-sequence" // the index of the event in its feed, from 0
	HeaderDigest    = "collector-digest"   // of the feed up to the event, which shows whether it has changed since
)

// Bounds of a payload: over maxPayload it is published as unreadable with its first headOf bytes.
const (
	maxPayload = 1 << 20
	headOf     = 64 << 10
	maxName    = 512 // bytes of an id
)

// Collector publishes the feeds of its sources to football.raw-events, one goroutine a pool.
type Collector struct {
	cfg       Config
	rawEvents string // the topic that it writes to, as it is called in Kafka
	ref       *football.Reference
	serde     *wire.Serde
	log       *slog.Logger
	metrics   *collectorMetrics
	sources   []Source
	ready     chan struct{}
	losses    atomic.Pointer[string] // what FileLosses returns; nil until the files were read
}

// NewCollector returns a collector, or what is wrong with the settings. The serde must have wire.RawEvent registered.
func NewCollector(cfg Config, ref *football.Reference, serde *wire.Serde, log *slog.Logger,
	registry prometheus.Registerer, sources ...Source) (*Collector, error) {
	cfg = cfg.withDefaults(sources)
	if err := cfg.validate(sources); err != nil {
		return nil, err
	}
	m, err := newCollectorMetrics(registry, cfg.Name)
	if err != nil {
		return nil, err
	}
	return &Collector{
		cfg: cfg, rawEvents: cfg.Names.Topic(wire.TopicRawEvents), ref: ref, serde: serde,
		log: log.With("collector", cfg.Name), metrics: m, sources: sources,
		ready: make(chan struct{}),
	}, nil
}

// Ready is closed when every feed has found where it was and publishes.
func (c *Collector) Ready() <-chan struct{} { return c.ready }

// Run publishes every feed to its end, or until ctx is done; both return nil. What was acknowledged stays so: started
// again it goes on where it was.
func (c *Collector) Run(ctx context.Context) error {
	feeds, err := c.openMergedFeeds(ctx)
	if reportErr := c.reportFiles(); err == nil {
		err = reportErr
	}
	if err != nil {
		return err
	}
	client, err := kgo.NewClient(append(append([]kgo.Opt{}, c.cfg.Client...),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(c.cfg.producerLinger()),
		kgo.MaxBufferedRecords(c.cfg.Buffered),
		kgo.ProducerBatchMaxBytes(2*maxPayload),
	)...)
	if err != nil {
		return fmt.Errorf("start the collector's Kafka client: %w", err)
	}
	defer client.Close()

	work, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// A stop is soft: what is buffered is still sent. After StopTimeout it is hard.
	hard, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	defer context.AfterFunc(work, func() { time.AfterFunc(c.cfg.StopTimeout, cut) })()
	var running, resuming sync.WaitGroup
	for _, feed := range feeds {
		p := &publisher{Collector: c, client: client, feed: feed, pacer: newPacer(c.cfg.Pace, feed.LiveFrom),
			hard: hard, fail: cancel}
		resuming.Add(1)
		running.Go(func() {
			if err := p.publishFeed(work, resuming.Done); err != nil {
				cancel(err)
			}
		})
	}
	running.Go(func() {
		resuming.Wait()
		if work.Err() == nil {
			close(c.ready)
		}
	})
	running.Wait()
	if err := client.Flush(hard); err != nil {
		c.log.Warn("stopped before all raw events were sent: they follow after the next start", "error", err)
	}
	if cause := context.Cause(work); cause != nil && ctx.Err() == nil {
		return cause
	}
	return nil
}

// reportFiles logs what the sources read of their files, and returns what --strict makes of it.
func (c *Collector) reportFiles() error {
	var errs []error
	var losses []string
	for _, s := range c.sources {
		if r, ok := s.(Reporter); ok {
			r.Reports().Log(c.log, s.Name())
			c.metrics.reportFiles(s.Name(), r.Reports())
			losses = append(losses, r.Reports().losses(s.Name())...)
			errs = append(errs, r.Reports().Check(1, c.cfg.Strict))
		}
	}
	text := strings.Join(losses, "\n")
	c.losses.Store(&text)
	return errors.Join(errs...)
}

// FileLosses returns how much of each source's files was read, as lines, with a line for each file that lost something.
// It is "" before the files were read, and for sources that read none.
func (c *Collector) FileLosses() string {
	if text := c.losses.Load(); text != nil {
		return *text
	}
	return ""
}

// openMergedFeeds opens all sources and merges the feeds of each pool.
func (c *Collector) openMergedFeeds(ctx context.Context) ([]Feed, error) {
	return joined(c.sources).Open(ctx)
}

// publisher publishes one feed.
type publisher struct {
	*Collector
	client *kgo.Client
	feed   Feed
	pacer  *pacer
	hard   context.Context // done when nothing must be waited for any more
	fail   context.CancelCauseFunc
	failed atomic.Bool
	digest feedDigest // of what was read of the feed
}

func (p *publisher) poolPartition() int32 { return p.ref.Partition(p.feed.Pool, p.cfg.Partitions) }

// publishFeed finds where the feed was and publishes the rest. It calls resumed once, also when it fails.
func (p *publisher) publishFeed(ctx context.Context, resumed func()) error {
	resumed = sync.OnceFunc(resumed)
	defer resumed()
	last, err := p.findLastPublished(ctx)
	if err != nil {
		return ignoreCancelled(ctx, err)
	}
	published, err := p.resumeAfter(ctx, last)
	if err != nil {
		return ignoreCancelled(ctx, err)
	}
	if err := p.openPool(ctx, last); err != nil {
		return ignoreCancelled(ctx, err)
	}
	resumed()
	var skipped *football.RawEvent // the event before, where the log has it
	for sequence := published.next; ; sequence++ {
		raw, err := p.nextEvent(ctx)
		if errors.Is(err, io.EOF) && skipped != nil {
			// Published again, the feed's last event marks how far it was published; normalize drops it as a duplicate.
			return ignoreCancelled(ctx, p.produceEvent(ctx, skipped, sequence-1))
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return ignoreCancelled(ctx, err)
		}
		if skipped = nil; published.contains(raw) {
			p.pacer.skipPublished(raw)
			skipped = raw
			continue
		}
		if err := p.pacer.waitUntilDue(ctx, raw); err != nil {
			return ignoreCancelled(ctx, err)
		}
		if err := p.produceEvent(ctx, raw, sequence); err != nil {
			return ignoreCancelled(ctx, err)
		}
	}
}

// nextEvent returns the next event as it is published, or io.EOF.
func (p *publisher) nextEvent(ctx context.Context) (*football.RawEvent, error) {
	raw, err := p.feed.Next(ctx)
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	if err != nil {
		return nil, fmt.Errorf("read the feed of pool %s: %w", p.feed.Pool, err)
	}
	cutOversized(raw)
	p.digest.chainEvent(raw)
	return raw, nil
}

// openPool publishes what the log of the pool begins with, where it has nothing of the pool.
func (p *publisher) openPool(ctx context.Context, last lastPublished) error {
	if p.cfg.Opening == nil || last.found || last.others {
		return nil
	}
	raw, err := p.cfg.Opening(ctx, p.feed.Pool)
	if err != nil {
		return fmt.Errorf("open the pool %s: %w", p.feed.Pool, err)
	}
	if raw == nil {
		return nil
	}
	return p.produceRecord(ctx, raw)
}

// produceEvent publishes an event of the feed, with its place in it.
func (p *publisher) produceEvent(ctx context.Context, raw *football.RawEvent, sequence int64) error {
	return p.produceRecord(ctx, raw,
		kgo.RecordHeader{Key: HeaderCollector, Value: []byte(p.cfg.Name)},
		kgo.RecordHeader{Key: HeaderSequence, Value: strconv.AppendInt(nil, sequence, 10)},
		kgo.RecordHeader{Key: HeaderDigest, Value: []byte(p.digest.String())},
	)
}

// produceRecord hands the event to the client, which keeps the order. It blocks when the buffer is full.
func (p *publisher) produceRecord(ctx context.Context, raw *football.RawEvent, headers ...kgo.RecordHeader) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	raw.FetchedAt = football.At(p.cfg.Now())
	frame, err := wire.Encode(p.serde, wire.RawEvent, raw)
	if err != nil {
		return fmt.Errorf("encode raw event %s of %s: %w", raw.SourceEventID, raw.Source, err)
	}
	record := &kgo.Record{
		Topic: p.rawEvents, Partition: p.poolPartition(), Key: []byte(raw.Pool), Value: frame, Headers: headers,
	}
	// The record outlives a stop: one that were taken out of the middle of the buffer would leave a hole in the feed.
	p.client.Produce(p.hard, record, func(_ *kgo.Record, err error) {
		if err != nil {
			p.metrics.failed.Inc()
			if !p.failed.Swap(true) {
				p.fail(fmt.Errorf("publish raw events of pool %s: %w", p.feed.Pool, err))
			}
			return
		}
		p.metrics.observe(raw, len(frame))
		if p.cfg.Progress != nil {
			p.cfg.Progress(raw)
		}
	})
	return nil
}

// cutOversized cuts off what is too large for the log: the payload, and names that a broken payload made too long.
func cutOversized(raw *football.RawEvent) {
	raw.SourceEventID, raw.SourceMatchID = publishable(raw.SourceEventID), publishable(raw.SourceMatchID)
	size := len(raw.Payload)
	if size <= maxPayload {
		return
	}
	head := raw.Payload[:headOf]
	for len(head) > 0 && !utf8.RuneStart(raw.Payload[len(head)]) {
		head = head[:len(head)-1]
	}
	raw.Payload, raw.Moment = head, football.MomentUnreadable
	raw.ContentType += "; oversized=" + strconv.Itoa(size)
}

// publishable returns an id as it can be published: valid UTF-8, and when it is longer than maxName its head with a
// hash of the whole, so that different ids stay different.
func publishable(id string) string {
	if len(id) <= maxName {
		return strings.ToValidUTF8(id, "\uFFFD")
	}
	digest := sha256.Sum256([]byte(id))
	return strings.ToValidUTF8(id[:maxName/2], "\uFFFD") + "~" + hex.EncodeToString(digest[:8])
}

// ignoreCancelled is nil when ctx was cancelled, for err then only repeats that.
func ignoreCancelled(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
