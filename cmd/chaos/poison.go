package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"

	"github.com/touchline/touchline/cmd/chaos/internal/engines"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// poisoner writes records into raw-events that the line must refuse: each must come out in quarantine, once.
type poisoner struct {
	client *kgo.Client
	serde  *wire.Serde
	ref    *football.Reference

	mu      sync.Mutex
	doses   int
	digests []string // of the values that were written, as quarantine gives them
}

// newPoisoner returns a poisoner that connects directly.
func newPoisoner(at engines.Addresses) (*poisoner, error) {
	ref, err := football.ParseReference(football.ReferenceJSON())
	if err != nil {
		return nil, err
	}
	serde, err := newSerde(at)
	if err != nil {
		return nil, err
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(at.Brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		return nil, fmt.Errorf("connect to poison the log: %w", err)
	}
	return &poisoner{client: client, serde: serde, ref: ref}, nil
}

func newSerde(at engines.Addresses) (*wire.Serde, error) {
	registry, err := sr.NewClient(sr.URLs(at.Registry))
	if err != nil {
		return nil, fmt.Errorf("connect to the schema registry: %w", err)
	}
	return wire.NewSerde(registry), nil
}

func (p *poisoner) closeClient() { p.client.Close() }

// sendPoison writes one of each kind of poison into every pool of the simulator.
func (p *poisoner) sendPoison(ctx context.Context) error {
	if err := p.serde.Register(ctx, wire.TopicRawEvents+"-value", wire.RawEvent); err != nil {
		return err
	}
	for _, pool := range []football.PoolID{"simulation", "simulation-b"} {
		values, err := p.nextPoison(pool)
		if err != nil {
			return err
		}
		for _, value := range values {
			record := &kgo.Record{
				Topic: wire.TopicRawEvents, Partition: p.ref.Partition(pool,
					partitions), Key: []byte(pool), Value: value,
			}
			if err := p.client.ProduceSync(ctx, record).FirstErr(); err != nil {
				return fmt.Errorf("poison the log: %w", err)
			}
			digest := sha256.Sum256(value)
			p.mu.Lock()
			p.digests = append(p.digests, hex.EncodeToString(digest[:]))
			p.mu.Unlock()
		}
	}
	return nil
}

// nextPoison returns a value of each kind, none of which was written before.
func (p *poisoner) nextPoison(pool football.PoolID) ([][]byte, error) {
	p.mu.Lock()
	p.doses++
	dose := p.doses
	p.mu.Unlock()
	name := fmt.Sprintf("poison-%s-%d", pool, dose)
	event := func(what, payload string) ([]byte, error) {
		return wire.Encode(p.serde, wire.RawEvent, &football.RawEvent{
			Pool: pool, Source: "simulator", SourceEventID: name + "-" + what, SourceMatchID: name, Competition: "SIM1",
			Season: "2026-27",
			Moment: football.MomentEvent, ContentType: "application/json", Payload: []byte(payload),
		})
	}
	whole, err := event("whole", `{"type":"goal"}`)
	if err != nil {
		return nil, err
	}
	notJSON, err := event("not-json", "{goal!")
	if err != nil {
		return nil, err
	}
	impossible, err := event("impossible",
		`{"type":"goal","side":"home","clock":{"period":9,"elapsed":-5},"player":"Nobody"}`)
	if err != nil {
		return nil, err
	}
	huge, err := event("huge", `{"type":"`+string(bytes.Repeat([]byte("x"), 600<<10))+`"}`)
	if err != nil {
		return nil, err
	}
	unknown := binary.BigEndian.AppendUint32([]byte{0}, 1<<30)
	return [][]byte{
		[]byte("not Avro: " + name),
		append(whole[:len(whole)/2:len(whole)/2], name[len(name)-1]), // a right frame whose body breaks off
		append(append(unknown, name...), whole[wire.FrameHeader:]...),
		notJSON, impossible, huge,
	}, nil
}
