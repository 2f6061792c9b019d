// Package engines starts what Touchline stands on, Kafka, a schema registry, Postgres and Redis, puts a proxy before
// each, and lets them crash and come back.
//
// Roles connect through the proxies; who observes or checks connects directly.
package engines

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/touchline/touchline/cmd/chaos/internal/proxy"
)

// Part is one of the engines that has proxies before it.
type Part string

// The parts.
const (
	Kafka    Part = "kafka"
	Postgres Part = "postgres"
	Redis    Part = "redis"
)

// ErrUnsupported says that these engines can't break like that.
var ErrUnsupported = errors.New("these engines can't do that")

// Addresses say where the parts are.
type Addresses struct {
	Brokers  []string
	Registry string
	Postgres string
	Redis    []string
}

// Env returns the addresses as settings of a role.
func (a Addresses) Env() []string {
	return []string{
		"TOUCHLINE_KAFKA_BROKERS=" + strings.Join(a.Brokers, ","),
		"TOUCHLINE_SCHEMA_REGISTRY_URL=" + a.Registry,
		"TOUCHLINE_POSTGRES_URL=" + a.Postgres,
		"TOUCHLINE_REDIS_URLS=" + strings.Join(a.Redis, ","),
	}
}

// Engines are the running parts.
type Engines interface {
	Direct() Addresses  // for who observes
	Proxied() Addresses // for the roles
	Replication() int   // of Kafka's topics

	// Crash ends a part, or one of its nodes, as a power cut would; Stop ends it in order; Start brings it back and
	// returns when it answers.
	Crash(part Part, node int) error
	Stop(ctx context.Context, part Part, node int) error
	Start(ctx context.Context, part Part, node int) error

	Proxies(part Part) []*proxy.Proxy
	Close() error
}

// proxies are the proxies before the parts.
type proxies map[Part][]*proxy.Proxy

// Proxies returns the proxies before a part.
func (p proxies) Proxies(part Part) []*proxy.Proxy { return p[part] }

// addProxies puts a proxy before the address, which may change: server is asked for every connection.
func (p proxies) addProxies(part Part, server func() string) (*proxy.Proxy, error) {
	one, err := proxy.Listen("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	one.Serve(server)
	p[part] = append(p[part], one)
	return one, nil
}

// openProxy puts a proxy before the server of a URL and returns the URL that leads through it.
func (p proxies) openProxy(part Part, raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", fmt.Errorf("read the address of %s: %w", part, err)
	}
	server := u.Host
	one, err := p.addProxies(part, func() string { return server })
	if err != nil {
		return "", err
	}
	u.Host = one.Addr()
	return u.String(), nil
}

func (p proxies) closeAll() error {
	var errs []error
	for _, of := range p {
		for _, one := range of {
			errs = append(errs, one.Close())
		}
	}
	return errors.Join(errs...)
}

// closers are what Close ends, in the reverse order of their starts.
type closers []func() error

func (c closers) closeAll() error {
	var errs []error
	for _, one := range slices.Backward(c) {
		errs = append(errs, one())
	}
	return errors.Join(errs...)
}
