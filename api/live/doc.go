// Package live is the feed: forecasts and events as they are committed, over a websocket or server-sent events.
//
//	hub, err := live.NewHub(live.Config{CursorKey: key}, live.Deps{Kafka: options, Serde: serde, ...})
//	go hub.Run(ctx)
//	mux.HandleFunc("GET /v1/ws", hub.ServeWebsocket)
//	mux.HandleFunc("GET /v1/stream", hub.ServeEvents)
//
// This package only puts the parts together. Each imports only those above it:
//
//	record     the vocabulary: records, positions, filters
//	cursor     positions as the signed text that clients keep
//	frame      messages, and how they become the JSON that clients get
//	outbox     a connection's bounded queue of messages, and conflation
//	board      what is current and who wants to know; the only owner of its lock
//	tail       reads Kafka: follows the log for the board, reads it again for those who come back
//	subscribe  starts a subscription: with an image, or after a cursor
//	door       websockets and server-sent events
//
// A record travels tail, board, outbox, door. A request travels door, subscribe, board.
//
// Words: an image is what is current for a subscription, with the cursor at which it is true. A delta is a record after
// it. A cursor means that everything before it was delivered on this subscription, or superseded by what was. Why there
// is no gap between image and deltas, nor after a resumption, is in the comments of board, tail and subscribe.
package live
