// Package rest is the HTTP side of the read models.
//
// Resources are read-only. Lists are paginated with opaque cursors; answers carry an ETag and honour If-None-Match;
// what goes wrong is a problem document (RFC 9457) with a sentence about what to change. The OpenAPI document
// beside the code (api/openapi.yaml) is compared with the routes and real answers by a test.
//
// The latest forecast is what most requests want. It is looked for in this process (an LRU that the log's tail keeps
// right), then in Redis, then in Postgres; requests that miss together ask once.
//
// It deliberately does not authenticate, and it does not compute: everything that it shows, a stage has computed.
package rest
