package wire

import "fmt"

// Position is where a record is in a topic of the line. The epoch counts the lives of the topic: it goes up by one when
// the topic is made again, so that an offset of the old topic is not taken for one of the new.
type Position struct {
	Epoch     int64
	Partition int32
	Offset    int64
}

// Before reports whether p is older than other. Both must be of the same partition: offsets of two partitions have no
// order.
func (p Position) Before(other Position) bool {
	return p.Epoch < other.Epoch || p.Epoch == other.Epoch && p.Offset < other.Offset
}

// String formats the position as epoch/partition/offset.
func (p Position) String() string { return fmt.Sprintf("%d/%d/%d", p.Epoch, p.Partition, p.Offset) }
