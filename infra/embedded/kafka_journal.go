package embedded

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"sync"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// journalName is the file that holds the commit which the broker began last.
const journalName = "commit.journal"

// commit is a transaction that was asked to commit, with the consumer offsets that are part of it.
//
// The broker commits by writing a marker into each partition and then the offsets, one after the other, and forgets in
// a kill which offsets those were. So the journal holds them: when one marker is found after a kill, the commit was
// decided and mend finishes it; when none is, nobody was told of a commit and the transaction is aborted.
//
// One entry is enough, for the broker ends one transaction after the other. Only transactions of protocol version 5 and
// later (KIP-890) are kept: there each transaction has an epoch of its own, so that a marker is known to be of this
// one.
type commit struct {
	ProducerID int64
	Epoch      int16
	TxnID      string
	Offsets    []offset
}

type offset struct {
	Group     string
	Topic     string
	TopicID   [16]byte // instead of the name, from version 6 of the request
	Partition int32
	Offset    int64
	Epoch     int32
	Metadata  *string
}

// journal watches a broker's requests. The broker calls it before it does the work, one request at a time.
type journal struct {
	path    string
	cluster *kfake.Cluster

	mu     sync.Mutex
	file   *os.File
	staged map[int64][]offset // by producer
	epochs map[int64]int16    // of the staged offsets
}

// keepJournal writes each commit of the cluster to the file at path before it happens.
func keepJournal(cluster *kfake.Cluster, path string) *journal {
	j := &journal{path: path, cluster: cluster, staged: map[int64][]offset{}, epochs: map[int64]int16{}}
	cluster.ControlKey(kmsg.TxnOffsetCommit.Int16(), j.stageOffsets)
	cluster.ControlKey(kmsg.EndTxn.Int16(), j.endTransaction)
	return j
}

func (j *journal) closeJournal() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil {
		return nil
	}
	return j.file.Close()
}

// stageOffsets remembers the offsets of an open transaction, as the broker does.
func (j *journal) stageOffsets(r kmsg.Request) (kmsg.Response, error, bool) {
	req := r.(*kmsg.TxnOffsetCommitRequest)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.epochs[req.ProducerID] != req.ProducerEpoch {
		delete(j.staged, req.ProducerID)
		j.epochs[req.ProducerID] = req.ProducerEpoch
	}
	for _, t := range req.Topics {
		for _, p := range t.Partitions {
			j.staged[req.ProducerID] = append(j.staged[req.ProducerID], offset{
				Group: req.Group, Topic: t.Topic, TopicID: t.TopicID, Partition: p.Partition, Offset: p.Offset,
				Epoch: p.LeaderEpoch, Metadata: p.Metadata,
			})
		}
	}
	return nil, nil, false
}

// endTransaction writes the commit down. A journal that can't be written refuses the commit: the client retries it.
func (j *journal) endTransaction(r kmsg.Request) (kmsg.Response, error, bool) {
	req := r.(*kmsg.EndTxnRequest)
	j.mu.Lock()
	defer j.mu.Unlock()
	var offsets []offset
	if j.epochs[req.ProducerID] == req.ProducerEpoch {
		offsets = j.staged[req.ProducerID] // kept until the next transaction: the client may ask again
	}
	if !req.Commit || req.Version < 5 {
		return nil, nil, false
	}
	err := j.writeCommit(commit{ProducerID: req.ProducerID, Epoch: req.ProducerEpoch, TxnID: req.TransactionalID,
		Offsets: offsets})
	if err != nil {
		j.cluster.KeepControl() // for the retry
	}
	return nil, err, err != nil
}

// writeCommit overwrites the entry in place. The file is not flushed: what a killed process wrote is there, and the
// broker's own files are no safer against the loss of power.
func (j *journal) writeCommit(c commit) error {
	if j.file == nil {
		file, err := os.OpenFile(j.path, os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return fmt.Errorf("open commit journal: %w", err)
		}
		j.file = file
	}
	body, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode commit journal: %w", err)
	}
	entry := make([]byte, 8, 8+len(body))
	binary.BigEndian.PutUint32(entry, uint32(len(body)))
	binary.BigEndian.PutUint32(entry[4:], crc32.ChecksumIEEE(body))
	if _, err := j.file.WriteAt(append(entry, body...), 0); err != nil {
		return fmt.Errorf("write commit journal: %w", err)
	}
	return nil
}

// readJournal returns the commit that was begun last, or nil. An entry that is torn was cut off while it was written,
// before its commit began.
func readJournal(path string) (*commit, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read commit journal: %w", err)
	}
	if len(raw) < 8 {
		return nil, nil
	}
	size := int(binary.BigEndian.Uint32(raw))
	if len(raw) < 8+size || crc32.ChecksumIEEE(raw[8:8+size]) != binary.BigEndian.Uint32(raw[4:]) {
		return nil, nil
	}
	var c commit
	if err := json.Unmarshal(raw[8:8+size], &c); err != nil {
		return nil, fmt.Errorf("decode commit journal: %w", err)
	}
	return &c, nil
}
