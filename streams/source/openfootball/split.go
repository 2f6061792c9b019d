package openfootball

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// listed is a verbatim match object and the names of the stages, groups and rounds in which the file has it.
type listed struct {
	payload json.RawMessage
	within  string
}

// splitter takes a file apart. Matches may be in the file, or in its rounds, stages and groups, at any depth.
type splitter struct {
	dec     *json.Decoder
	title   string
	matches []listed
}

// splitFile returns a file's title and its match objects. What comes after the first mistake is the rest.
func splitFile(data []byte) (title string, matches []listed, rest []byte) {
	s := &splitter{dec: json.NewDecoder(bytes.NewReader(data))}
	err := s.readContainer("", true)
	rest = bytes.TrimSpace(data[min(s.dec.InputOffset(), int64(len(data))):])
	if err != nil && len(rest) == 0 {
		rest = data // the file ends too early: there is no piece to show
	}
	return s.title, s.matches, rest
}

// readContainer reads the file's object or a round, stage or group of it. Its name may come after its matches: they are
// named when it ends.
func (s *splitter) readContainer(within string, top bool) error {
	first, name := len(s.matches), ""
	err := readObject(s.dec, func(key string) error {
		switch key {
		case "name", "title", "round", "stage", "group":
			var value json.RawMessage
			if err := s.dec.Decode(&value); err != nil {
				return err
			}
			var text string
			if json.Unmarshal(value, &text) == nil && name == "" {
				name = text
			}
			return nil
		case "matches", "games":
			return readArray(s.dec, s.readMatchObject)
		case "rounds", "stages", "groups", "matchdays":
			return readArray(s.dec, func() error { return s.readContainer(within, false) })
		default:
			return skipValue(s.dec)
		}
	})
	if top {
		s.title = name
		return err
	}
	for i := range s.matches[first:] {
		s.matches[first+i].within = name + " " + s.matches[first+i].within
	}
	return err
}

func (s *splitter) readMatchObject() error {
	var m json.RawMessage
	if err := s.dec.Decode(&m); err != nil {
		return err
	}
	s.matches = append(s.matches, listed{payload: m})
	return nil
}

func skipValue(dec *json.Decoder) error {
	var value json.RawMessage
	return dec.Decode(&value)
}

// readObject calls member with each key of the object that comes next.
func readObject(dec *json.Decoder, member func(key string) error) error {
	return readWithin(dec, '{', func() error {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		return member(key.(string)) // the decoder allows nothing else here
	})
}

// readArray calls element before each element of the array that comes next; null is an empty one.
func readArray(dec *json.Decoder, element func() error) error { return readWithin(dec, '[', element) }

func readWithin(dec *json.Decoder, open json.Delim, each func() error) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	if token == nil && open == '[' {
		return nil
	}
	if token != open {
		return errors.New("something else instead of " + open.String())
	}
	for dec.More() {
		if err := each(); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return errors.Join(err, io.ErrUnexpectedEOF)
	}
	return nil
}
