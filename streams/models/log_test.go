package models_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/line/linetest"
	"github.com/touchline/touchline/streams/models"
)

func TestModelsAreRegisteredOnce(t *testing.T) {
	w := linetest.NewBroker(t, nil)
	ctx := linetest.Deadline(t)
	one := &football.ModelFact{ID: "goals", Version: 1, Digest: "a", Change: football.ModelRegistered}
	other := &football.ModelFact{ID: "goals", Version: 2, Digest: "b", Change: football.ModelRegistered}
	ignore := func(context.Context, int64, *football.ModelFact) error { return nil }
	for _, facts := range [][]*football.ModelFact{{one}, {one, other}, {one, other}} {
		log, err := models.Read(ctx, w.Opts(), wire.Namespace{}, w.Serde, ignore, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := log.Register(ctx, facts...); err != nil {
			t.Fatal(err)
		}
	}
	reader, err := kafkalog.Open(w.Opts())
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	registered := 0
	err = reader.ReadToEnd(ctx, wire.TopicModels, func(*kgo.Record) error {
		registered++
		return nil
	})
	if err != nil || registered != 2 {
		t.Errorf("%d registrations in the topic, %v; want 2", registered, err)
	}
}
