package quarantine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/catalogue"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/line/linetest"
	"github.com/touchline/touchline/streams/quarantine"
)

// refusing is a broker with raw events some of which normalize refuses.
type refusing struct {
	*linetest.Broker
	t         *testing.T
	partition int32 // of the pool that is looked at
}

// misspelt is thirty rows of results, three days apart, in which the home side of two is "Arsnal": that of the third
// row, and that of the last but two.
func misspelt(t *testing.T) []*football.RawEvent {
	t.Helper()
	teams := []string{"Arsenal", "Chelsea", "Everton", "Liverpool", "Man City", "Man United"}
	var text strings.Builder
	text.WriteString("Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,HTHG,HTAG,AvgH,AvgD,AvgA,AvgCH,AvgCD,AvgCA\n")
	day := time.Date(2020, 9, 12, 0, 0, 0, 0, time.UTC)
	for n := range 30 {
		home, away := teams[n/5], teams[(n/5+1+n%5)%6]
		if n == 2 || n == 27 {
			home = "Arsnal"
		}
		fmt.Fprintf(&text, "E0,%s,%s,%s,%d,%d,0,0,2.1,3.4,3.6,2.0,3.5,3.8\n",
			day.AddDate(0, 0, 3*n).Format(time.DateOnly), home, away, n%4, n%3)
	}
	path := filepath.Join(t.TempDir(), "E0_2021.csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return linetest.Rows(t, path)
}

// normalize runs normalize until it has read all raw events.
func (w *refusing) normalize(ref *football.Reference) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(linetest.Deadline(w.t))
	defer cancel()
	chains, err := line.Chains(line.Separate, ref, predict.BuiltInRegistry(), wire.Namespace{},
		"normalize")
	if err != nil {
		w.t.Fatal(err)
	}
	w.Prepare(w.t, chains...)
	run := w.Workers(w.t, chains...)[0]
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	for ctx.Err() == nil {
		lags, err := catalogue.LagOf(ctx, w.Admin, chains[0].Group())
		// a marker may be last
		if err == nil && len(lags) == 1 && lags[0].Lag <= 1 && w.committed(ctx, chains[0].Group()) {
			break
		}
		select {
		case err := <-done:
			w.t.Fatalf("the worker ended: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	cancel()
	if err := <-done; err != nil {
		w.t.Fatal(err)
	}
}

// committed reports whether the group has come to the end of raw-events, markers apart.
func (w *refusing) committed(ctx context.Context, group string) bool {
	offsets, err := w.Admin.FetchOffsets(ctx, group)
	if err != nil {
		return false
	}
	ends, err := w.Admin.ListEndOffsets(ctx, wire.TopicRawEvents)
	at, ok := offsets.Lookup(wire.TopicRawEvents, w.partition)
	end, _ := ends.Lookup(wire.TopicRawEvents, w.partition)
	return err == nil && ok && at.At >= end.Offset-1
}

// entries returns all entries of quarantine and the settlements.
func (w *refusing) entries() ([]quarantine.Entry, map[string]quarantine.Settlement) {
	w.t.Helper()
	var entries []quarantine.Entry
	err := quarantine.Read(linetest.Deadline(w.t), w.Opts(), wire.Namespace{}, w.Serde, func(e quarantine.Entry) error {
		entries = append(entries, e)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	settled, err := quarantine.ReadSettlements(linetest.Deadline(w.t), w.Opts(), wire.Namespace{})
	if err != nil {
		w.t.Fatal(err)
	}
	return entries, settled
}

// events returns the canonical events of a match by kind.
func (w *refusing) events(match football.MatchID) string {
	w.t.Helper()
	var kinds []string
	for _, r := range w.all(wire.TopicMatchEvents) {
		if e := linetest.Decode(w.t, w.Broker, wire.MatchEvent, r); e.Match == match {
			kinds = append(kinds, e.Body.Kind())
		}
	}
	return strings.Join(kinds, " ")
}

// all returns the records of the pool's partition.
func (w *refusing) all(topic string) []*kgo.Record {
	w.t.Helper()
	ctx := linetest.Deadline(w.t)
	ends, err := w.Admin.ListEndOffsets(ctx, topic)
	if err != nil {
		w.t.Fatal(err)
	}
	end, _ := ends.Lookup(topic, w.partition)
	client, err := kgo.NewClient(append(w.Opts(), kgo.KeepControlRecords(),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {w.partition: kgo.NewOffset().AtStart()}}))...)
	if err != nil {
		w.t.Fatal(err)
	}
	defer client.Close()
	var records []*kgo.Record
	for next := int64(0); next < end.Offset; {
		for r := range client.PollFetches(ctx).RecordsAll() {
			if next = r.Offset + 1; !r.Attrs.IsControl() {
				records = append(records, r)
			}
		}
		if ctx.Err() != nil {
			w.t.Fatal(ctx.Err())
		}
	}
	return records
}

func (w *refusing) replay(cfg quarantine.RepairConfig, entries ...quarantine.Entry) []*quarantine.Repaired {
	w.t.Helper()
	cfg.Client = w.Opts()
	repaired, err := quarantine.NewRepair(cfg, w.Serde).Replay(linetest.Deadline(w.t), entries)
	if err != nil {
		w.t.Fatal(err)
	}
	return repaired
}

func TestAMisspeltMatchIsRepairedOnceItsTeamIsKnown(t *testing.T) {
	t.Parallel()
	w := &refusing{Broker: linetest.NewBroker(t, misspelt(t)), t: t}
	w.normalize(football.DefaultReference())
	entries, settled := w.entries()
	if len(entries) != 10 || len(settled) != 0 {
		t.Fatalf("got %d entries, %d settled; want the five moments of two rows, all open", len(entries), len(settled))
	}

	for _, done := range w.replay(quarantine.RepairConfig{DryRun: true}, entries...) {
		if done.Refused != "" || done.Settlement.How != quarantine.Replayed {
			t.Errorf("a dry run says %+v", done)
		}
	}
	if _, settled := w.entries(); len(settled) != 0 {
		t.Errorf("a dry run settled %v", settled)
	}
	before := len(w.all(wire.TopicRawEvents))

	w.replay(quarantine.RepairConfig{Note: "a spelling"}, entries...)
	ref, err := football.ParseReference(football.ReferenceJSON(),
		[]byte(`{"teams":[{"name":"Arsenal","pool":"england","aliases":["Arsnal"]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	raws := w.all(wire.TopicRawEvents)
	if len(raws) != before+10 {
		t.Fatalf("raw-events grew from %d to %d records, want 10 more", before, len(raws))
	}
	for i, r := range raws[before:] {
		if len(r.Headers) != 1 || r.Headers[0].Key != wire.HeaderReplayOf ||
			string(r.Headers[0].Value) != entries[i].ID() || string(r.Value) != string(entries[i].Original) {
			t.Errorf("replay %d has the headers %v; want the verbatim original of entry %s", i, r.Headers,
				entries[i].ID())
		}
	}
	w.normalize(ref)

	again, settled := w.entries()
	for _, e := range entries {
		if s := settled[e.ID()]; s.How != quarantine.Replayed || s.Note != "a spelling" ||
			!strings.HasPrefix(s.To, wire.TopicRawEvents+"/0/") {
			t.Errorf("entry %s: settled by %+v", e.ID(), s)
		}
	}
	const whole = "fixture-scheduled odds-quoted odds-quoted kick-off period-ended full-time"
	if got := w.events("england.2020-21.arsenal.everton.2"); got != whole {
		t.Errorf("the recent match has the events %q, want %q", got, whole)
	}
	if got := w.events("england.2020-21.arsenal.liverpool.1"); got != "" {
		t.Errorf("the match of three months ago has the events %q, want none", got)
	}
	var reasons []string
	for _, e := range again[len(entries):] {
		reasons = append(reasons, string(e.Reason))
	}
	if got, want := strings.Join(reasons,
		" "), "late unknown-match unknown-match unknown-match unknown-match"; got != want {
		t.Errorf("the match of three months ago came back as %s, want %s", got, want)
	}

	events := len(w.all(wire.TopicMatchEvents))
	twice := w.replay(quarantine.RepairConfig{}, entries[0], again[len(entries)], again[len(entries)])
	if !strings.HasPrefix(twice[0].Refused, "it is settled: replayed on") || twice[1].Refused != "" ||
		!strings.HasPrefix(twice[2].Refused, "it is settled") {
		t.Errorf("got %q, %q, %q; want only the second to be replayed", twice[0].Refused, twice[1].Refused,
			twice[2].Refused)
	}
	w.normalize(ref)
	if got := len(w.all(wire.TopicRawEvents)); got != len(raws)+1 {
		t.Errorf("raw-events has %d records, want %d: an entry that is settled or named twice is replayed once", got,
			len(raws)+1)
	}
	if got := len(w.all(wire.TopicMatchEvents)); got != events {
		t.Errorf("match-events grew by %d records", got-events)
	}
}

// quarantine appends an entry by hand and returns it.
func (w *refusing) quarantine(q *football.Quarantined) quarantine.Entry {
	w.t.Helper()
	if q.OriginalSize == 0 {
		q.OriginalSize = int64(len(q.Original))
	}
	linetest.Forge(w.t, w.Broker, &kgo.Record{Topic: wire.TopicQuarantine, Partition: q.Partition, Key: q.Key},
		wire.Quarantined, q)
	entries, _ := w.entries()
	return entries[len(entries)-1]
}

func TestWhatAReplayCanNotMendIsLeftWithASentence(t *testing.T) {
	t.Parallel()
	raws := misspelt(t)
	w := &refusing{Broker: linetest.NewBroker(t, raws), t: t}
	w.normalize(football.DefaultReference())
	frame := func(i int) []byte { return w.all(wire.TopicRawEvents)[i].Value }
	for name, c := range map[string]struct {
		entry football.Quarantined
		want  string
	}{
		"a head": {football.Quarantined{Stage: "normalize", Topic: wire.TopicRawEvents, Offset: 7,
			Original: []byte("the beginning"), OriginalSize: 700_000},
			"only the first 13 of its 700000 bytes were kept; the whole stands at football.raw-events/0/7"},
		"a part": {football.Quarantined{Stage: "normalize", Topic: wire.TopicRawEvents, Offset: 8,
			Reason: football.RefusedImpossible, Original: []byte("0.9")},
			"only a part of the raw event football.raw-events/0/8"},
		"a later stage": {football.Quarantined{Stage: "features", Topic: wire.TopicMatchEvents, Offset: 2,
			Reason: football.RefusedPanic, Original: []byte("x")},
			"features refused what normalize had applied"},
		"a chained later stage": {football.Quarantined{Stage: "features", Topic: wire.TopicRawEvents, Offset: 2,
			Reason: football.RefusedPanic, Original: frame(2)},
			"features refused what normalize had applied"},
	} {
		if done := w.replay(quarantine.RepairConfig{}, w.quarantine(&c.entry))[0]; !strings.Contains(done.Refused,
			c.want) {
			t.Errorf("%s: %q, want it to say %q", name, done.Refused, c.want)
		}
	}
	_, settled := w.entries()
	if len(settled) != 0 {
		t.Errorf("settled %v, want nothing", settled)
	}

	// Forced, the raw event that caused what features refused is found along the causes; normalize drops it.
	events := w.all(wire.TopicMatchEvents)
	cause, _ := streams.CauseOf(events[3])
	entry := w.quarantine(&football.Quarantined{Stage: "features", Topic: wire.TopicMatchEvents,
		Offset: events[3].Offset, Original: events[3].Value})
	done := w.replay(quarantine.RepairConfig{Force: true}, entry)[0]
	all := w.all(wire.TopicRawEvents)
	if last := all[len(all)-1]; done.Refused != "" || string(last.Value) != string(all[cause.Offset].Value) ||
		string(last.Key) != "england" {
		t.Errorf("replayed %s, %q; want the raw event at %d", done.Settlement.To, done.Refused, cause.Offset)
	}
	w.normalize(football.DefaultReference())
	if got := len(w.all(wire.TopicMatchEvents)); got != len(events) {
		t.Errorf("match-events has %d records, want %d: what was applied is a duplicate", got, len(events))
	}
	lost := w.quarantine(&football.Quarantined{Stage: "features", Topic: wire.TopicMatchEvents, Offset: 1 << 40})
	if done := w.replay(quarantine.RepairConfig{Force: true}, lost)[0]; !strings.Contains(done.Refused,
		"can't be found") {
		t.Errorf("got %q, want it to say that the cause can't be found", done.Refused)
	}
}

func TestDroppedEntriesAreSettledAndNothingIsReplayed(t *testing.T) {
	t.Parallel()
	w := &refusing{Broker: linetest.NewBroker(t, misspelt(t)), t: t}
	w.normalize(football.DefaultReference())
	entries, _ := w.entries()
	before := len(w.all(wire.TopicRawEvents))
	if _, err := quarantine.NewRepair(quarantine.RepairConfig{Client: w.Opts(), Note: "withdrawn"},
		w.Serde).Drop(linetest.Deadline(t), entries[:4]); err != nil {
		t.Fatal(err)
	}
	left, settled := w.entries()
	if len(left) != len(entries) || len(settled) != 4 || settled[entries[3].ID()].How != quarantine.Dropped ||
		settled[entries[3].ID()].Note != "withdrawn" {
		t.Errorf("%d entries, settled: %v; want all entries kept and four dropped", len(left), settled)
	}
	if got := len(w.all(wire.TopicRawEvents)); got != before {
		t.Errorf("raw-events grew by %d records", got-before)
	}
	if done := w.replay(quarantine.RepairConfig{}, entries[0])[0]; !strings.Contains(done.Refused,
		"it is settled: dropped on") {
		t.Errorf("got %q, want it to say that the entry was dropped", done.Refused)
	}
}

// TestALiveEventThatIsRepairedTooLateIsRefusedAgain replays an event of a live feed once the feed has gone on.
func TestALiveEventThatIsRepairedTooLateIsRefusedAgain(t *testing.T) {
	t.Parallel()
	raws := linetest.Simulated(t, 6000)
	var held *football.RawEvent
	for i, raw := range raws {
		if raw.Moment == football.MomentEvent && strings.Contains(string(raw.Payload), `"goal"`) {
			held = raw
			raws = append(raws[:i:i], raws[i+1:]...)
			break
		}
	}
	if held == nil {
		t.Fatal("the simulator gave no goal")
	}
	w := &refusing{Broker: linetest.NewBroker(t, raws), t: t}
	w.partition = football.DefaultReference().Partition(held.Pool, wire.DefaultPartitions)
	original, err := wire.Encode(w.Serde, wire.RawEvent, held)
	if err != nil {
		t.Fatal(err)
	}
	w.normalize(football.DefaultReference())
	entry := w.quarantine(&football.Quarantined{Stage: "normalize", Topic: wire.TopicRawEvents, Partition: w.partition,
		Offset: 1,
		Key:    []byte(held.Pool), Original: original})
	if done := w.replay(quarantine.RepairConfig{}, entry)[0]; !done.Live || done.Refused != "" {
		t.Errorf("got %+v, want a replay of a live event", done)
	}
	w.normalize(football.DefaultReference())
	entries, settled := w.entries()
	if last := entries[len(entries)-1]; last.Reason != football.RefusedLate ||
		settled[entry.ID()].How != quarantine.Replayed {
		t.Errorf("it came back as %q, %s; want late", last.Reason, last.Detail)
	}
}

// TestARawEventOnTheWrongPartitionIsRefusedAndReplayedToTheRightOne publishes a season's rows as a producer with a
// partitioner of its own would: those in England's partition are folded, the others wait for a repair.
func TestARawEventOnTheWrongPartitionIsRefusedAndReplayedToTheRightOne(t *testing.T) {
	t.Parallel()
	raws := linetest.Season(t)[:40]
	w := &refusing{Broker: linetest.NewBroker(t, raws[:20]), t: t}
	var astray []*kgo.Record
	for _, raw := range raws[20:] {
		frame, err := wire.Encode(w.Serde, wire.RawEvent, raw)
		if err != nil {
			t.Fatal(err)
		}
		astray = append(astray, &kgo.Record{Topic: wire.TopicRawEvents, Partition: 7, Key: []byte(raw.Pool),
			Value: frame})
	}
	if err := w.Client(t).ProduceSync(t.Context(), astray...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	w.normalize(football.DefaultReference())
	entries, _ := w.entries()
	if len(entries) != 20 {
		t.Fatalf("got %d entries, want the 20 events that are on partition 7", len(entries))
	}
	for _, e := range entries {
		if e.Reason != football.RefusedWrongPartition ||
			!strings.Contains(e.Detail, "in partition 7 of 12, its pool's is 0") {
			t.Errorf("got %s: %q, want it refused for its partition", e.Reason, e.Detail)
		}
	}
	place := func(pool football.PoolID) int32 {
		return football.DefaultReference().Partition(pool, wire.DefaultPartitions)
	}
	for _, done := range w.replay(quarantine.RepairConfig{Partition: place}, entries...) {
		if done.Refused != "" || !strings.HasPrefix(done.Settlement.To, wire.TopicRawEvents+"/0/") {
			t.Errorf("replayed to %q, %q; want partition 0", done.Settlement.To, done.Refused)
		}
	}
	w.normalize(football.DefaultReference())
	if again, _ := w.entries(); len(again) != len(entries) {
		t.Errorf("%d were refused again", len(again)-len(entries))
	}
}
