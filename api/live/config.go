package live

import (
	"cmp"
	"time"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Config holds the feed's settings. Zero values mean the defaults.
type Config struct {
	// CursorKey signs cursors. Instances that share it take each other's cursors. Default: a key of this process, so a
	// client that comes back after a restart gets a new image.
	CursorKey []byte
	// Names returns the names of the installation's topics in their current versions. Default: the zero Namespace.
	Names func() wire.Namespace
	// Keep is how long, in stream time, a match stays current after it was settled. Default 72 h. Longer images are
	// bigger.
	Keep time.Duration
	// Ring is how many recent records of each partition are kept for those who come back. Default 512. With fewer, more
	// of them read the log again.
	Ring int
	// Queue is how many frames may wait for a connection before it is conflated. Default 256; at four times as many it
	// is closed.
	Queue int
	// Connections is the most connections. Default 10,000; at about 40 KiB each.
	Connections int
	// Subscriptions is the most subscriptions of a connection. Default 64.
	Subscriptions int
	// Heartbeat is how long a connection is silent before it gets a frame that only carries a cursor. Default 15 s.
	Heartbeat time.Duration
	// WriteTimeout is how long one frame may take to be written. Default 10 s. Then the reader counts as gone.
	WriteTimeout time.Duration
	// Replays is how many resumptions may read the log at the same time. Default 8; others wait.
	Replays int
	// Origins are the origins of pages that may open a websocket. Default: the server's own; "*" is any.
	Origins []string
	// OnForecast is called with every forecast of the tail. It must not block.
	OnForecast func(position wire.Position, match football.MatchID, model string, frame []byte)
}

func (c Config) withFeedDefaults() Config {
	c.Keep = cmp.Or(c.Keep, 72*time.Hour)
	c.Ring = cmp.Or(c.Ring, 512)
	c.Queue = cmp.Or(c.Queue, 256)
	c.Connections = cmp.Or(c.Connections, 10_000)
	c.Subscriptions = cmp.Or(c.Subscriptions, 64)
	c.Heartbeat = cmp.Or(c.Heartbeat, 15*time.Second)
	c.WriteTimeout = cmp.Or(c.WriteTimeout, 10*time.Second)
	c.Replays = cmp.Or(c.Replays, 8)
	return c
}
