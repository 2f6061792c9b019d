// Package linetest lends tests a Broker with recorded or simulated raw events in it, and workers of the line on it.
package linetest

import (
	"github.com/touchline/touchline/streams"

	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/catalogue"
	"github.com/touchline/touchline/streams/internal/brokertest"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/source/footballdata"
	"github.com/touchline/touchline/streams/source/simulator"
	"github.com/touchline/touchline/streams/source/sourcetest"
	"github.com/touchline/touchline/streams/worker"
)

type Broker struct {
	*brokertest.Engines
	Admin *kadm.Client
}

// NewBroker starts a Broker whose raw-events hold the events.
func NewBroker(b testing.TB, raws []*football.RawEvent) *Broker {
	b.Helper()
	engines := brokertest.Embedded(b)
	client := engines.Client(b)
	w := &Broker{Engines: engines, Admin: kadm.NewClient(client)}
	ctx := context.Background()
	if err := catalogue.New(wire.DefaultPartitions, -1).Ensure(ctx, w.Admin); err != nil {
		b.Fatal(err)
	}
	if err := catalogue.Register(ctx, w.Serde); err != nil {
		b.Fatal(err)
	}
	records, ref := make([]*kgo.Record, len(raws)), football.DefaultReference()
	for i, raw := range raws {
		frame, err := wire.Encode(w.Serde, wire.RawEvent, raw)
		if err != nil {
			b.Fatal(err)
		}
		records[i] = &kgo.Record{
			Topic: wire.TopicRawEvents, Partition: ref.Partition(raw.Pool, wire.DefaultPartitions),
			Key: []byte(raw.Pool), Value: frame,
		}
	}
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		b.Fatal(err)
	}
	return w
}

// Until runs all until n records stand committed in the topic.
func (w *Broker) Until(b testing.TB, topic string, n int, runs ...func(context.Context) error) {
	b.Helper()
	bounded, stop := context.WithTimeout(context.Background(), 4*time.Minute)
	defer stop()
	group, ctx := errgroup.WithContext(bounded) // a worker that ends by itself ends the wait
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, run := range runs {
		group.Go(func() error { return run(ctx) })
	}
	client, err := kgo.NewClient(append(w.Opts(), kgo.ConsumeTopics(topic),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()))...)
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	for n > 0 && ctx.Err() == nil {
		n -= client.PollFetches(ctx).NumRecords()
	}
	cancel()
	if err := group.Wait(); err != nil || n > 0 {
		b.Fatalf("%s lacks %d records: %v", topic, n, err)
	}
}

// Work runs workers of the chains, and others beside them, until n committed records are in the topic. It makes the
// topics and registers the schemas.
func (w *Broker) Work(
	t testing.TB, chains []streams.Chain, topic string, n int, beside ...func(context.Context) error,
) {
	t.Helper()
	w.Prepare(t, chains...)
	w.Until(t, topic, n, append(w.Workers(t, chains...), beside...)...)
}

// Prepare makes the topics of the chains and registers their schemas.
func (w *Broker) Prepare(t testing.TB, chains ...streams.Chain) {
	t.Helper()
	ctx := context.Background()
	if err := catalogue.New(wire.DefaultPartitions, -1, chains...).Ensure(ctx, w.Admin); err != nil {
		t.Fatal(err)
	}
	if err := catalogue.Register(ctx, w.Serde, chains...); err != nil {
		t.Fatal(err)
	}
}

// Workers returns the Run of a worker of each chain.
func (w *Broker) Workers(t testing.TB, chains ...streams.Chain) (runs []func(context.Context) error) {
	t.Helper()
	metrics := worker.NewMetrics(prometheus.NewRegistry())
	for _, chain := range chains {
		one, err := worker.New(worker.Config{Client: w.Opts(), Instance: "a"}, chain, w.Serde,
			slog.New(slog.DiscardHandler), metrics)
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, one.Run)
	}
	return runs
}

