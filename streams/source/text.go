package source

import (
	"bytes"
	"encoding/binary"
	"errors"
	"unicode/utf16"
	"unicode/utf8"
)

// Encoding is how a file's text was written.
type Encoding string

// The encodings that files are decoded from.
const (
	UTF8        Encoding = "utf-8"
	UTF16       Encoding = "utf-16"
	Windows1252 Encoding = "windows-1252"
)

// windows1252 are the characters of the bytes 0x80 to 0x9f; all others of Windows-1252 are those of ISO 8859-1. The
// five bytes that it leaves out stay control characters.
var windows1252 = [32]rune{
	'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8d, 'Ž', 0x8f,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9d, 'ž', 'Ÿ',
}

// DecodeText returns a file's text as UTF-8 without a byte order mark, and the encoding that it was written in. That
// is decided by evidence, once for the whole file: a byte order mark, zero bytes at every second place (UTF-16), else
// UTF-8 where the bytes are valid UTF-8, else Windows-1252. In a file that is UTF-8 but for a few bytes, those alone
// are taken as Windows-1252. A file that is no text at all is an error.
func DecodeText(data []byte) ([]byte, Encoding, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		data = data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return checkText(decodeUTF16(data[2:], binary.LittleEndian), UTF16)
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return checkText(decodeUTF16(data[2:], binary.BigEndian), UTF16)
	}
	if order := zeroBytes(data); order != nil {
		return checkText(decodeUTF16(data, order), UTF16)
	}
	if utf8.Valid(data) {
		return checkText(data, UTF8)
	}
	return checkText(decodeBytes(data), Windows1252)
}

// checkText refuses what has characters that no text has.
func checkText(text []byte, encoding Encoding) ([]byte, Encoding, error) {
	head := text[:min(len(text), 4096)]
	control := 0
	for _, b := range head {
		if b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != '\f' {
			control++
		}
	}
	if bytes.IndexByte(head, 0) >= 0 || control > len(head)/50 {
		return nil, encoding, errors.New("it is no text")
	}
	return text, encoding, nil
}

// zeroBytes returns the byte order of UTF-16 without a mark: text in Latin letters has a zero in every second byte.
func zeroBytes(data []byte) binary.ByteOrder {
	n := min(len(data), 1024) &^ 1
	var even, odd int
	for i := 0; i < n; i += 2 {
		if data[i] == 0 {
			even++
		}
		if data[i+1] == 0 {
			odd++
		}
	}
	switch half := n / 2; {
	case half > 1 && odd > half*7/10 && even <= half/10:
		return binary.LittleEndian
	case half > 1 && even > half*7/10 && odd <= half/10:
		return binary.BigEndian
	default:
		return nil
	}
}

// decodeUTF16 decodes pairs of bytes; one that is left over at the end is dropped.
func decodeUTF16(data []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// decodeBytes decodes text that is not valid UTF-8. Where most of what is not ASCII is valid UTF-8 nevertheless, only
// the other bytes are Windows-1252; else all are.
func decodeBytes(data []byte) []byte {
	sequences, strays := 0, 0
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			strays++
		case size > 1:
			sequences++
		}
		rest = rest[size:]
	}
	keep := sequences > strays
	out := make([]byte, 0, len(data)+len(data)/20)
	for len(data) > 0 {
		if r, size := utf8.DecodeRune(data); size > 1 && keep && r != utf8.RuneError {
			out = append(out, data[:size]...)
			data = data[size:]
			continue
		}
		b := data[0]
		data = data[1:]
		switch {
		case b >= 0x80 && b < 0xa0:
			out = utf8.AppendRune(out, windows1252[b-0x80])
		default:
			out = utf8.AppendRune(out, rune(b))
		}
	}
	return out
}

// CutLine cuts the first line off, without its end: LF, CRLF or CR, as Macs once wrote it.
func CutLine(text []byte) (line, rest []byte) {
	at := bytes.IndexAny(text, "\r\n")
	if at < 0 {
		return text, nil
	}
	line, rest = text[:at], text[at:]
	if bytes.HasPrefix(rest, []byte("\r\r\n")) { // written twice as text
		return line, rest[3:]
	}
	if bytes.HasPrefix(rest, []byte("\r\n")) {
		return line, rest[2:]
	}
	return line, rest[1:]
}
