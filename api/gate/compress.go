package gate

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// compressFrom is the size in bytes from which an answer is compressed. A smaller one fits into one packet either way.
const compressFrom = 1024

func newCompression() (Middleware, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(compressFrom))
	if err != nil {
		return nil, err
	}
	return func(next http.Handler) http.Handler { return wrap(next) }, nil
}

// compressAnswer compresses answers with zstd or gzip, as the client takes it. Streams compress their own frames or
// none: a compressor in between would keep events back.
func (g *Gate) compressAnswer(next http.Handler) http.Handler {
	compressed := g.compress(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if visitOf(r).stream {
			next.ServeHTTP(w, r)
			return
		}
		compressed.ServeHTTP(w, r)
	})
}
