package local

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

const (
	loopback = "127.0.0.1"
	// Ports are taken from below the range that Linux gives to outgoing connections (32768 and up): an engine keeps its
	// ports while it is down, and nobody's outgoing connection may sit there when it comes back.
	leastPort, mostPort = 20000, 32000
)

// freePorts returns n ports that nobody listens on. All are held until the last is found, so they differ. Another
// process may take one before its engine does; the engine then says so in its log.
func freePorts(n int) (ports []int, err error) {
	var held []net.Listener
	defer func() {
		for _, l := range held {
			err = errors.Join(err, l.Close())
		}
	}()
	for tries := 0; len(ports) < n; tries++ {
		if tries > 100*n {
			return nil, fmt.Errorf("no %d free ports between %d and %d on %s", n, leastPort, mostPort, loopback)
		}
		port := leastPort + rand.IntN(mostPort-leastPort)
		l, err := net.Listen("tcp", address(port))
		if err != nil {
			continue
		}
		held, ports = append(held, l), append(ports, port)
	}
	return ports, nil
}

func address(port int) string { return net.JoinHostPort(loopback, strconv.Itoa(port)) }
