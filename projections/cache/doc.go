// Package cache keeps the latest forecasts in Redis, beside the tables and never instead of them.
//
// Vocabulary:
//
//   - A position (wire.Position) is where a value is in the log: epoch, partition, offset. Of two positions of one key
//     the one with the higher epoch, then the higher offset, is the newer.
//   - A put replaces a value only if it is not older: one script, one key, so it works on a cluster. Writers need not
//     agree on anything.
//   - A settled match's forecast is not put but deleted: nobody waits for it to move, and a miss is always right.
//     Readers who ask for it anyway fill it in.
//
// Example:
//
//	writer := cache.NewWriter(cache.Config{}, client, logger)
//	writer.PutPrediction(wire.Position{Epoch: 1, Partition: 0, Offset: 7}, match, "goals", football.InPlay, frame)
//	frame, position, err := cache.NewReader(cache.Config{}, client).Prediction(ctx, match, "goals")
//
// The writer never blocks and never fails its caller. It keeps the last value of each key until Redis has taken it;
// when Redis is away for so long that there are too many, it drops them all and, once Redis is back, is warmed from the
// table with every forecast that was written within one time to live: whatever Redis still has is that young, so no key
// stays behind. The same is done at each start, for the process before may have ended with values pending.
//
// It deliberately keeps no secrets of its own: the value is the record's frame as it is in the topic.
package cache
