package cursor_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/touchline/touchline/api/live/cursor"
	"github.com/touchline/touchline/api/live/record"
)

var at = record.Positions{
	Log: record.Log{
		IDs: [record.TopicCount][16]byte{{1, 2, 3, 4, 5, 6, 7, 8, 9}, {11, 12, 13, 14, 15, 16, 17, 18, 19}},
	},
	Next: [record.TopicCount][]int64{{0, 300}, {1 << 40}},
}

func newSigner(t *testing.T, key string) cursor.Signer {
	t.Helper()
	s, err := cursor.NewSigner([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Clients keep cursors over upgrades: the form must not change without a new version of it.
func TestTheFormStays(t *testing.T) {
	t.Parallel()
	const want = "AQECAwQFBgcIAgCsAgsMDQ4PEBESAYCAgICAIHGYGQS8VRdtABOPOrN3yNw"
	s := newSigner(t, "a key of thirty-two characters!!")
	if got := s.Format(at); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, err := s.Parse(want, at); err != nil || !reflect.DeepEqual(got, at) {
		t.Errorf("got %v, %v, want %v", got, err, at)
	}
}

func TestWhatIsNoCursorIsRefused(t *testing.T) {
	t.Parallel()
	s := newSigner(t, "a key")
	text := s.Format(at)
	rebuilt, grown := at.Clone(), at.Clone()
	rebuilt.Log.IDs[record.Events][0]++
	grown.Next[record.Predictions] = append(grown.Next[record.Predictions], 0)
	for name, test := range map[string]struct {
		text string
		now  record.Positions
		want error
	}{
		"nothing":               {"", at, cursor.ErrInvalid},
		"another alphabet":      {"!!", at, cursor.ErrInvalid},
		"a changed byte":        {"B" + text[1:], at, cursor.ErrInvalid},
		"another key":           {newSigner(t, "another").Format(at), at, cursor.ErrInvalid},
		"a key of this process": {newSigner(t, "").Format(at), at, cursor.ErrInvalid},
		"a rebuilt topic":       {text, rebuilt, cursor.ErrForeignLog},
		"more partitions":       {text, grown, cursor.ErrForeignLog},
	} {
		if _, err := s.Parse(test.text, test.now); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
	}
}
