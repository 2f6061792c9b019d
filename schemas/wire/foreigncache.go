package wire

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// foreignCache remembers what became of the schema ids that frames of other writers had: the decoder, or the refusal,
// and which ids the registry did not know. It is bounded, and ids that nobody registered push out no schema. It is safe
// for concurrent use.
type foreignCache struct {
	verdicts *lru.Cache[foreignKey, verdict]
	unknown  *lru.Cache[int, time.Time] // id to when the registry did not know it
}

type foreignKey struct {
	id     int
	reader *format
}

// verdict is what was found out about a schema. It is final: a registry never changes the schema of an id.
type verdict struct {
	decoder *decoder
	refused error // why frames of this schema are undecodable; nil where there is a decoder
}

func newForeignCache() *foreignCache {
	verdicts, err := lru.New[foreignKey, verdict](maxForeign)
	if err != nil {
		panic(err) // the size is a constant over 0
	}
	unknown, err := lru.New[int, time.Time](maxUnknown)
	if err != nil {
		panic(err) // likewise
	}
	return &foreignCache{verdicts: verdicts, unknown: unknown}
}

// isUnknown reports whether the registry said a moment ago that it does not know the id.
func (c *foreignCache) isUnknown(id int) bool {
	at, ok := c.unknown.Get(id)
	return ok && time.Since(at) < unknownFor
}

// addUnknown remembers for a moment that the registry does not know the id.
func (c *foreignCache) addUnknown(id int) { c.unknown.Add(id, time.Now()) }
