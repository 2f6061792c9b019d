package embedded

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Mended says what was in disorder after a kill.
type Mended struct {
	Killed    bool // the broker before was killed
	Committed int  // markers written to finish a commit that was decided
	Aborted   int  // markers written to abort what was open
	Cut       int  // partitions whose last batch was half written and never acknowledged

	decided bool    // the pending commit had begun
	fence   []int64 // producers whose transactions were aborted
}

// mendLog brings the files of a broker that was killed in order. The broker reads such files too, but
//   - it takes a batch whose index entry is missing for one that is in no transaction, and so shows it at once;
//   - it holds open transactions for aborted without writing so: a client then drops, as of the aborted transaction,
//     all that the same producer commits later within one fetch, and after a second kill the broker takes the aborted
//     batches for committed, because the producer's next commit marker follows them;
//   - a commit that was cut off between two partitions stays half done.
//
// So mend cuts off a batch without an index entry (nobody was told that it is there), and ends each open transaction
// with a marker of its own: a commit when pending is that transaction and any partition has its commit marker, else an
// abort. It may be killed itself and run again.
func mendLog(log string, pending *commit) (Mended, error) {
	done := Mended{Killed: true}
	dirs, err := os.ReadDir(filepath.Join(log, "partitions"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return done, err
	}
	var partitions []*partition
	for _, d := range dirs {
		p, err := scanPartition(filepath.Join(log, "partitions", d.Name()), pending)
		if err != nil {
			return done, fmt.Errorf("partition %s: %w", d.Name(), err)
		}
		partitions = append(partitions, p)
		done.decided = done.decided || p.decided
		if p.cut {
			done.Cut++
		}
	}
	fence := map[int64]bool{}
	for _, p := range partitions {
		for _, id := range slices.Sorted(maps.Keys(p.open)) {
			commit := done.decided && pending.ProducerID == id && pending.Epoch == p.open[id]
			if err := p.endTransaction(id, commit); err != nil {
				return done, fmt.Errorf("end a transaction in %s: %w", p.dir, err)
			}
			if commit {
				done.Committed++
			} else {
				done.Aborted++
				fence[id] = true
			}
		}
	}
	done.fence = slices.Sorted(maps.Keys(fence))
	// Sequence numbers of the last orderly stop: producers that went on since would be refused as out of order.
	if err := os.Remove(filepath.Join(log, "seq_windows.json")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return done, err
	}
	return done, nil
}

// partition is what mend knows of the files of one partition.
type partition struct {
	dir     string
	base    int64           // names the last segment
	next    int64           // offset after the last batch
	epoch   int32           // leader epoch of the last batch
	open    map[int64]int16 // producers with an open transaction, and its epoch
	decided bool            // has the commit marker of the pending commit
	cut     bool            // the last batch was half written
}

const (
	batchHeaderSize = 61 // of a record batch, magic 2
	indexEntrySize  = 15
	transactional   = 1 << 4
	control         = 1 << 5
)

func scanPartition(dir string, pending *commit) (*partition, error) {
	p := &partition{dir: dir, base: -1, open: map[int64]int16{}}
	bases, err := segments(dir)
	if err != nil {
		return nil, err
	}
	for i, base := range bases {
		p.base = base
		if err := p.scanSegment(i == len(bases)-1, pending); err != nil {
			return nil, fmt.Errorf("segment %d: %w", base, err)
		}
	}
	return p, nil
}

func segments(dir string) ([]int64, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var bases []int64
	for _, f := range files {
		if name, ok := strings.CutSuffix(f.Name(), ".dat"); ok {
			base, err := strconv.ParseInt(name, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("segment file %s: %w", f.Name(), err)
			}
			bases = append(bases, base)
		}
	}
	slices.Sort(bases)
	return bases, nil
}

func (p *partition) filePath(suffix string) string {
	return filepath.Join(p.dir, strconv.FormatInt(p.base, 10)+suffix)
}

// scanSegment reads the batches of the segment and cuts off what is half written at the end of the last one.
func (p *partition) scanSegment(last bool, pending *commit) error {
	f, err := os.Open(p.filePath(".dat"))
	if err != nil {
		return err
	}
	defer f.Close()
	whole, indexed := int64(0), int64(1<<62)
	if last {
		if indexed, err = p.indexed(); err != nil {
			return err
		}
	}
	r := bufio.NewReaderSize(f, 256<<10)
	batches := int64(0)
	for ; batches < indexed; batches++ {
		b, size, err := readBatch(r)
		if errors.Is(err, errTorn) {
			break
		}
		if err != nil {
			return err
		}
		p.applyBatch(b, pending)
		whole += size
	}
	if !last {
		return nil
	}
	stat, err := f.Stat()
	if err != nil {
		return err
	}
	p.cut = stat.Size() > whole
	p.next = max(p.next, p.base)
	if err := os.Truncate(p.filePath(".dat"), whole); err != nil {
		return err
	}
	return truncateIndex(p.filePath(".idx"), batches*indexEntrySize)
}

func (p *partition) indexed() (int64, error) {
	stat, err := os.Stat(p.filePath(".idx"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return stat.Size() / indexEntrySize, nil
}

func truncateIndex(path string, size int64) error {
	err := os.Truncate(path, size)
	if errors.Is(err, fs.ErrNotExist) && size == 0 {
		return nil
	}
	return err
}

var errTorn = errors.New("half a batch")

// readBatch reads a batch and checks it. Its Records are those of a control batch only.
func readBatch(r *bufio.Reader) (b kmsg.RecordBatch, size int64, err error) {
	head, err := r.Peek(batchHeaderSize)
	if errors.Is(err, io.EOF) {
		return b, 0, errTorn
	}
	if err != nil {
		return b, 0, err
	}
	length := int64(binary.BigEndian.Uint32(head[8:]))
	if length < batchHeaderSize-12 || length > 1<<30 {
		return b, 0, errTorn
	}
	b = kmsg.RecordBatch{
		FirstOffset:          int64(binary.BigEndian.Uint64(head)),
		PartitionLeaderEpoch: int32(binary.BigEndian.Uint32(head[12:])),
		Attributes:           int16(binary.BigEndian.Uint16(head[21:])),
		LastOffsetDelta:      int32(binary.BigEndian.Uint32(head[23:])),
		ProducerID:           int64(binary.BigEndian.Uint64(head[43:])),
		ProducerEpoch:        int16(binary.BigEndian.Uint16(head[51:])),
	}
	want := binary.BigEndian.Uint32(head[17:])
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	if _, err := r.Discard(21); err != nil {
		return b, 0, err
	}
	body := io.LimitReader(r, length+12-21)
	if b.Attributes&control != 0 {
		raw, err := io.ReadAll(body)
		if err != nil {
			return b, 0, err
		}
		sum.Write(raw)
		if len(raw) > batchHeaderSize-21 {
			b.Records = raw[batchHeaderSize-21:]
		}
	} else if n, err := io.Copy(sum, body); err != nil || n < length+12-21 {
		return b, 0, errors.Join(err, errTorn)
	}
	if sum.Sum32() != want {
		return b, 0, errTorn
	}
	return b, length + 12, nil
}

// applyBatch follows the transactions through one more batch.
func (p *partition) applyBatch(b kmsg.RecordBatch, pending *commit) {
	p.next = b.FirstOffset + int64(b.LastOffsetDelta) + 1
	p.epoch = b.PartitionLeaderEpoch
	switch {
	case b.Attributes&control != 0:
		delete(p.open, b.ProducerID)
		if pending != nil && b.ProducerID == pending.ProducerID && b.ProducerEpoch == pending.Epoch && isCommit(b) {
			p.decided = true
		}
	case b.Attributes&transactional != 0:
		p.open[b.ProducerID] = b.ProducerEpoch
	}
}

func isCommit(b kmsg.RecordBatch) bool {
	var record kmsg.Record
	var key kmsg.ControlRecordKey
	return record.ReadFrom(b.Records) == nil && key.ReadFrom(record.Key) == nil &&
		key.Type == kmsg.ControlRecordKeyTypeCommit
}

// endTransaction appends the marker that ends the producer's open transaction, first to the log, then to its index, as
// the broker does.
func (p *partition) endTransaction(producer int64, commit bool) error {
	batch := markerBatch(producer, p.open[producer], commit)
	batch.FirstOffset, batch.PartitionLeaderEpoch = p.next, p.epoch
	if err := appendTo(p.filePath(".dat"), batch.AppendTo(nil)); err != nil {
		return err
	}
	p.next++
	return appendTo(p.filePath(".idx"), indexEntry(p.epoch, batch.MaxTimestamp))
}

func appendTo(path string, raw []byte) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	return errors.Join(err, f.Close())
}

// indexEntry is the broker's entry for a batch that is in no transaction: version, checksum, epoch, greatest timestamp,
// flags.
func indexEntry(epoch int32, timestamp int64) []byte {
	entry := make([]byte, indexEntrySize)
	entry[0] = 1
	binary.LittleEndian.PutUint32(entry[2:], uint32(epoch))
	binary.LittleEndian.PutUint64(entry[6:], uint64(timestamp))
	entry[1] = byte(crc32.Checksum(entry[2:], crc32.MakeTable(crc32.Castagnoli)))
	return entry
}

// markerBatch is the control batch that ends a transaction.
func markerBatch(producer int64, epoch int16, commit bool) kmsg.RecordBatch {
	key := kmsg.ControlRecordKey{Type: kmsg.ControlRecordKeyTypeAbort}
	if commit {
		key.Type = kmsg.ControlRecordKeyTypeCommit
	}
	marker := kmsg.EndTxnMarker{}
	record := kmsg.Record{Key: key.AppendTo(nil), Value: marker.AppendTo(nil)}
	record.Length = int32(len(record.AppendTo(nil)) - 1) // the length itself is one byte
	now := time.Now().UnixMilli()
	b := kmsg.RecordBatch{
		Magic: 2, Attributes: control | transactional, FirstTimestamp: now, MaxTimestamp: now,
		ProducerID: producer, ProducerEpoch: epoch, FirstSequence: -1, NumRecords: 1, Records: record.AppendTo(nil),
	}
	raw := b.AppendTo(nil)
	b.Length = int32(len(raw) - 12)
	b.CRC = int32(crc32.Checksum(b.AppendTo(nil)[21:], crc32.MakeTable(crc32.Castagnoli)))
	return b
}
