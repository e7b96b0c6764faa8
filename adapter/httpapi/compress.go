package httpapi

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
)

// minCompressed is the least size, in bytes, of an answer that is compressed. A shorter
// one fits into a packet as it is.
const minCompressed = 1 << 10

// compress wraps h so that clients that accept gzip get JSON and YAML compressed, from
// minCompressed on, except from routes with a secret. Files of the app
// arrive compressed, and sockets stay as they are.
func compress(h http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(
		gzhttp.MinSize(minCompressed),
		gzhttp.CompressionLevel(gzip.BestSpeed),
		gzhttp.EnableZstd(false),
		gzhttp.ContentTypeFilter(compressible),
	)
	if err != nil {
		panic(fmt.Sprint("httpapi: ", err)) // an option above is wrong
	}
	compressing := wrap(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" { // a socket would hold the wrapper as long as it is open
			h.ServeHTTP(w, r)
			return
		}
		compressing(w, r)
	})
}

func compressible(contentType string) bool {
	mediaType, _, _ := strings.Cut(contentType, ";")
	switch mediaType {
	case "application/json", "application/problem+json", "application/yaml":
		return true
	}
	return false
}

// plain keeps the answers of a Handler from being compressed. Where a secret is compressed
// together with something that an attacker chooses, the size tells the secret, letter by
// letter: https://www.breachattack.com.
func plain(h Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set(gzhttp.HeaderNoCompression, "secret")
		return h(w, r)
	}
}
