// Package projections turns the log into what can be asked: Postgres tables and Redis keys.
//
//   - projections/postgres holds the tables and the projector that writes them from the log
//   - projections/cache keeps the latest forecasts in Redis
//   - projections/readmodel asks the tables
//   - projections/projectiontest starts real parts for tests
//
// Everything here can be thrown away and built again from the log. A projection never decides what football means: it
// writes down what the stages said. It reads no clock for anything that ends in a row's meaning, and it has no opinion
// on a forecast.
package projections