// Simulated returns the first raw events of one simulated pool: a season of results, then live matches with broken
// payloads among them.
func Simulated(t *testing.T, events int) []*football.RawEvent {
	t.Helper()
	sim, err := simulator.New(simulator.Config{Seed: 11, Leagues: simulator.Worlds()[:1], History: 1, Malformed: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	return sourcetest.Take(t, sourcetest.Open(t, sim)[0], events)
}

// KnockOuts returns a season of results and then the cup of the next, with a tick in a hundred.
func KnockOuts(t *testing.T) (raws []*football.RawEvent) {
	t.Helper()
	sim, err := simulator.New(simulator.Config{Seed: 11, Leagues: simulator.Worlds()[:1], History: 1, Seasons: 1,
		Cups: true})
	if err != nil {
		t.Fatal(err)
	}
	ticks, final := 0, 0
	sourcetest.Drain(t, sourcetest.Open(t, sim)[0], func(raw *football.RawEvent) {
		switch {
		case raw.Moment == football.MomentTick:
			if ticks++; ticks%100 > 0 {
				return
			}
		case raw.Competition != "SIMC1" && raw.Season == "2026-27":
			return
		}
		if raws = append(raws, raw); raw.Moment != football.MomentTick {
			final = len(raws)
		}
	})
	return raws[:final]
}

// Season is a double round-robin of twenty teams with odds and shots, as raw events.
func Season(b testing.TB) []*football.RawEvent {
	b.Helper()
	return Rows(b, WriteSeason(b))
}

// WriteSeason writes the season's file of results and returns its path.
func WriteSeason(b testing.TB) string {
	b.Helper()
	teams := []string{"Arsenal", "Aston Villa", "Blackburn", "Bolton", "Chelsea", "Everton", "Fulham", "Hull",
		"Liverpool", "Man City",
		"Man United", "Middlesbrough", "Newcastle", "Portsmouth", "Stoke", "Sunderland", "Tottenham", "West Brom",
		"West Ham", "Wigan"}
	var text strings.Builder
	text.WriteString("Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,HTHG,HTAG,HS,AS,HST,AST,AvgH,AvgD,AvgA,AvgCH,AvgCD,AvgCA\n")
	day := time.Date(2008, 8, 16, 0, 0, 0, 0, time.UTC)
	for i := range teams {
		for j := range teams {
			if i == j {
				continue
			}
			home, away := (3*i+j)%4, (i+2*j)%3
			fmt.Fprintf(&text, "E0,%s,%s,%s,%d,%d,%d,%d,12,9,5,4,2.1,3.4,3.6,2.0,3.5,3.8\n",
				day.AddDate(0, 0, (i*19+j)*270/380).Format(time.DateOnly), teams[i], teams[j], home, away, home/2,
				away/2)
		}
	}
	path := filepath.Join(b.TempDir(), "E0_0809.csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
		b.Fatal(err)
	}
	return path
}

// Rows returns the raw events of a file of results.
func Rows(t testing.TB, path string) []*football.RawEvent {
	t.Helper()
	return sourcetest.All(t, sourcetest.Open(t, footballdata.New(football.DefaultReference(), path))[0])
}

// Evaluations returns how many evaluations the events cause.
func Evaluations(raws []*football.RawEvent) int {
	memory, n := streams.NewMemory(line.Whole(football.DefaultReference(), predict.BuiltInRegistry())), 0
	for _, raw := range raws {
		for _, result := range memory.Step(raw) {
			if _, ok := result.Output.(*football.Evaluation); ok {
				n++
			}
		}
	}
	return n
}

// Deadline bounds what a test waits for.
func Deadline(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// WorkLine runs normalize, features and predict in a layout until n predictions of the models are committed.
func (w *Broker) WorkLine(t testing.TB, layout line.Layout, models *predict.Registry, n int) {
	t.Helper()
	chains, err := line.Chains(layout, football.DefaultReference(), models, wire.Namespace{},
		wire.StageNormalize, wire.StageFeatures, wire.StagePredict)
	if err != nil {
		t.Fatal(err)
	}
	w.Work(t, chains, wire.TopicPredictions, n)
}

// Forge appends a copy of the record with another fact in it to its partition, and returns its offset.
func Forge[T any](
	t testing.TB, w *Broker, r *kgo.Record, schema *wire.Schema[T], fact *T, headers ...kgo.RecordHeader,
) int64 {
	t.Helper()
	frame, err := wire.Encode(w.Serde, schema, fact)
	if err != nil {
		t.Fatal(err)
	}
	if headers == nil {
		headers = r.Headers
	}
	client, err := kgo.NewClient(append(w.Opts(), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	forged := &kgo.Record{Topic: r.Topic, Partition: r.Partition, Key: r.Key, Value: frame, Headers: headers}
	if err := client.ProduceSync(Deadline(t), forged).FirstErr(); err != nil {
		t.Fatal(err)
	}
	return forged.Offset
}

// Decode returns the fact in a record.
func Decode[T any](t testing.TB, w *Broker, schema *wire.Schema[T], r *kgo.Record) *T {
	t.Helper()
	fact, err := streams.DecodeRecord(Deadline(t), w.Serde, schema, r)
	if err != nil {
		t.Fatal(err)
	}
	return fact
}
