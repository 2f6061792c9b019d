package process

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sleeper returns a started role that does nothing, and where its unexpected ends are told.
func sleeper(t *testing.T, args ...string) (*Role, chan string) {
	t.Helper()
	ends := make(chan string, 1)
	r := New("sleeper", "sleep", "", args, nil, filepath.Join(t.TempDir(), "log"), func(_, how string) { ends <- how })
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Kill() })
	return r, ends
}

func TestAnEndThatNobodyAskedForIsTold(t *testing.T) {
	t.Parallel()
	r, ends := sleeper(t, "nonsense")
	if how := <-ends; !strings.Contains(how, "exit status") {
		t.Errorf("got %q", how)
	}
	if r.Running() {
		t.Error("it runs although it ended")
	}
}

func TestAKillIsNotTold(t *testing.T) {
	t.Parallel()
	r, ends := sleeper(t, "60")
	if err := r.Freeze(); err != nil {
		t.Fatal(err)
	}
	if err := r.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	if err := r.Stop(10 * time.Second); err == nil {
		t.Error("sleep ends by the signal, which is no clean end")
	}
	select {
	case how := <-ends:
		t.Errorf("told that it ended: %s", how)
	default:
	}
}

func TestAMetricIsSummedOverItsLabels(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("# HELP goals scored\ngoals{side=\"home\"} 2\ngoals{side=\"a b\"} 1.5\ngoals_total 9\n"))
	}))
	defer server.Close()
	r := &Role{address: strings.TrimPrefix(server.URL, "http://")}
	if sum, err := r.Metric(t.Context(), "goals"); err != nil || sum != 3.5 {
		t.Errorf("got %v, %v", sum, err)
	}
}
