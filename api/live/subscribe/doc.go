// Package subscribe starts subscriptions: with an image, or after the cursor of a client that comes back. It brings
// together the board, which knows what is current, the log, which has everything, and the tables, which have old
// matches.
//
// Image: forecasts of a match that is not current are read from the tables first. The board remembers the offset of
// their last forecast, and a table that is not so far yet is passed over for the record in the log.
//
// Resume: from a cursor the log is read up to the board's positions of that moment; then the subscription joins the
// tail, with what has come since from the board's rings. If too much has come since, it is read from the log again
// first.
package subscribe
