package live

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// The topics of the feed, as indices of positions.
const (
	predictions = iota
	events
	topicCount
)

// positions is the next offset of each partition of each topic.
type positions [topicCount][]int64

func (p positions) clone() positions {
	var out positions
	for t := range p {
		out[t] = slices.Clone(p[t])
	}
	return out
}

// topicIDs tell two lives of a topic apart.
type topicIDs [topicCount][16]byte

const (
	cursorVersion = 1
	macSize       = 16
	idSize        = 8 // of a topic id, which is random: enough to tell a topic from its successor
)

// errForeignEpoch says that a cursor is of a topic that was made anew since.
var errForeignEpoch = errors.New("the log was rebuilt since this cursor was given")

// errNoCursor says that a text is not a cursor of this installation.
var errNoCursor = errors.New("this is not a cursor that this installation gave, or its key was changed since")

// cursors signs and reads cursors.
type cursors struct{ key []byte }

// newCursors returns cursors with that key; without one, with a key that no other process has.
func newCursors(key []byte) (cursors, error) {
	if len(key) == 0 {
		key = make([]byte, 32)
		if _, err := rand.Read(key); err != nil {
			return cursors{}, fmt.Errorf("make a cursor key: %w", err)
		}
	}
	return cursors{key}, nil
}

// format writes positions as a cursor.
func (c cursors) format(ids topicIDs, at positions) string {
	buf := make([]byte, 0, 160)
	buf = append(buf, cursorVersion)
	for t := range at {
		buf = append(buf, ids[t][:idSize]...)
		buf = binary.AppendUvarint(buf, uint64(len(at[t])))
		for _, next := range at[t] {
			buf = binary.AppendUvarint(buf, uint64(next))
		}
	}
	return base64.RawURLEncoding.EncodeToString(append(buf, c.mac(buf)...))
}

// parse reads a cursor against the topics as they are now.
func (c cursors) parse(text string, ids topicIDs, partitions [topicCount]int) (positions, error) {
	var out positions
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < 1+macSize || len(text) > 4096 {
		return out, errNoCursor
	}
	body, mac := raw[:len(raw)-macSize], raw[len(raw)-macSize:]
	if !hmac.Equal(mac, c.mac(body)) || body[0] != cursorVersion {
		return out, errNoCursor
	}
	body = body[1:]
	for t := range out {
		if len(body) < idSize {
			return out, errNoCursor
		}
		if !slices.Equal(body[:idSize], ids[t][:idSize]) {
			return out, errForeignEpoch
		}
		body = body[idSize:]
		n, size := binary.Uvarint(body)
		if size <= 0 || int(n) != partitions[t] {
			return out, errForeignEpoch
		}
		body = body[size:]
		for range n {
			next, size := binary.Uvarint(body)
			if size <= 0 {
				return out, errNoCursor
			}
			out[t] = append(out[t], int64(next))
			body = body[size:]
		}
	}
	return out, nil
}

func (c cursors) mac(body []byte) []byte {
	h := hmac.New(sha256.New, c.key)
	h.Write(body)
	return h.Sum(nil)[:macSize]
}
