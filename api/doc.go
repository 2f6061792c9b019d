// Package api serves forecasts: resources over HTTP (rest), the live feed (live) and a page for people (page).
//
//	server, err := api.New(api.Config{Listen: ":8080", CursorKey: key}, api.Deps{...})
//	err = server.Run(ctx) // until ctx is done; nil when it was asked to stop
//
// The server listens at once, while the parts behind it are still warming: the page loads, /healthz answers, /readyz
// reports what is missing, resources answer 503 with Retry-After. It deliberately authenticates nobody; put a gateway
// before it.
package api
