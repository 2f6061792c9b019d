// Package board is what is current, and who gets what comes: the latest forecast of each model for every match
// that is not settled or was until lately, the last records of each partition, and the subscriptions.
//
// It is the only owner of its lock. Records go in (ApplyRecords) and come out as messages in the outboxes of the
// subscriptions that want them. It reads no log and writes to no connection, so that nothing under the lock waits.
//
// # Why there is no gap
//
// One mutex guards the positions, what is current and the list of subscriptions. A subscription takes its image, its
// cursor and its place in the list under it, and puts the image into the outbox before the lock is released. A record
// is either applied before, then it is in the image, or after, then it is sent as a delta, behind the image.
//
// A subscription that resumes joins at its own positions (JoinTail): what came since is taken from the ring of recent
// records, under the same lock. A board that is itself behind the positions (another instance gave the cursor) keeps
// back the records that they cover.
package board
