package source

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestIDsArePublishable(t *testing.T) {
	long := strings.Repeat("x", 2<<20)
	for id, same := range map[string]bool{"E0/2020-21/Arsenal/Chelsea#full-time": true, "": true,
		"Bristol\xff City": false, long + "a": false} {
		got := publishable(id)
		if same != (got == id) || len(got) > maxName || !utf8.ValidString(got) {
			t.Errorf("%.40q: got %.40q of %d bytes", id, got, len(got))
		}
	}
	if publishable(long+"a") == publishable(long+"b") {
		t.Error("two long ids became one")
	}
}
