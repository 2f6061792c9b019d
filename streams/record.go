package streams

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// destination is a topic that an output goes to, and what is written there.
type destination struct {
	topic     string
	schema    wire.Codec
	key       string
	value     any
	compacted bool
}

// destinations returns what an output caused by the input record writes: a fact goes to those of its stage's topics
// that have a key for it, a refusal to quarantine, what was dropped nowhere.
func destinations(result Result, input *kgo.Record) []destination {
	switch out := result.Output.(type) {
	case *football.Refusal:
		entry := quarantined(result.Stage, out, input)
		return []destination{{result.Stage.quarantine, wire.Quarantined, string(input.Key), entry, false}}
	case *football.Dropped:
		return nil
	default:
		var to []destination
		for _, topic := range result.Stage.outputs {
			if key, ok := topic.KeyOf(out); ok {
				to = append(to, destination{topic.Name, topic.Schema, key, out, topic.Compacted})
			}
		}
		if to == nil {
			panic(fmt.Sprintf("stage %s has no topic for an output of type %T: add a row with a key for it in "+
				"schemas/wire/topics.go", result.Stage.Name, out))
		}
		return to
	}
}

// Limits of what quarantine keeps of an original, in bytes.
const (
	wholeOriginal = 512 << 10 // up to here all of it
	headOriginal  = 64 << 10  // of a longer one its beginning
)

// quarantined is a refused input as quarantine keeps it. It has the local name of the input's topic: two installations
// quarantine the same input with the same bytes.
func quarantined(stage *Stage, refusal *football.Refusal, input *kgo.Record) *football.Quarantined {
	original := refusal.Original
	if len(original) == 0 {
		original = input.Value
	}
	digest := sha256.Sum256(original)
	topic, _ := stage.names.LocalName(input.Topic)
	q := &football.Quarantined{
		Stage: stage.Name, StageVersion: int32(stage.Version), Reason: refusal.Reason, Field: refusal.Field,
		Detail: refusal.Detail, Topic: topic, Partition: input.Partition, Offset: input.Offset, Key: input.Key,
		Original: original, OriginalSize: int64(len(original)), Digest: hex.EncodeToString(digest[:]),
	}
	if len(original) > wholeOriginal {
		q.Original = original[:headOriginal]
	}
	return q
}

// Records turns the outputs of one input into the records that carry them, in the partition of the input. It encodes
// with the serde's schema ids; the trace of the input goes on in headers.
type Records struct {
	Serde *wire.Serde

	// Skip reports outputs that are in their topic already; nil: none is.
	Skip func(input *kgo.Record, topic string, stage *Stage) bool
}

// Each calls produce for the record of each destination of an output. index is the output's place among all that the
// input caused. Records of compacted topics go to latest instead, which keeps the last of each key.
func (r Records) Each(input *kgo.Record, index int, result Result, latest *Latest, produce func(*kgo.Record)) error {
	for _, to := range destinations(result, input) {
		if r.Skip != nil && r.Skip(input, to.topic, result.Stage) {
			continue
		}
		frame, err := r.Serde.EncodeValue(to.schema, to.value)
		if err != nil {
			return fmt.Errorf("%s: output %d of %s: %w", result.Stage.Name, index, kafkalog.AddressOf(input), err)
		}
		record := &kgo.Record{
			Topic: to.topic, Partition: input.Partition, Key: []byte(to.key), Value: frame, Context: input.Context,
			Headers: headers(input, index, result.Stage),
		}
		if to.compacted {
			latest.putRecord(record)
		} else {
			produce(record)
		}
	}
	return nil
}

// headers are those of an output's record. traceparent is copied, so that a trace goes on also where this process
// traces nothing itself; so is the time of the raw event, which a replay then finds as it was.
func headers(input *kgo.Record, index int, stage *Stage) []kgo.RecordHeader {
	cause := Cause{input.Topic, input.Partition, input.Offset, index}
	published, ok := kafkalog.Header(input, wire.HeaderPublished)
	if !ok {
		published = strconv.AppendInt(nil, int64(publishedAt(input)), 10)
	}
	all := []kgo.RecordHeader{
		{Key: wire.HeaderCause, Value: []byte(cause.String())},
		{Key: wire.HeaderStage, Value: []byte(stage.Name)},
		{Key: wire.HeaderTopicVersion, Value: []byte(strconv.Itoa(stage.Topics))},
		{Key: wire.HeaderPublished, Value: published},
	}
	if trace, ok := kafkalog.Header(input, wire.HeaderTraceparent); ok {
		all = append(all, kgo.RecordHeader{Key: wire.HeaderTraceparent, Value: trace})
	}
	return all
}

// publishedAt returns when the raw event behind a record was published: its own timestamp, unless a stage wrote it. 0
// where it has none.
func publishedAt(r *kgo.Record) football.Instant {
	if text, ok := kafkalog.Header(r, wire.HeaderPublished); ok {
		if ms, err := strconv.ParseInt(string(text), 10, 64); err == nil {
			return football.Instant(ms)
		}
	}
	if r.Timestamp.IsZero() {
		return 0
	}
	return football.At(r.Timestamp)
}

// Latest keeps the last record of each key of compacted topics, in the order in which the keys were first written:
// within one transaction nobody needs what it supersedes. The zero value is empty.
type Latest struct {
	records []*kgo.Record
	places  map[string]int // by topic and key
}

func (l *Latest) putRecord(r *kgo.Record) {
	slot := r.Topic + "\x00" + string(r.Key)
	if i, ok := l.places[slot]; ok {
		l.records[i] = r
		return
	}
	if l.places == nil {
		l.places = map[string]int{}
	}
	l.places[slot] = len(l.records)
	l.records = append(l.records, r)
}

// Records returns what was kept.
func (l *Latest) Records() []*kgo.Record { return l.records }
