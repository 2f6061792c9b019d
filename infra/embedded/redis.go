package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// RedisConfig says where the embedded Redis listens. It has no folder: what it holds is a cache.
type RedisConfig struct {
	Listen string // address; port 0 takes a free one. Default 127.0.0.1:0
}

// Redis is a Redis in memory.
type Redis struct {
	server *miniredis.Miniredis
	stop   chan struct{}
	done   chan struct{}
}

// expiryStep is how often keys are expired. miniredis could do it at each command (ClockTTL), but it walks over all
// keys each time: with 20,000 keys a GET took 11 ms instead of 60 us.
const expiryStep = time.Second

// StartRedis serves an empty Redis.
func StartRedis(_ context.Context, cfg RedisConfig) (*Redis, error) {
	address := cmp.Or(cfg.Listen, "127.0.0.1:0")
	r := &Redis{server: miniredis.NewMiniRedis(), stop: make(chan struct{}), done: make(chan struct{})}
	err := r.server.StartAddr(address)
	if errors.Is(err, syscall.EADDRINUSE) {
		err = &BusyError{What: "address " + address, Setting: "TOUCHLINE_REDIS_LISTEN", Err: err}
	}
	if err != nil {
		return nil, fmt.Errorf("start embedded Redis: %w", err)
	}
	go r.expireKeys()
	return r, nil
}

func (r *Redis) expireKeys() {
	defer close(r.done)
	ticks := time.NewTicker(expiryStep)
	defer ticks.Stop()
	last := time.Now()
	for {
		select {
		case now := <-ticks.C:
			r.server.FastForward(now.Sub(last))
			last = now
		case <-r.stop:
			return
		}
	}
}

// URL returns the server's address as clients want it.
func (r *Redis) URL() string { return "redis://" + r.server.Addr() }

// Stop cuts off the clients and forgets all.
func (r *Redis) Stop(context.Context) error {
	close(r.stop)
	<-r.done
	r.server.Close()
	return nil
}
