package feed

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
)

// Topics of the live feed, as indices of positions.
const (
	Predictions = iota
	Events
	topics
)

// Positions are the next offsets of the partitions of each topic: what a cursor says.
type Positions [topics][]int64

// Covers reports whether the positions are nowhere before others.
func (p Positions) Covers(topic int, after map[int32]int64) bool {
	for partition, next := range after {
		if int(partition) >= len(p[topic]) || p[topic][partition] < next {
			return false
		}
	}
	return true
}

// errCursor says that a cursor is not of the form that this harness knows.
var errCursor = errors.New("the cursor can't be read")

// parseCursor reads what a cursor says. To a client it is opaque; a check must look inside. The signature is left to
// the servers.
func parseCursor(text string) (Positions, error) {
	const idSize, macSize = 8, 16
	var out Positions
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < 1+macSize {
		return out, errCursor
	}
	rest := raw[1 : len(raw)-macSize]
	for topic := range out {
		if len(rest) < idSize {
			return out, errCursor
		}
		n, size := binary.Uvarint(rest[idSize:])
		if size <= 0 {
			return out, errCursor
		}
		rest = rest[idSize+size:]
		for range n {
			next, size := binary.Uvarint(rest)
			if size <= 0 {
				return out, errCursor
			}
			out[topic] = append(out[topic], int64(next))
			rest = rest[size:]
		}
	}
	return out, nil
}
