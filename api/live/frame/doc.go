// Package frame is what the server sends to a subscriber: frames, the messages of which frames are made, and the
// renderer that turns one into the other. docs/protocol.md describes the frames for clients.
//
// A message is queued for a connection as soon as a record arrives and is rendered by the goroutine that writes it, so
// that conflation drops messages before they cost anything. It carries all that its frame needs: rendering locks
// nothing of the board.
//
// Most subscribers get the same bytes. A Delta is a record with its rendered forms, shared by the messages of all who
// follow the tail.
package frame
