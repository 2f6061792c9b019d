package roles

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// recorded notes when layers begin and end.
type recorded struct {
	mu     sync.Mutex
	events []string
}

func (r *recorded) note(event string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, event)
}

func (r *recorded) layer(name string) layer {
	return layer{name, func(ctx context.Context) error {
		<-ctx.Done()
		r.note("end " + name)
		return nil
	}}
}

func TestLayersStopFromTheTop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorded{}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		err := openStack(ctx, slog.New(slog.DiscardHandler), time.Minute, r.layer("log"), r.layer("stage"),
			r.layer("listen"))
		if want := []string{"end listen", "end stage", "end log"}; err != nil || !slices.Equal(r.events, want) {
			t.Errorf("got %v, %v; want %v", r.events, err, want)
		}
	})
}

func TestALayerThatEndsByItselfStopsTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorded{}
		broken := layer{"stage", func(context.Context) error { return errors.New("fenced") }}
		err := openStack(t.Context(), slog.New(slog.DiscardHandler), time.Minute, r.layer("log"), broken,
			r.layer("listen"))
		if err == nil || err.Error() != "stage: fenced" || !slices.Equal(r.events, []string{"end listen", "end log"}) {
			t.Errorf("got %v after %v", err, r.events)
		}
		silent := layer{"stage", func(context.Context) error { return nil }}
		err = openStack(t.Context(), slog.New(slog.DiscardHandler), time.Minute, silent)
		if err == nil || !strings.Contains(err.Error(), "ended by itself") {
			t.Errorf("a layer that ends without a reason: %v", err)
		}
	})
}

func TestALayerThatDoesNotStopIsLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, release := &recorded{}, make(chan struct{})
		stuck := layer{"stage", func(context.Context) error { <-release; return nil }}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		began := time.Now()
		if err := openStack(ctx, slog.New(slog.DiscardHandler), 3*time.Second, r.layer("log"), stuck); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != 3*time.Second || !slices.Equal(r.events, []string{"end log"}) {
			t.Errorf("after %v: %v", took, r.events)
		}
		close(release)
	})
}

func TestAPartThatHasNotBegunIsStarting(t *testing.T) {
	h := newHealth()
	h.expectProbes("project")
	probe := h.runProbe("project")
	if err := probe(t.Context()); err == nil || err.Error() != "starting" {
		t.Errorf("got %v", err)
	}
	h.addProbe("project", func(context.Context) error { return nil })
	if err := probe(t.Context()); err != nil {
		t.Errorf("a probe asks what is set when it is asked: %v", err)
	}
	if all := h.probeAll(); len(all) != 1 || all[0].Name != "project" || all[0].Check(t.Context()) != nil {
		t.Errorf("got %+v", all)
	}
}
