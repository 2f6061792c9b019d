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

// passLayout goes past the values of each step.
func (c *bodyCheck) passLayout(l layout) error {
	for i := range l {
		step := &l[i]
		var err error
		switch step.kind {
		case stepFixed:
			err = c.passBytes(int64(step.width))
		case stepBoolean:
			err = c.passBooleans(step.values)
		case stepVarint:
			err = c.passVarints(step.values, step.width)
		case stepBytes:
			err = c.passStrings(step.values)
		case stepList:
			err = c.passList(step)
		case stepUnion:
			err = c.passUnion(step)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *bodyCheck) passBooleans(n int) error {
	if n > len(c.body)-c.at {
		return errBodyEnds
	}
	for _, b := range c.body[c.at : c.at+n] {
		if b > 1 {
			return errNoBoolean
		}
	}
	c.at += n
	return nil
}

// passVarints goes past n integers of at most so many bytes each. All bytes of one but its last have the highest bit.
func (c *bodyCheck) passVarints(n, most int) error {
	body, at := c.body, c.at
	for range n {
		last := at
		for last < len(body) && body[last] >= 0x80 {
			last++
		}
		if last-at >= most {
			return errLongVarint
		}
		if last == len(body) {
			return errBodyEnds
		}
		at = last + 1
	}
	c.at = at
	return nil
}

// passStrings goes past n strings, each after its length.
func (c *bodyCheck) passStrings(n int) error {
	for range n {
		if c.at < len(c.body) && c.body[c.at]&0x81 == 0 { // a length of one byte, and not negative: nearly all
			c.at += 1 + int(c.body[c.at]>>1)
			if c.at > len(c.body) {
				return errBodyEnds
			}
			continue
		}
		length, err := c.readLong()
		if err != nil {
			return err
		}
		if err := c.passBytes(length); err != nil {
			return err
		}
	}
	return nil
}

// passBytes goes past n bytes.
func (c *bodyCheck) passBytes(n int64) error {
	if uint64(n) > uint64(len(c.body)-c.at) { // a negative length is a huge one
		return errBodyEnds
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
	left := int64(len(c.body) - c.at)
	// -2^63 has no positive twin and stays negative. The product is only made of a count that is small.
	if count < 0 || count > left || count*int64(step.width) > left {
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
	if c.at < len(c.body) && c.body[c.at] < 0x80 { // nearly all
		c.at++
		return uint64(c.body[c.at-1]), nil
	}
	return c.readLongVarint(most)
}

func (c *bodyCheck) readLongVarint(most int) (uint64, error) {
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
