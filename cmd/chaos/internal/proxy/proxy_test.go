package proxy

import (
	"io"
	"net"
	"testing"
	"time"
)

// through returns a proxy before an echo server, and a connection through it.
func through(t *testing.T) (*Proxy, net.Conn) {
	t.Helper()
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { echo.Close() })
	go func() {
		for {
			conn, err := echo.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(conn, conn) }()
		}
	}()
	p, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.Serve(func() string { return echo.Addr().String() })
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p, dial(t, p)
}

func dial(t *testing.T, p *Proxy) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// echoed sends a word and returns how long its echo took.
func echoed(t *testing.T, conn net.Conn) time.Duration {
	t.Helper()
	began := time.Now()
	say(t, conn)
	hear(t, conn)
	return time.Since(began)
}

func say(t *testing.T, conn net.Conn) {
	t.Helper()
	if _, err := conn.Write([]byte("goal")); err != nil {
		t.Fatal(err)
	}
}

func hear(t *testing.T, conn net.Conn) {
	t.Helper()
	word := make([]byte, 4)
	if _, err := io.ReadFull(conn, word); err != nil || string(word) != "goal" {
		t.Fatalf("got %q, %v", word, err)
	}
}

func TestACutEndsConnectionsAndLetsNewOnesPass(t *testing.T) {
	t.Parallel()
	p, conn := through(t)
	echoed(t, conn)
	p.Cut()
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("the connection outlived the cut")
	}
	echoed(t, dial(t, p))
}

func TestADelayHoldsBothDirections(t *testing.T) {
	t.Parallel()
	p, conn := through(t)
	echoed(t, conn)
	const delay = 50 * time.Millisecond
	p.Delay(delay)
	if took := echoed(t, conn); took < 2*delay {
		t.Errorf("there and back took %v, want %v or more", took, 2*delay)
	}
	p.Heal()
	if took := echoed(t, conn); took >= 2*delay {
		t.Errorf("healed, there and back took %v", took)
	}
}

func TestABlackHoleGivesBackWhatItSwallowed(t *testing.T) {
	t.Parallel()
	p, conn := through(t)
	echoed(t, conn)
	p.BlackHole()
	say(t, conn)
	if err := conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(make([]byte, 4)); n != 0 || err == nil {
		t.Fatalf("got %d bytes, %v out of a black hole", n, err)
	}
	if err := conn.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	p.Heal()
	hear(t, conn)
}

func TestAServerThatIsAwayIsARefusal(t *testing.T) {
	t.Parallel()
	p, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	p.Serve(func() string { return "127.0.0.1:1" })
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		return // the reset was quicker than the dial
	}
	defer conn.Close()
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("a byte came from nowhere")
	}
}
