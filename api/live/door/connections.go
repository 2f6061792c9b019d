package door

import (
	"sync"
	"time"

	"github.com/touchline/touchline/api/live/frame"
	"github.com/touchline/touchline/api/live/outbox"
)

// connections are the open connections, by their outboxes.
type connections struct {
	most int
	gone sync.WaitGroup // one for each of open

	mu       sync.Mutex // guards what follows; taken by the board's OnRebuilt, so nothing here calls the board
	open     map[*outbox.Outbox]bool
	stopping bool
}

func newConnections(most int) *connections {
	return &connections{most: most, open: map[*outbox.Outbox]bool{}}
}

// admit makes room for a connection, or refuses it.
func (c *connections) admit(out *outbox.Outbox) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.stopping:
		return frame.Refuse("stopping", "the server stops")
	case len(c.open) >= c.most:
		return frame.Refuse("too-many-connections", "this server has its %d connections; try another", c.most)
	}
	c.open[out] = true
	c.gone.Add(1)
	return nil
}

// dismiss takes back the room of a connection that has ended.
func (c *connections) dismiss(out *outbox.Outbox) {
	c.mu.Lock()
	delete(c.open, out)
	c.mu.Unlock()
	c.gone.Done()
}

func (c *connections) endAll(code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for out := range c.open {
		out.EndConnection(code, reason)
	}
}

// stop admits nobody any more, ends all connections and waits for them, at most that long.
func (c *connections) stop(code int, reason string, wait time.Duration) {
	c.mu.Lock()
	c.stopping = true
	c.mu.Unlock()
	c.endAll(code, reason)
	ended := make(chan struct{})
	go func() { c.gone.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(wait):
	}
}
