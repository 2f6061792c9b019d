package postgres

import (
	"encoding/binary"
	"math"

	"github.com/touchline/touchline/schemas/football"
)

// copyBuffer builds the input of COPY ... WITH (FORMAT binary): begin, then beginRow and one append for each of its
// columns, then finish. pgx can do it too, through a []any a row and reflection; at the speed of a replay that is a
// third of a core, and this is 80 lines.
type copyBuffer struct {
	buf  []byte
	rows int // begun since begin
}

const (
	copySignature = "PGCOPY\n\xff\r\n\x00"
	// postgresEpoch is the microseconds from 1970-01-01, where Go counts from, to 2000-01-01, where Postgres does.
	postgresEpoch = 946684800 * 1_000_000
)

// beginCopy empties the buffer and writes the header. The buffer's memory is used again.
func (c *copyBuffer) beginCopy() {
	c.buf = append(c.buf[:0], copySignature...)
	c.buf = append(c.buf, 0, 0, 0, 0, 0, 0, 0, 0) // flags, header extension length
	c.rows = 0
}

// beginRow begins a row of n columns.
func (c *copyBuffer) beginRow(n int) {
	c.buf = binary.BigEndian.AppendUint16(c.buf, uint16(n))
	c.rows++
}

// finishCopy closes the input and returns it.
func (c *copyBuffer) finishCopy() []byte {
	c.buf = binary.BigEndian.AppendUint16(c.buf, 0xffff)
	return c.buf
}

func (c *copyBuffer) appendLength(n int) { c.buf = binary.BigEndian.AppendUint32(c.buf, uint32(n)) }

func (c *copyBuffer) appendNull() { c.appendLength(-1) }

func (c *copyBuffer) appendText(s string) {
	c.appendLength(len(s))
	c.buf = append(c.buf, s...)
}

func (c *copyBuffer) appendBytes(b []byte) {
	c.appendLength(len(b))
	c.buf = append(c.buf, b...)
}

func (c *copyBuffer) appendJSONB(b []byte) {
	c.appendLength(len(b) + 1)
	c.buf = append(c.buf, 1) // version of the binary form
	c.buf = append(c.buf, b...)
}

func (c *copyBuffer) appendBool(b bool) {
	c.appendLength(1)
	if b {
		c.buf = append(c.buf, 1)
		return
	}
	c.buf = append(c.buf, 0)
}

// appendInt2 writes a smallint; what does not fit becomes the nearest that does.
func (c *copyBuffer) appendInt2(n int32) {
	c.appendLength(2)
	c.buf = binary.BigEndian.AppendUint16(c.buf, uint16(int16(max(math.MinInt16, min(math.MaxInt16, n)))))
}

func (c *copyBuffer) appendInt4(n int32) {
	c.appendLength(4)
	c.buf = binary.BigEndian.AppendUint32(c.buf, uint32(n))
}

func (c *copyBuffer) appendInt8(n int64) {
	c.appendLength(8)
	c.buf = binary.BigEndian.AppendUint64(c.buf, uint64(n))
}

func (c *copyBuffer) appendFloat4(f float64) {
	c.appendLength(4)
	c.buf = binary.BigEndian.AppendUint32(c.buf, math.Float32bits(float32(f)))
}

func (c *copyBuffer) appendFloat8(f float64) {
	c.appendLength(8)
	c.buf = binary.BigEndian.AppendUint64(c.buf, math.Float64bits(f))
}

// appendProbability writes a double, or NULL for a negative one: "not given".
func (c *copyBuffer) appendProbability(f float64) {
	if f < 0 {
		c.appendNull()
		return
	}
	c.appendFloat8(f)
}

// appendInstant writes a timestamptz.
func (c *copyBuffer) appendInstant(i football.Instant) {
	c.appendInt8(int64(i)*1000 - postgresEpoch)
}

// appendKnownInstant writes a timestamptz, or NULL for an instant that is not known.
func (c *copyBuffer) appendKnownInstant(i football.Instant) {
	if i == 0 {
		c.appendNull()
		return
	}
	c.appendInstant(i)
}
