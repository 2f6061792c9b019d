package wire

import (
	"errors"
	"fmt"
)

// checkBody reports what is wrong with a body that should have this layout: an error when it ends too early or goes on
// after its last value, when a length, a count or an index is impossible, or when a limit is passed.
//
// The Avro library decodes a body only after this. It trusts counts: it skips 2^62 items of a list without looking
// whether the body has ended, it takes an item count of -2^63 for an index of memory, and it takes the end of a body
// within an integer for a zero. After the check none of that can happen, and what the library allocates is bounded by
// the bytes and the items that are really there.
//
// The check itself allocates nothing. Each value takes at least a byte, so its time is linear in the body's length.
func (l layout) checkBody(body []byte) error {
	if len(body) > maxBody {
		return fmt.Errorf("the body has %d bytes, the limit is %d", len(body), maxBody)
	}
	c := bodyCheck{body: body}
	if err := c.passLayout(l); err != nil {
		return err
	}
	if rest := len(body) - c.at; rest > 0 {
		return fmt.Errorf("%d bytes follow the last value", rest)
	}
	return nil
}

// bodyCheck goes through one body.
type bodyCheck struct {
	body  []byte
	at    int // the next byte
	items int // of all lists so far
}

var (
	errBodyEnds   = errors.New("the body ends too early")
	errLongVarint = errors.New("an integer has too many bytes")
	errNoBoolean  = errors.New("a boolean is neither 0 nor 1")
)

// passLayout goes past the values of each step. Most are short strings and small numbers, whose length is one byte:
// these it passes by itself, since every record that is read comes through here.
func (c *bodyCheck) passLayout(l layout) error {
	body, at := c.body, c.at
	for i := range l {
		step := &l[i]
		left := step.values
		switch step.kind {
		case stepFixed:
			if at += step.width; at > len(body) {
				return errBodyEnds
			}
			continue
		case stepInt, stepLong:
			for ; left > 0 && at < len(body) && body[at] < 0x80; left-- {
				at++
			}
		case stepBytes:
			for ; left > 0 && at < len(body) && body[at]&0x81 == 0; left-- { // neither longer than a byte nor negative
				at += 1 + int(body[at]>>1)
			}
			if at > len(body) {
				return errBodyEnds
			}
		case stepBoolean:
			for ; left > 0 && at < len(body) && body[at] <= 1; left-- {
				at++
			}
		}
		c.at = at
		for ; left > 0; left-- {
			if err := c.passValue(step); err != nil {
				return err
			}
		}
		at = c.at
	}
	c.at = at
	return nil
}

// passValue goes past one value of a step that is not of fixed width.
func (c *bodyCheck) passValue(step *layoutStep) error {
	switch step.kind {
	case stepBoolean:
		return c.passBoolean()
	case stepInt:
		_, err := c.readVarint(maxIntBytes)
		return err
	case stepLong:
		_, err := c.readVarint(maxLongBytes)
		return err
	case stepBytes:
		n, err := c.readLong()
		if err != nil {
			return err
		}
		return c.passBytes(n)
	case stepList:
		return c.passList(step)
	default:
		return c.passUnion(step)
	}
}

func (c *bodyCheck) passBoolean() error {
	if c.at >= len(c.body) {
		return errBodyEnds
	}
	if c.body[c.at] > 1 {
		return errNoBoolean
	}
	c.at++
	return nil
}

// passBytes goes past n bytes.
func (c *bodyCheck) passBytes(n int64) error {
	if uint64(n) > uint64(len(c.body)-c.at) { // a negative length is a huge one
		return fmt.Errorf("a value claims %d bytes where %d are left: %w", n, len(c.body)-c.at, errBodyEnds)
	}
	c.at += int(n)
	return nil
}

func (c *bodyCheck) passUnion(step *layoutStep) error {
	v, err := c.readVarint(maxIntBytes)
	if err != nil {
		return err
	}
	index := decodeZigzag(uint64(uint32(v)))
	if index < 0 || index >= int64(len(step.parts)) {
		return fmt.Errorf("branch %d of a union that has %d", index, len(step.parts))
	}
	return c.passLayout(step.parts[index])
}

// passList goes past the blocks of a list.
func (c *bodyCheck) passList(step *layoutStep) error {
	for {
		count, err := c.readLong()
		if err != nil || count == 0 {
			return err
		}
		if count > 0 {
			err = c.passItems(step, count)
		} else {
			err = c.passSizedBlock(step, -count)
		}
		if err != nil {
			return err
		}
	}
}

// passSizedBlock goes past a block whose size in bytes stands before its items. The library skips by the size and
// decodes by the count, so both must agree.
func (c *bodyCheck) passSizedBlock(step *layoutStep, count int64) error {
	size, err := c.readLong()
	if err != nil {
		return err
	}
	start := c.at
	if err := c.passItems(step, count); err != nil {
		return err
	}
	if got := int64(c.at - start); got != size {
		return fmt.Errorf("a block of %d items claims %d bytes and has %d", count, size, got)
	}
	return nil
}

func (c *bodyCheck) passItems(step *layoutStep, count int64) error {
	left := len(c.body) - c.at
	if count < 0 || count > int64(left/step.width) { // -2^63 has no positive twin and stays negative
		return fmt.Errorf("a list claims %d items of at least %d bytes where %d bytes are left", uint64(count),
			step.width, left)
	}
	c.items += int(count)
	if c.items > maxItems {
		return fmt.Errorf("the lists have more than %d items", maxItems)
	}
	items := step.parts[0]
	if len(items) == 1 && items[0].kind == stepFixed {
		c.at += int(count) * step.width
		return nil
	}
	for range count {
		if err := c.passLayout(items); err != nil {
			return err
		}
	}
	return nil
}

// Lengths of the longest variable-length integers.
const (
	maxIntBytes  = 5
	maxLongBytes = 10
)

func (c *bodyCheck) readLong() (int64, error) {
	v, err := c.readVarint(maxLongBytes)
	return decodeZigzag(v), err
}

// readVarint returns the integer that begins at the next byte, as it was before it is turned into a signed one.
func (c *bodyCheck) readVarint(most int) (uint64, error) {
	var v uint64
	for i, b := range c.body[c.at:min(c.at+most, len(c.body))] {
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			c.at += i + 1
			return v, nil
		}
	}
	if len(c.body)-c.at < most {
		return 0, errBodyEnds
	}
	return 0, errLongVarint
}

// decodeZigzag returns the signed integer that Avro writes as v.
func decodeZigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }
