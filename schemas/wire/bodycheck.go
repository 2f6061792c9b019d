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
	end, err := c.passLayout(l, 0)
	if err != nil {
		return err
	}
	if rest := len(body) - end; rest > 0 {
		return fmt.Errorf("%d bytes follow the last value", rest)
	}
	return nil
}

// bodyCheck goes through one body. Its methods take the place of the next byte and return the place after what they
// went past, at most the body's length. The place is no field, so that it stays in a register: every record is checked,
// and with a field the check takes a tenth longer.
type bodyCheck struct {
	body  []byte
	items int // of all lists so far
}

var (
	errBodyEnds   = errors.New("the body ends too early")
	errLongVarint = errors.New("an integer has too many bytes")
	errNoBoolean  = errors.New("a boolean is neither 0 nor 1")
)

// passLayout goes past the values of each step.
func (c *bodyCheck) passLayout(l layout, at int) (int, error) {
	var err error
	for i := range l {
		step := &l[i]
		switch step.kind {
		case stepFixed:
			at, err = passBytes(c.body, at, int64(step.width))
		case stepBoolean:
			at, err = passBooleans(c.body, at, step.values)
		case stepVarint:
			at, err = passVarints(c.body, at, step.values, step.width)
		case stepBytes:
			at, err = passStrings(c.body, at, step.values)
		case stepList:
			at, err = c.passList(step, at)
		case stepUnion:
			at, err = c.passUnion(step, at)
		}
		if err != nil {
			return at, err
		}
	}
	return at, nil
}

func passBooleans(body []byte, at, n int) (int, error) {
	if n > len(body)-at {
		return at, errBodyEnds
	}
	for _, b := range body[at : at+n] {
		if b > 1 {
			return at, errNoBoolean
		}
	}
	return at + n, nil
}

// passVarints goes past n integers of at most so many bytes each. All bytes of one but its last have the highest bit.
func passVarints(body []byte, at, n, most int) (int, error) {
	for range n {
		last := at
		for last < len(body) && body[last] >= 0x80 {
			last++
		}
		if last-at >= most {
			return at, errLongVarint
		}
		if last == len(body) {
			return at, errBodyEnds
		}
		at = last + 1
	}
	return at, nil
}

// passStrings goes past n strings, each after its length.
func passStrings(body []byte, at, n int) (int, error) {
	for range n {
		if at < len(body) && body[at]&0x81 == 0 { // a length of one byte, and not negative: nearly all
			at += 1 + int(body[at]>>1)
			if at > len(body) {
				return at, errBodyEnds
			}
			continue
		}
		length, next, err := readLong(body, at)
		if err != nil {
			return at, err
		}
		if at, err = passBytes(body, next, length); err != nil {
			return at, err
		}
	}
	return at, nil
}

// passBytes goes past n bytes.
func passBytes(body []byte, at int, n int64) (int, error) {
	if uint64(n) > uint64(len(body)-at) { // a negative length is a huge one
		return at, errBodyEnds
	}
	return at + int(n), nil
}

func (c *bodyCheck) passUnion(step *layoutStep, at int) (int, error) {
	v, at, err := readVarint(c.body, at, maxIntBytes)
	if err != nil {
		return at, err
	}
	index := decodeZigzag(uint64(uint32(v)))
	if index < 0 || index >= int64(len(step.parts)) {
		return at, fmt.Errorf("branch %d of a union that has %d", index, len(step.parts))
	}
	return c.passLayout(step.parts[index], at)
}

// passList goes past the blocks of a list.
func (c *bodyCheck) passList(step *layoutStep, at int) (int, error) {
	for {
		count, next, err := readLong(c.body, at)
		switch {
		case err != nil || count == 0:
			return next, err
		case count > 0:
			at, err = c.passItems(step, count, next)
		default:
			at, err = c.passSizedBlock(step, -count, next)
		}
		if err != nil {
			return at, err
		}
	}
}

// passSizedBlock goes past a block whose size in bytes stands before its items. The library skips by the size and
// decodes by the count, so both must agree.
func (c *bodyCheck) passSizedBlock(step *layoutStep, count int64, at int) (int, error) {
	size, start, err := readLong(c.body, at)
	if err != nil {
		return at, err
	}
	end, err := c.passItems(step, count, start)
	if err != nil {
		return end, err
	}
	if got := int64(end - start); got != size {
		return end, fmt.Errorf("a block of %d items claims %d bytes and has %d", count, size, got)
	}
	return end, nil
}

func (c *bodyCheck) passItems(step *layoutStep, count int64, at int) (int, error) {
	left := int64(len(c.body) - at)
	// -2^63 has no positive twin and stays negative. The product is only made of a count that is small.
	if count < 0 || count > left || count*int64(step.width) > left {
		return at, fmt.Errorf("a list claims %d items of at least %d bytes where %d bytes are left", uint64(count),
			step.width, left)
	}
	c.items += int(count)
	if c.items > maxItems {
		return at, fmt.Errorf("the lists have more than %d items", maxItems)
	}
	items := step.parts[0]
	if len(items) == 1 && items[0].kind == stepFixed {
		return at + int(count)*step.width, nil
	}
	var err error
	for range count {
		if at, err = c.passLayout(items, at); err != nil {
			return at, err
		}
	}
	return at, nil
}

// Lengths of the longest variable-length integers.
const (
	maxIntBytes  = 5
	maxLongBytes = 10
)

// readLong returns the long that begins at a place, and the place after it.
func readLong(body []byte, at int) (int64, int, error) {
	v, next, err := readVarint(body, at, maxLongBytes)
	return decodeZigzag(v), next, err
}

// readVarint returns the integer that begins at a place, as it was before it is turned into a signed one, and the place
// after it.
func readVarint(body []byte, at, most int) (uint64, int, error) {
	if at < len(body) && body[at] < 0x80 { // nearly all
		return uint64(body[at]), at + 1, nil
	}
	return readLongVarint(body, at, most)
}

func readLongVarint(body []byte, at, most int) (uint64, int, error) {
	var v uint64
	for i, b := range body[at:min(at+most, len(body))] {
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			return v, at + i + 1, nil
		}
	}
	if len(body)-at < most {
		return 0, at, errBodyEnds
	}
	return 0, at, errLongVarint
}

// decodeZigzag returns the signed integer that Avro writes as v.
func decodeZigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }
