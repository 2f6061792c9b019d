// Package projections turns the log into what can be queried: Postgres tables and Redis keys.
//
//   - projections/postgres has the tables and the projector that writes them from the log
//   - projections/cache keeps the latest forecasts in Redis
//   - projections/readmodel queries the tables
//   - projections/projectiontest starts real parts for tests
//
// Everything here can be thrown away and built again from the log. A projection never decides what football means: it
// writes the facts of the stages as they are. No value that has a meaning comes from the clock of the machine: only the
// columns that say when a row was written do.
package projections
