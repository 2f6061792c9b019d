// Package proxy stands between a client and a server on TCP and breaks what goes through: it cuts connections, delays
// bytes, or lets them vanish.
//
//	p, err := proxy.Listen("127.0.0.1:0")
//	p.Serve(func() string { return server })   // dialled anew for every connection: a server may come back elsewhere
//	p.Delay(200 * time.Millisecond)
//	p.Heal()
package proxy

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Proxy forwards connections from its listener to a server. It is safe for concurrent use.
type Proxy struct {
	listener net.Listener
	running  sync.WaitGroup

	mu     sync.Mutex
	delay  time.Duration
	healed chan struct{} // not nil while nothing comes through; closed by Heal
	pairs  map[*pair]bool
	closed bool
}

// pair is one connection of a client with its counterpart at the server.
type pair struct{ client, server net.Conn }

func (p *pair) closeBoth() {
	_ = p.client.Close() // both ends are given up, whatever they say
	_ = p.server.Close()
}

// Listen opens a proxy's listener. Clients that connect wait until Serve.
func Listen(address string) (*Proxy, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen as a proxy: %w", err)
	}
	return &Proxy{listener: listener, pairs: map[*pair]bool{}}, nil
}

// Addr returns the address that clients connect to.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Serve forwards connections to the address that server returns, until Close. It returns at once.
func (p *Proxy) Serve(server func() string) {
	p.running.Go(func() {
		for {
			client, err := p.listener.Accept()
			if err != nil {
				return
			}
			p.running.Go(func() { p.forward(client, server()) })
		}
	})
}

// Cut closes all connections of now. New ones pass.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for pair := range p.pairs {
		pair.closeBoth()
	}
}

// Delay holds every chunk of bytes back for that long, in both directions.
func (p *Proxy) Delay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// BlackHole lets nothing through and says nothing: connections stay open and silent until Heal.
func (p *Proxy) BlackHole() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.healed == nil {
		p.healed = make(chan struct{})
	}
}

// Heal ends delay and black hole. What waited goes on.
func (p *Proxy) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = 0
	if p.healed != nil {
		close(p.healed)
		p.healed = nil
	}
}

// Close ends the listener and all connections, and waits for their goroutines.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.Heal()
	p.Cut()
	err := p.listener.Close()
	p.running.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// forward connects a client to the server and copies both ways until one side ends.
func (p *Proxy) forward(client net.Conn, address string) {
	server, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		refuseConnection(client)
		return
	}
	both := &pair{client, server}
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		both.closeBoth()
		return
	}
	p.pairs[both] = true
	p.mu.Unlock()
	var copying sync.WaitGroup
	copying.Go(func() { p.pipeBytes(client, server); both.closeBoth() })
	copying.Go(func() { p.pipeBytes(server, client); both.closeBoth() })
	copying.Wait()
	p.mu.Lock()
	delete(p.pairs, both)
	p.mu.Unlock()
}

// refuseConnection ends a connection with a reset: the nearest to a refusal that is left once it was accepted.
func refuseConnection(client net.Conn) {
	if tcp, ok := client.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // if it fails, the end is an orderly one
	}
	_ = client.Close()
}

// pipeBytes copies from one connection to another, under the faults of now. A delay holds back whole chunks, so it
// slows as well: the next chunk is read only after the last was passed on.
func (p *Proxy) pipeBytes(from, to net.Conn) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			p.waitForFaults()
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// waitForFaults waits as the faults of now demand.
func (p *Proxy) waitForFaults() {
	p.mu.Lock()
	delay, healed := p.delay, p.healed
	p.mu.Unlock()
	if healed != nil {
		<-healed
	}
	if delay > 0 {
		time.Sleep(delay)
	}
}
