package embedded

import (
	"context"
	"net"
	"sync"
)

// door is the broker's listener. Until it is opened, only connections of this process (through inside) come in; others
// wait in the kernel's queue. So the log can be set in order with the broker's own requests before clients see it.
type door struct {
	net.Listener
	private chan net.Conn
	opened  chan struct{}
	closed  chan struct{}
	once    sync.Once
}

func openDoor(address string) (*door, error) {
	l, err := listenOn(address, "TOUCHLINE_KAFKA_LISTEN")
	if err != nil {
		return nil, err
	}
	return &door{Listener: l, private: make(chan net.Conn), opened: make(chan struct{}),
		closed: make(chan struct{})}, nil
}

// Accept returns connections from inside until the door is open, then those from outside.
func (d *door) Accept() (net.Conn, error) {
	select {
	case c := <-d.private:
		return c, nil
	case <-d.opened:
		return d.Listener.Accept()
	case <-d.closed:
		return nil, net.ErrClosed
	}
}

// dialInside connects to the broker behind the closed door, as kgo.Dialer wants it.
func (d *door) dialInside(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case d.private <- theirs:
		return ours, nil
	case <-d.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (d *door) openDoor() { close(d.opened) }

func (d *door) Close() error {
	d.once.Do(func() { close(d.closed) })
	return d.Listener.Close()
}
