// Package live is the feed: forecasts and events as they are committed, over a websocket or server-sent events.
//
// Vocabulary:
//
//   - The hub tails two topics, predictions and match-events, with one client that belongs to no group. It holds what is
//     current: the latest forecast of each model for every match that is not settled or was until lately.
//   - The positions are the next offset of each partition of both topics: how far the hub has applied the log.
//   - A cursor is positions with the ids of the topics, signed. It means: everything before was delivered on this
//     subscription, or superseded by what was.
//   - An image is what is current for a subscription, with the cursor at which it is true. A delta is a record after it.
//   - An outbox is a connection's bounded queue, emptied by the one goroutine that writes to it.
//
// Example:
//
//	hub, err := live.NewHub(live.Config{CursorKey: key}, kafkaOptions, serde, store, reference, logger, registerer)
//	go hub.Run(ctx)
//	mux.HandleFunc("GET /v1/ws", hub.ServeWebsocket)
//	mux.HandleFunc("GET /v1/stream", hub.ServeEvents)
//
// # Why there is no gap
//
// Start: the hub reads the current forecasts and the checkpoints of the tables in one repeatable-read transaction. A
// checkpoint moves in the transaction of the rows that it covers, so these forecasts are exactly the log up to these
// offsets, and there it begins to tail. Without tables, or with tables of another topic (the id differs), it begins at
// the start of the log, where nothing is current.
//
// Image: one mutex guards the positions, what is current and the list of subscriptions. A subscription takes its image,
// its cursor and its place in the list under it, and puts the image into the outbox before it lets go. A record is either
// applied before, then it is in the image, or after, then it is sent as a delta, behind the image. Matches that are no
// longer held are read from the tables before; the hub remembers the offset of their last forecast, and a table that is
// not so far yet is passed over for the record in the log.
//
// Resume: from a cursor the log is read up to the hub's positions of that moment; then, under the mutex, what has come
// since is taken from the ring of recent records and the subscription joins the list. If too much has come since, it is
// read from the log again first. A hub that is itself behind the cursor (another instance gave it) keeps back the
// records that the cursor covers.
//
// Conflation: an outbox over its bound drops, of one subscription and key, the older record for the newer, which goes to
// the end. So frames leave in the order of their positions, and a cursor that has left never covers a record that
// neither left nor was replaced by one still to come.
package live
