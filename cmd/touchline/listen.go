package main

import (
	"context"
	"net"
	"net/http"
)

// listen is temporary until api.Server is there.
func (a *app) listen(ctx context.Context) error {
	l, err := net.Listen("tcp", a.cfg.Listen)
	if err != nil {
		return err
	}
	a.listening <- l.Addr().String()
	s := &http.Server{}
	go func() { <-ctx.Done(); s.Close() }()
	s.Serve(l)
	return nil
}
