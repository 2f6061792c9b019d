package models_test

import (
	"slices"
	"testing"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/line/linetest"
	"github.com/touchline/touchline/streams/models"
)

// TestAChangeIsAnnouncedToPoolsByRule that have raw events, besides those of the reference.
func TestAChangeIsAnnouncedToPoolsByRule(t *testing.T) {
	t.Parallel()
	m := &modelled{linetest.NewBroker(t, nil), t, football.DefaultReference()}
	m.publish([]*football.RawEvent{{Pool: "x-zz", Source: football.SourceClock, Moment: football.MomentTick, At: 1}})
	said := m.say(lively(t))
	if !slices.Contains(said.Pools, "x-zz") || slices.Contains(said.Pools, "x-yy") ||
		len(said.Pools) != len(m.ref.Pools())+1 {
		t.Errorf("announced to %d pools, %v; want those of the reference and x-zz", len(said.Pools), said.Pools)
	}
}

// TestANewPoolBeginsWithTheLastPromotion: registrations let no version forecast, and are no reason to announce.
func TestANewPoolBeginsWithTheLastPromotion(t *testing.T) {
	t.Parallel()
	m := &modelled{linetest.NewBroker(t, nil), t, football.DefaultReference()}
	begin := func() *football.RawEvent {
		raw, err := models.Opening(m.Opts(), wire.Namespace{}, m.Serde)(linetest.Deadline(t), "x-zz")
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	if raw := begin(); raw != nil {
		t.Errorf("before any fact: got %s, want none", raw.Payload)
	}
	m.say(lively(t))
	if raw := begin(); raw != nil {
		t.Errorf("after a registration: got %s, want none", raw.Payload)
	}
	said := m.say(&football.ModelFact{ID: "goals", Version: 3, Change: football.ModelPromoted})
	raw := begin()
	if raw == nil || raw.Pool != "x-zz" {
		t.Fatalf("after a promotion: got %+v, want an announcement to the pool", raw)
	}
	m.publish([]*football.RawEvent{raw})
	registry, _ := m.read(nil)
	for _, ref := range registry.At(said.Position).Refs() {
		if ref.ID == "goals" && ref.Version != 3 {
			t.Errorf("at the position %d: got %+v, want version 3 served", said.Position, ref)
		}
	}
	if got, want := string(raw.Payload), string(announcedTo(m, "england")); got != want {
		t.Errorf("got %s, want what was announced to the others, %s", got, want)
	}
}

// announcedTo returns the last announcement in the log of a pool.
func announcedTo(m *modelled, pool football.PoolID) []byte {
	m.t.Helper()
	var payload []byte
	for _, body := range m.bodies(wire.TopicRawEvents, m.ref.Partition(pool, wire.DefaultPartitions)) {
		raw, err := wire.RawEvent.Unmarshal(body)
		if err != nil {
			m.t.Fatal(err)
		}
		if raw.Pool == pool && raw.Source == football.SourceModels {
			payload = raw.Payload
		}
	}
	return payload
}
