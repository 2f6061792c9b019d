package feed

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
)

// cursorAt returns a cursor as servers give them, with a signature that nobody checks here.
func cursorAt(positions Positions) string {
	raw := []byte{1}
	for _, of := range positions {
		raw = append(raw, make([]byte, 8)...)
		raw = binary.AppendUvarint(raw, uint64(len(of)))
		for _, next := range of {
			raw = binary.AppendUvarint(raw, uint64(next))
		}
	}
	return base64.RawURLEncoding.EncodeToString(append(raw, make([]byte, 16)...))
}

func newClient() *Client { return New("test", "", false, nil, func(string, ...any) {}) }

// hears feeds frames to the client; the forecasts are of one match and model.
func hears(t *testing.T, c *Client, frames ...string) {
	t.Helper()
	for _, f := range frames {
		if err := c.receiveFrame([]byte(f)); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
	}
}

func image(at int64) string {
	return fmt.Sprintf(`{"type":"image","cursor":%q,"data":{"matches":[{"predictions":[{"match":"m","model":{"id":"g"},"feature":{"sequence":1}}]}]}}`,
		cursorAt(Positions{{at}, {0}}))
}

func forecast(sequence, at int64) string {
	return fmt.Sprintf(`{"type":"prediction","cursor":%q,"data":{"match":"m","model":{"id":"g"},"feature":{"sequence":%d}}}`,
		cursorAt(Positions{{at}, {0}}), sequence)
}

func TestAClientAppliesWhatIsAboveWhatItHas(t *testing.T) {
	c := newClient()
	hears(t, c, image(5), forecast(2, 6), `{"type":"resumed"}`, forecast(2, 6), forecast(1, 6), forecast(3, 8))
	h := c.History()
	if len(h.Applied) != 2 || h.Applied[0].Sequence != 2 || h.Applied[1].Sequence != 3 || h.Again != 2 {
		t.Errorf("applied %v, %d again", h.Applied, h.Again)
	}
	if h.Start[Predictions][0] != 5 || h.End[Predictions][0] != 8 {
		t.Errorf("from %v to %v", h.Start, h.End)
	}
	if !c.CaughtUp(Predictions, map[int32]int64{0: 8}) || c.CaughtUp(Predictions, map[int32]int64{0: 9}) {
		t.Error("caught up at 8 is not what it says")
	}
	if request := c.subscription(); request["cursor"] != cursorAt(Positions{{8}, {0}}) {
		t.Errorf("it resumes with %v", request)
	}
}

func TestAClientTellsWhatIsAgainstTheProtocol(t *testing.T) {
	for name, frames := range map[string][]string{
		"a snapshot is required":   {image(5), `{"type":"snapshot_required","code":"out-of-range"}`},
		"an image after a cursor":  {image(5), image(5)},
		"an error":                 {`{"type":"error","code":"internal"}`},
		"a cursor of another form": {`{"type":"heartbeat","cursor":"AQ"}`},
		"no JSON":                  {`goal`},
	} {
		c, last := newClient(), len(frames)-1
		hears(t, c, frames[:last]...)
		if err := c.receiveFrame([]byte(frames[last])); !errors.Is(err, errProtocol) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := newClient().receiveFrame([]byte(`{"type":"error","code":"warming-up","detail":"in a moment"}`)); err == nil ||
		errors.Is(err, errProtocol) {
		t.Errorf("warming up: got %v, want an error that is no finding", err)
	}
}
