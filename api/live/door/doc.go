// Package door is where subscribers come in: connections over a websocket or server-sent events, what clients may ask
// on them, and the goroutines that write frames to them. docs/protocol.md describes it for clients.
//
// A websocket has a goroutine that reads what the client asks, one that writes, and one for each cursor that is being
// resumed. Server-sent events are one subscription whose filter is the query: a goroutine that writes, and one that
// starts it. Only the writer takes messages from the connection's outbox, and it renews the write deadline at every
// write.
package door
