package verify

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// predictionKeys begins the keys of the cache.
const predictionKeys = "touchline:prediction:"

// CacheEntry is what the cache has under a key.
type CacheEntry struct {
	Epoch     int64
	Partition int32
	Offset    int64
	Value     []byte
}

// ReadCache reads all forecasts of the masters.
func ReadCache(ctx context.Context, urls []string) (map[string]CacheEntry, error) {
	entries := map[string]CacheEntry{}
	for _, url := range urls {
		options, err := redis.ParseURL(url)
		if err != nil {
			return nil, err
		}
		client := redis.NewClient(options)
		err = readNode(ctx, client, entries)
		if err = errors.Join(err, client.Close()); err != nil {
			return nil, fmt.Errorf("read Redis at %s: %w", options.Addr, err)
		}
	}
	return entries, nil
}

func readNode(ctx context.Context, client *redis.Client, into map[string]CacheEntry) error {
	keys := client.Scan(ctx, 0, predictionKeys+"*", 1000).Iterator()
	for keys.Next(ctx) {
		key := keys.Val()
		fields, err := client.HGetAll(ctx, key).Result()
		if err != nil {
			if redis.HasErrorPrefix(err, "MOVED") {
				continue // a replica's copy of what its master is asked for
			}
			return err
		}
		if len(fields) == 0 {
			continue // it expired since
		}
		entry := CacheEntry{Value: []byte(fields["v"])}
		partition, err1 := strconv.ParseInt(fields["p"], 10, 32)
		entry.Partition = int32(partition)
		var err2, err3 error
		entry.Epoch, err2 = strconv.ParseInt(fields["e"], 10, 64)
		entry.Offset, err3 = strconv.ParseInt(fields["o"], 10, 64)
		if err := errors.Join(err1, err2, err3); err != nil {
			return fmt.Errorf("key %s: %w", key, err)
		}
		into[key] = entry
	}
	return keys.Err()
}

// CheckCache compares the cache with the topics: what it has is the newest record of its key, as it is in the topic.
// What it does not have is no fault: it may be flushed at any time.
func CheckCache(entries map[string]CacheEntry, facts *Facts) []Result {
	forecasts := Result{Name: "cache predictions"}
	for key, entry := range entries {
		name := strings.TrimPrefix(key, predictionKeys)
		match, model, _ := strings.Cut(strings.TrimPrefix(name, "{"), "}~")
		forecasts.countEntry(key, facts.newestForecast[comparableText(match, model)], entry)
	}
	return []Result{forecasts}
}

// countEntry compares an entry of the cache with what it should be. A stale one counts as lost: the newer value is not
// there.
func (r *Result) countEntry(key string, want, got CacheEntry) {
	r.Expected++
	r.Found++
	switch {
	case want.Epoch == 0:
		r.Foreign++
		r.addExample("%s is in no topic", key)
	case got.Epoch != want.Epoch || got.Offset != want.Offset || got.Partition != want.Partition:
		r.Lost++
		r.addExample("%s is of %d/%d/%d, the newest is at %d/%d/%d", key,
			got.Epoch, got.Partition, got.Offset, want.Epoch, want.Partition, want.Offset)
	case string(got.Value) != string(want.Value):
		r.Foreign++
		r.addExample("%s is not what is at %d/%d", key, want.Partition, want.Offset)
	}
}
