// Package cursor writes positions as the opaque text that clients keep, and reads it again.
//
// A cursor is the version of its form, for each topic eight bytes of its id and the next offset of each partition, and
// a signature (HMAC-SHA-256, cut to 16 bytes), in unpadded base64url. The signature keeps clients from making positions
// of their own, which would make the server read the log from anywhere. Instances that share the key take each other's
// cursors.
package cursor

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/touchline/touchline/api/live/record"
)

const (
	formVersion   = 1
	signatureSize = 16
	idSize        = 8    // of a topic id, which is random: enough to tell a topic from its successor
	maxLength     = 4096 // of a cursor's text; a hundred partitions have less than 2,000
)

// ErrForeignLog is for a cursor of a topic that was made anew since.
var ErrForeignLog = errors.New("the log was rebuilt since this cursor was given")

// ErrInvalid is for a text that is not a cursor of this installation.
var ErrInvalid = errors.New("this is not a cursor that this installation gave, or its key was changed since")

// Signer signs and reads cursors. It is safe for concurrent use.
type Signer struct{ key []byte }

// NewSigner returns a signer with that key; without one, with a key that no other process has.
func NewSigner(key []byte) (Signer, error) {
	if len(key) == 0 {
		key = make([]byte, 32)
		if _, err := rand.Read(key); err != nil {
			return Signer{}, fmt.Errorf("make a cursor key: %w", err)
		}
	}
	return Signer{key}, nil
}

// Format writes positions as a cursor.
func (s Signer) Format(at record.Positions) string {
	buf := make([]byte, 0, 160)
	buf = append(buf, formVersion)
	for t, offsets := range at.Next {
		buf = append(buf, at.Log.IDs[t][:idSize]...)
		buf = binary.AppendUvarint(buf, uint64(len(offsets)))
		for _, next := range offsets {
			buf = binary.AppendUvarint(buf, uint64(next))
		}
	}
	return base64.RawURLEncoding.EncodeToString(append(buf, s.signature(buf)...))
}

// Parse reads a cursor. It must be of the same log as now, whose number of partitions it must have. The error is
// ErrInvalid or ErrForeignLog.
func (s Signer) Parse(text string, now record.Positions) (record.Positions, error) {
	out := record.Positions{Log: now.Log}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < 1+signatureSize || len(text) > maxLength {
		return out, ErrInvalid
	}
	body, signature := raw[:len(raw)-signatureSize], raw[len(raw)-signatureSize:]
	if !hmac.Equal(signature, s.signature(body)) || body[0] != formVersion {
		return out, ErrInvalid
	}
	body = body[1:]
	for t := range out.Next {
		if len(body) < idSize {
			return out, ErrInvalid
		}
		if !slices.Equal(body[:idSize], now.Log.IDs[t][:idSize]) {
			return out, ErrForeignLog
		}
		if out.Next[t], body, err = parseOffsets(body[idSize:], len(now.Next[t])); err != nil {
			return out, err
		}
	}
	return out, nil
}

// parseOffsets reads the offsets of one topic, and returns what is behind them.
func parseOffsets(body []byte, partitions int) (offsets []int64, rest []byte, err error) {
	n, size := binary.Uvarint(body)
	if size <= 0 || int(n) != partitions {
		return nil, nil, ErrForeignLog
	}
	body = body[size:]
	for range n {
		next, size := binary.Uvarint(body)
		if size <= 0 {
			return nil, nil, ErrInvalid
		}
		offsets = append(offsets, int64(next))
		body = body[size:]
	}
	return offsets, body, nil
}

func (s Signer) signature(body []byte) []byte {
	h := hmac.New(sha256.New, s.key)
	h.Write(body)
	return h.Sum(nil)[:signatureSize]
}
