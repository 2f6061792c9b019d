package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/wire"
)

// Digest says what a topic holds in a form that two replays of one log share: per key, in order, over the Avro bodies.
type Digest struct {
	Topic   string `json:"topic"`
	Records int    `json:"records"` // committed; of a compacted topic one a key
	Keys    int    `json:"keys"`
	// records whose cause another record of the topic has too; 0 unless something was written twice
	Twice  int    `json:"twice"`
	SHA256 string `json:"sha256"` // over the keys in order, each with the hash chain of its bodies
}

// DigestTopic reads a topic, read_committed, up to its high watermarks of now. Schema ids, offsets, timestamps and
// headers do not count. Of a compacted topic only the last value of each key counts, for what it superseded may be
// gone.
func DigestTopic(ctx context.Context, opts []kgo.Opt, topic wire.Topic) (Digest, error) {
	reader, err := kafkalog.Open(opts)
	if err != nil {
		return Digest{}, err
	}
	defer reader.Close()
	exists, err := reader.Exists(ctx, topic.Name)
	if err != nil {
		return Digest{}, err
	}
	d := digester{compacted: topic.Compacted, chains: map[string][]byte{}, causes: map[string]struct{}{}}
	if exists { // a topic that is not there yet has no records
		if err := reader.ReadToEnd(ctx, topic.Name, d.addRecord); err != nil {
			return Digest{}, fmt.Errorf("read %s: %w", topic.Name, err)
		}
	}
	return d.sumChains(topic.Name), nil
}

type digester struct {
	compacted bool
	records   int
	twice     int
	chains    map[string][]byte
	causes    map[string]struct{}
}

func (d *digester) addRecord(r *kgo.Record) error {
	d.records++
	if cause, ok := kafkalog.Header(r, wire.HeaderCause); ok && !d.compacted {
		version, _ := kafkalog.Header(r, wire.HeaderTopicVersion) // quarantine is shared by the versions of a stage
		one := string(cause) + " v" + string(version)
		if _, seen := d.causes[one]; seen {
			d.twice++
		}
		d.causes[one] = struct{}{}
	}
	key := string(r.Key)
	if r.Value == nil {
		delete(d.chains, key)
		return nil
	}
	body := r.Value
	if _, err := wire.SchemaID(body); err == nil {
		body = body[wire.FrameHeader:]
	}
	h := sha256.New()
	if !d.compacted {
		h.Write(d.chains[key])
	}
	h.Write(body)
	d.chains[key] = h.Sum(nil)
	return nil
}

func (d *digester) sumChains(topic string) Digest {
	h := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(d.chains)) {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(key))))
		h.Write([]byte(key))
		h.Write(d.chains[key])
	}
	records := d.records
	if d.compacted {
		records = len(d.chains)
	}
	return Digest{Topic: topic, Records: records, Keys: len(d.chains), Twice: d.twice,
		SHA256: hex.EncodeToString(h.Sum(nil))}
}
